"""What goes wrong with the run on show, in plain words, with a button to try what helps."""

import streamlit as st

from core.config import TrainingConfig
from core.config.differences import differences
from core.evaluation.diagnosis.advice import Finding, FindingKind
from core.evaluation.diagnosis.rules import diagnose
from core.numbers import percent, percent_number
from core.store import LayerVitals, Run, RunStatus
from core.store.watching import Watched
from pages.parts.shared import state
from pages.parts.shared.form_values import form_config, load_form
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

_ICONS: dict[FindingKind, str] = {
    "diverging": ":material/trending_up:",
    "dead": ":material/power_off:",
    "saturated": ":material/compress:",
    "overfitting": ":material/menu_book:",
    "stalled": ":material/horizontal_rule:",
}
# Those that are a share of each layer's units, under this name in `LayerVitals`.
_SHARES: tuple[FindingKind, ...] = ("dead", "saturated")


def show_findings(watched: Watched) -> None:
    """Show what is wrong with a run as it stands; nothing where nothing is."""
    run, vitals = watched.run, watched.vitals
    if not len(watched.curve):
        return
    has_failed = run.status is RunStatus.FAILED
    depends_on = "findings", run.config, run.steps_per_epoch, has_failed

    def find() -> list[Finding]:
        return diagnose(run.config, watched.curve, vitals, run.steps_per_epoch, has_failed=has_failed)

    for finding in watched.made(depends_on, find):
        # A run that has diverged says so itself, in the words of its ending.
        if not (has_failed and finding.kind == "diverging"):
            headline, seen, advice = (
                escape(_(words)) for words in (finding.headline, finding.seen, finding.advice)
            )
            st.warning(
                f"**{headline}.** {seen}\n\n{advice}",
                icon=_ICONS[finding.kind],
            )
        with st.container(horizontal=True, vertical_alignment="center", key=f"finding_{finding.kind}"):
            _try_button(run, finding)
            if form_config() == finding.remedy.as_it_counts():
                st.caption(_("The settings are filled in: press **Train**."))
            _shares(finding.kind, vitals)


def _try_button(run: Run, finding: Finding) -> None:
    st.button(
        _("Fill in the cure"),
        icon=":material/build:",
        key=f"try_{finding.kind}_{run.id}",
        help=_(
            "Fills in this run's settings with {changes}. Then press Train.",
            changes=_changes(run.config, finding.remedy),
        ),
        on_click=_try,
        args=(finding.remedy,),
    )


def _try(remedy: TrainingConfig) -> None:
    load_form(remedy)
    st.session_state[state.PAGE_IS_BEHIND] = True


def _changes(config: TrainingConfig, remedy: TrainingConfig) -> str:
    """Return what the remedy changes, in a line."""
    return ", ".join(f"{_(one.title)} {_(one.before)} → {_(one.now)}" for one in differences(remedy, config))


def _shares(kind: FindingKind, vitals: tuple[LayerVitals, ...]) -> None:
    """Show how the share of such units went in each layer."""
    if kind not in _SHARES:
        return
    parts = []
    for number in sorted({layer.layer for layer in vitals}):
        shares = [getattr(layer, kind) for layer in vitals if layer.layer == number]
        if shares[-1] is not None:
            course = f"{percent_number(shares[0], 0)} → {percent(shares[-1], 0)}"
            parts.append(_("hidden layer {number}: {course}", number=number, course=course))
    st.caption(_("From the first steps until now: {layers}.", layers=", ".join(parts)))
