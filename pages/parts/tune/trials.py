"""The runs of a search as a table, the best first; each is an ordinary run that other pages open."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.numbers import NO_VALUE, duration, percent, text_of
from core.store import Run, RunStatus
from pages.parts.shared.language import _
from pages.parts.shared.runs.labels import status_words
from pages.parts.shared.tables import show_table

if TYPE_CHECKING:
    from core.search.found import Found, Tried

# Of a long search the best; all of them stand in the table of the Compare page.
_SHOWN = 20


def show_trials(found: "Found", runs: Mapping[int, Run]) -> None:
    """Show the runs, the best first, and where to open them."""
    if not runs:
        return
    tried = {trial.number: trial for trial in found.trials}
    order = sorted(runs, key=lambda number: (-_accuracy(tried.get(number)), number))
    numbers = order[:_SHOWN]
    validation, time = _("Validation"), _("Time")
    columns = {_("Run"): [f"#{runs[number].number}" for number in numbers]}
    for one in found.plan.ranges:
        columns[_(one.tunable.title)] = [
            _value(_param(one.name, runs[number], tried.get(number))) for number in numbers
        ]
    columns[validation] = [_percent(tried.get(number)) for number in numbers]
    columns[_("How it stands")] = [_status(runs[number], tried.get(number)) for number in numbers]
    columns[time] = [_time(runs[number]) for number in numbers]
    st.subheader(_("Runs of this search"))
    with st.container(key="search_trials"):
        show_table(columns, numbers=(validation, time))
    if len(order) > _SHOWN:
        st.caption(_("The best {shown} of {count} runs.", shown=_SHOWN, count=len(order)))
    st.page_link(
        "pages/compare.py",
        label=_("Compare the best"),
        icon=":material/compare_arrows:",
        query_params={"runs": ",".join(runs[number].id for number in numbers[:4])},
    )


def _accuracy(trial: "Tried | None") -> float:
    if trial is None or trial.accuracy is None:
        return -1.0
    # What was stopped early is no rival of what was trained to its end.
    return trial.accuracy if trial.state == "complete" else trial.accuracy - 1


def _percent(trial: "Tried | None") -> str:
    return NO_VALUE if trial is None or trial.accuracy is None else percent(trial.accuracy)


def _param(name: str, run: Run, trial: "Tried | None") -> Any:
    if trial is not None:
        return trial.params.get(name)
    if name == "layers":
        return len(run.config.hidden_layers)
    if name in type(run.config).model_fields:
        return getattr(run.config, name)
    return getattr(run.config.hidden_layers[0], name) if run.config.hidden_layers else None


def _value(value: Any) -> str:
    if value is None:
        return NO_VALUE
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return text_of(float(f"{value:.3g}")) if isinstance(value, float) else _(str(value))


def _status(run: Run, trial: "Tried | None") -> str:
    if trial is not None and trial.state == "pruned":
        return _("stopped early by the search, after epoch {epoch}", epoch=run.whole_epochs)
    return status_words(run)


def _time(run: Run) -> str:
    if run.status is RunStatus.RUNNING or run.train_seconds is None:
        return NO_VALUE
    return duration(run.train_seconds)
