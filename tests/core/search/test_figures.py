"""The figures of a search: with nothing, little and enough to show; in our words, colours and units."""

from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState, create_trial

from core.figures.palette import VALIDATION
from core.search.conductor import distribution_of
from core.search.figures import FIGURES, draw, figures_of, importances, missing, shown_study
from core.search.plans import StudyPlan
from tests.support.search_samples import RATE, UNITS, study_plan

OPTIMIZER = {"name": "optimizer", "choices": ["adam", "sgd"]}


def study_of(plan: StudyPlan, count: int) -> optuna.Study:
    """Return a study in which accuracy is a matter of the first setting alone, with one that was pruned."""
    study = optuna.create_study(directions=["maximize", "minimize"] if plan.is_two_fold else ["maximize"])
    draw_number = np.random.default_rng(1)
    distributions = {one.name: distribution_of(one) for one in plan.ranges}
    study.add_trial(
        create_trial(
            state=TrialState.PRUNED,
            params={one.name: one.ends[0] for one in plan.ranges},
            distributions=distributions,
        )
    )
    for _ in range(count):
        shares = draw_number.random(len(plan.ranges))
        accuracy = 0.9 + 0.09 * shares[0]
        study.add_trial(
            create_trial(
                values=[accuracy, 1e4 * (1 + shares[0])] if plan.is_two_fold else [accuracy],
                params={one.name: one.at(share) for one, share in zip(plan.ranges, shares, strict=True)},
                distributions=distributions,
            )
        )
    return study


def drawn(name: str, plan: StudyPlan, count: int) -> Any:
    shown = shown_study(study_of(plan, count), plan)
    settings = importances(shown)[: FIGURES[name].most_settings]
    return draw(name, shown, settings)


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize(
    "ranges", [[RATE], [OPTIMIZER], [RATE, UNITS, OPTIMIZER]], ids=["one", "choice", "three"]
)
@pytest.mark.parametrize("goal", ["accuracy", "parameters"])
def test_with_few_runs_there_is_a_figure_or_a_sentence(count: int, ranges: list[Any], goal: str) -> None:
    plan = study_plan(ranges=ranges, goal=goal)
    there = {0: set(), 1: {"history", "front", "slice"}, 3: {"history", "front", "slice", "parallel"}}[count]
    if count == 3 and len(ranges) == 3:
        there = there | {"contour"}
    assert {name for name in FIGURES if missing(name, count, plan) is None} == there
    for name in figures_of(plan):
        sentence = missing(name, count, plan)
        if sentence is None:
            figure = drawn(name, plan, count)
            assert figure.layout.title.text == FIGURES[name].title
            assert len(figure.data) > 0
        else:
            assert sentence.startswith("This figure ")
            assert sentence.endswith(".")
    if count == 0:
        assert len(draw("history", shown_study(study_of(plan, 0), plan)).data) == 0


def test_the_history_has_the_runs_by_their_numbers_and_the_best_so_far() -> None:
    plan = study_plan()
    study = study_of(plan, 8)
    dots, line = drawn("history", plan, 8).data
    accuracies = [trial.value for trial in study.trials[1:]]
    # Number 1 was pruned, and its name is not given to another.
    assert list(dots.x) == list(range(2, 10))
    assert list(dots.y) == accuracies
    assert list(line.y) == list(np.maximum.accumulate(accuracies))
    assert line.line.color == VALIDATION
    assert "trial %{x}" in dots.hovertemplate


def test_importance_finds_the_setting_that_matters() -> None:
    plan = study_plan(ranges=[RATE, UNITS, OPTIMIZER])
    shown = shown_study(study_of(plan, 40), plan)
    assert importances(shown)[0] == "Learning rate"
    (bars,) = draw("importance", shown).data
    assert sum(bars.x) == pytest.approx(1)
    assert bars.y[-1] == "Learning rate"


def test_lines_axes_and_slices_have_the_settings_titles() -> None:
    plan = study_plan(ranges=[RATE, UNITS, OPTIMIZER])
    assert set(drawn("parallel", plan, 5).layout.xaxis.ticktext) == {
        "validation accuracy",
        "Learning rate",
        "Units",
        "Optimizer",
    }
    # Choices as words, accuracies in percent.
    words = [annotation.text for annotation in drawn("parallel", plan, 5).layout.annotations]
    assert {"adam", "sgd"} <= set(words)
    assert sum(word.endswith(" %") for word in words) == 5
    sliced = drawn("slice", plan, 5)
    assert not [word for trace in sliced.data for word in trace.x if "'" in str(word)]
    assert sliced.layout.xaxis.title.text in ("Learning rate", "Units", "Optimizer")
    contour = draw("contour", shown_study(study_of(plan, 5), plan), ["Learning rate", "Units"])
    assert {contour.layout.xaxis.title.text, contour.layout.yaxis.title.text} == {"Learning rate", "Units"}
    assert contour.layout.xaxis.type == "log"


def test_the_front_has_what_nothing_beats_in_both() -> None:
    plan = study_plan(goal="parameters")
    study = study_of(plan, 12)
    others, best = drawn("front", plan, 12).data
    front = {(trial.values[1], trial.values[0]) for trial in study.best_trials}
    assert set(zip(best.x, best.y, strict=True)) == front
    assert list(best.x) == sorted(best.x)
    assert len(best.x) + len(others.x) == 12
    assert {int(number) for number in (*best.text, *others.text)} == set(range(2, 14))


def test_words_are_put_into_the_readers_language() -> None:
    plan = study_plan()
    shown = shown_study(study_of(plan, 3), plan, say=lambda words, **_: words.upper())
    figure = draw("history", shown, say=lambda words, **_: words.upper())
    assert figure.layout.title.text == "HISTORY"
    assert figure.layout.yaxis.title.text == "VALIDATION ACCURACY"
    assert list(shown.accuracy.trials[0].params) == ["LEARNING RATE", "UNITS"]


def test_one_run_has_no_axis_beyond_all_images_nor_trials_beside_it() -> None:
    plan = study_plan()
    for name in ("history", "slice"):
        low, high = drawn(name, plan, 1).layout.yaxis.range
        assert 0 <= low < high <= 1
        assert drawn(name, plan, 2).layout.yaxis.range is None
    assert drawn("history", plan, 1).layout.xaxis.range == (1.5, 2.5)  # the first one was pruned
