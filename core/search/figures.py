"""The figures of a search: Optuna's own, in our words and colours, readable on white and on black.

A study that is shown is a copy in memory, whose settings have their titles as names and whose trials are
those with a result. The database is asked once and never while a figure is drawn.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import optuna
from optuna.trial import TrialState, create_trial
from plotly import graph_objects as go
from plotly.colors import sample_colorscale

from core.figures.palette import NEUTRAL, TRAINING, VALIDATION
from core.numbers import percent
from core.search.axes import range_of, unquote
from core.search.conductor import distribution_of
from core.search.plans import Goal, StudyPlan
from core.sentences import say

if "sklearn" in sys.modules:
    import optuna.importance
else:
    # Where scikit-learn is installed Optuna would load it, 160 MB, for estimates that are not used here.
    sys.modules["sklearn"] = None  # type: ignore[assignment]
    try:
        import optuna.importance
    finally:
        del sys.modules["sklearn"]
from optuna import visualization

Say = Callable[..., str]
HEIGHT = 380
# From the worst run to the best: told apart by colour-blind readers, in sight on white and on black.
_SCALE = [[0.0, TRAINING], [0.5, NEUTRAL], [1.0, VALIDATION]]
# What no run of ours is, because none has constraints.
_FOREIGN = "Infeasible Trial"
_GOALS: Mapping[Goal, str] = {
    "accuracy": "",
    "parameters": say("parameters"),
    "seconds": say("seconds of training"),
}


@dataclass(frozen=True)
class FigureKind:
    """One way to look at a search.

    Attributes
    ----------
    title, caption
        What it is called, and what to look for in it.
    least
        So many finished runs are needed.
    settings
        So many settings that vary are needed.
    most_settings
        More than so many are not drawn at once.
    """

    title: str
    caption: str
    least: int = 1
    settings: int = 1
    most_settings: int = 20


FIGURES: Mapping[str, FigureKind] = {
    "history": FigureKind(
        say("History"),
        say("A dot is a run, the line the best so far. Once the line stays level, more runs find little."),
    ),
    "front": FigureKind(
        say("Pareto front"),
        say("On the line nothing is better in both: more of the one costs some of the other."),
    ),
    "parallel": FigureKind(
        say("Parallel coordinates"),
        say("A line is a run. Where the orange lines, the best ones, meet, that setting matters."),
        least=2,
    ),
    "importance": FigureKind(
        say("Importance"),
        say("How much of the difference between good and other runs goes with each setting (PED-ANOVA)."),
        least=4,
        settings=2,
    ),
    "slice": FigureKind(
        say("Slice"),
        say("Each setting by itself, against what came of it. Later runs are more orange."),
        most_settings=4,
    ),
    "contour": FigureKind(
        say("Contour"),
        say("Two settings together. Orange is where it is best; between the dots it is a guess."),
        least=3,
        settings=2,
        most_settings=2,
    ),
}


def figures_of(plan: StudyPlan) -> list[str]:
    """Return the names of the figures that a search has."""
    return [name for name in FIGURES if name != "front" or plan.is_two_fold]


def missing(name: str, finished: int, plan: StudyPlan) -> str | None:
    """Say what a figure still needs before it shows anything, or None."""
    kind = FIGURES[name]
    if len(plan.ranges) < kind.settings:
        return say("This figure needs at least {count} settings that vary.", count=kind.settings)
    if finished >= kind.least:
        return None
    if kind.least == 1:
        return say("This figure comes with the first run that has been trained to its end.")
    return say(
        "This figure comes with {least} runs that have been trained to their end; {count} have been so far.",
        least=kind.least,
        count=finished,
    )


@dataclass(frozen=True)
class Shown:
    """Copies of a study in memory, of the trials that have been trained to their end.

    Attributes
    ----------
    accuracy
        With validation accuracy alone.
    both
        With both goals, where there are two.
    goal
        The second one.
    """

    accuracy: optuna.Study
    both: optuna.Study | None
    goal: Goal

    @property
    def finished(self) -> int:
        """How many runs there are."""
        return len(self.accuracy.get_trials(deepcopy=False))


def shown_study(study: optuna.Study, plan: StudyPlan, *, say: Say = say) -> Shown:
    """Return a study as figures show it: settings by their titles, trials as their runs are numbered."""
    translated = say  # of words that are marked where they stand
    titles = {one.name: translated(one.tunable.title) for one in plan.ranges}
    distributions = {titles[one.name]: distribution_of(one) for one in plan.ranges}
    shown = Shown(_in_memory(study, 1), _in_memory(study, 2) if plan.is_two_fold else None, plan.goal)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        for copy in filter(None, (shown.accuracy, shown.both)):
            copy.add_trial(
                create_trial(
                    values=trial.values[: len(copy.directions)],
                    params={titles[name]: value for name, value in trial.params.items() if name in titles},
                    distributions=distributions,
                    user_attrs={"number": trial.number + 1},
                )
            )
    return shown


def _in_memory(study: optuna.Study, goals: int) -> optuna.Study:
    return optuna.create_study(directions=study.directions[:goals], storage=optuna.storages.InMemoryStorage())


def importances(shown: Shown) -> list[str]:
    """Return the titles of the settings, the most important for accuracy first."""
    trials = shown.accuracy.get_trials(deepcopy=False)
    names = list(trials[0].params) if trials else []
    if len(trials) < FIGURES["importance"].least or len(names) < FIGURES["importance"].settings:
        return names
    found = optuna.importance.get_param_importances(shown.accuracy)
    return [*found, *(name for name in names if name not in found)]


def draw(name: str, shown: Shown, settings: list[str] | None = None, *, say: Say = say) -> go.Figure:
    """Return a figure of a search; empty and titled where it has no trial yet.

    Parameters
    ----------
    settings
        The titles of those that are drawn, where not all are.
    say
        Puts the words of the chart into the language of who looks at it.
    """
    translated = say  # of words that are marked where they stand
    study, accuracy = shown.accuracy, say("validation accuracy")
    numbers = {trial.number: trial.user_attrs["number"] for trial in study.get_trials(deepcopy=False)}
    title = translated(FIGURES[name].title)
    if not numbers:
        return _dressed(go.Figure(), title)
    match name:
        case "history":
            figure = visualization.plot_optimization_history(study, target_name=accuracy)
            _name_history(figure, numbers, say)
        case "front":
            assert shown.both is not None
            figure = visualization.plot_pareto_front(
                shown.both, targets=_both, target_names=[translated(_GOALS[shown.goal]), accuracy]
            )
            _name_front(figure, numbers, say)
        case "parallel":
            figure = visualization.plot_parallel_coordinate(study, settings, target_name=accuracy)
            _name_parallel(figure, [trial.values[0] for trial in study.get_trials(deepcopy=False)])
        case "importance":
            figure = visualization.plot_param_importances(study)
            _name_bars(figure, say)
        case "slice":
            figure = visualization.plot_slice(study, settings, target_name=accuracy)
            _name_dots(figure, numbers, say)
        case _:
            figure = visualization.plot_contour(study, settings, target_name=accuracy)
            _name_contour(figure)
    unquote(figure)
    figure.data = [trace for trace in figure.data if trace.name != _FOREIGN]
    if name in ("history", "front", "slice"):
        figure.update_yaxes(
            tickformat=".4~p", range=range_of([trial.values[0] for trial in study.get_trials(deepcopy=False)])
        )
    return _dressed(figure, title)


def _both(trial: optuna.trial.FrozenTrial) -> tuple[float, float]:
    return float(trial.values[1]), float(trial.values[0])


def _name_bars(figure: go.Figure, say: Say) -> None:
    figure.update_traces(
        marker_color=TRAINING, hovertemplate="%{y}: %{x:.0%}<extra></extra>", texttemplate="%{x:.0%}"
    )
    figure.update_xaxes(
        title_text=say("share of the difference"), tickformat=".0%", range=[0, 1.1], fixedrange=True
    )
    figure.update_yaxes(title_text="", fixedrange=True)


def _name_contour(figure: go.Figure) -> None:
    figure.update_traces(colorscale=_SCALE, reversescale=False, selector={"type": "contour"})
    # What it counts stands in the caption: on a phone a title would take half of the width.
    colorbar = {"tickformat": ".4~p", "thickness": 12, "title": {"text": ""}}
    figure.update_traces(colorbar=colorbar, selector={"type": "contour"})
    figure.update_xaxes(nticks=4, tickangle=0)
    figure.update_traces(
        marker={"color": "#FFFFFF", "line": {"color": "#000000", "width": 1}, "size": 7},
        selector={"type": "scatter"},
    )


def _name_history(figure: go.Figure, numbers: Mapping[int, int], say: Say) -> None:
    for trace in figure.data:
        if trace.name == _FOREIGN:
            continue
        trace.x = [numbers.get(number, number) for number in trace.x or ()]
        hover = say("trial {number}: {accuracy}", number="%{x}", accuracy="%{y:.2%}")
        trace.hovertemplate = f"{hover}<extra></extra>"
        if trace.mode == "lines":
            trace.update(name=say("best so far"), line={"color": VALIDATION, "width": 3, "shape": "hv"})
        else:
            trace.update(name=say("a run"), marker={"color": TRAINING, "size": 8})
    figure.update_xaxes(title_text=say("trial"), tickformat="d", dtick=max(1, len(numbers) // 5))
    if len(numbers) == 1:
        (only,) = numbers.values()
        figure.update_xaxes(range=[only - 0.5, only + 0.5])
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})


def _name_front(figure: go.Figure, numbers: Mapping[int, int], say: Say) -> None:
    """Give the best runs a line, and tell of each dot which run it is."""
    for trace, is_best in zip(figure.data, (False, True), strict=False):
        points = sorted(zip(trace.x, trace.y, map(_number, trace.text or ()), strict=True))
        trace.x, trace.y = [point[0] for point in points], [point[1] for point in points]
        trace.text = [str(numbers.get(point[2], point[2] + 1)) for point in points]
        what = say("trial {number}: {accuracy}", number="%{text}", accuracy="%{y:.2%}")
        trace.update(
            hovertemplate=f"{what}, %{{x:,.4~g}}<extra></extra>",
            name=say("on the front") if is_best else say("beaten by another"),
            showlegend=True,
            mode="lines+markers" if is_best else "markers",
            marker={
                "color": VALIDATION if is_best else NEUTRAL,
                "size": 11 if is_best else 8,
                "showscale": False,
            },
        )
        if is_best:
            trace.line = {"color": VALIDATION, "width": 2, "shape": "hv"}
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})


def _number(text: str) -> int:
    """Return the number of the trial that a hover text of Optuna's tells of."""
    return int(json.loads(text.replace("<br>", ""))["number"])


def _name_parallel(figure: go.Figure, accuracies: Sequence[float]) -> None:
    """Colour the lines by their place on the first axis, which tells accuracies."""
    lowest, highest = min(accuracies), max(accuracies)
    for trace in figure.data:
        if trace.mode != "lines":
            trace.marker.showscale = False  # the first axis says the same
            continue
        share = min(1.0, max(0.0, float(trace.y[0])))
        # The best ones are to be seen among many.
        trace.update(
            line={"color": sample_colorscale(_SCALE, [share])[0], "width": 1.5 + 1.5 * share},
            opacity=0.6 + 0.4 * share,
        )
    for annotation in figure.layout.annotations:
        annotation.font.color = NEUTRAL
        if annotation.x == 0:
            annotation.text = percent(lowest + annotation.y * (highest - lowest))
        annotation.text = annotation.text.strip("'")
    figure.update_layout(plot_bgcolor=None)


def _name_dots(figure: go.Figure, numbers: Mapping[int, int], say: Say) -> None:
    for trace in figure.data:
        if trace.marker.color is not None:
            trace.marker.update(colorscale=_SCALE, size=8, line={"width": 0})
            trace.marker.colorbar.update(title={"text": say("trial")}, xpad=10, thickness=12)
            trace.marker.color = [numbers.get(number, number) for number in trace.marker.color]
        trace.hovertemplate = "%{x}: %{y:.2%}<extra></extra>"
    figure.update_xaxes(nticks=3, tickangle=0, selector={"type": "log"})


def _dressed(figure: go.Figure, title: str) -> go.Figure:
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        axis.exponentformat = "none"  # 0.0001, not 100µ
    # Streamlit's theme gives what is left open: fonts, grid, background, light or dark.
    figure.update_layout(
        template=None,
        title={"text": title, "font": {"size": 15}, "x": 0, "y": 0.98, "yref": "container", "yanchor": "top"},
        height=HEIGHT,
        margin={"l": 60, "r": 10, "t": 60, "b": 50},
    )
    return figure
