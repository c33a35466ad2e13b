"""“Learn from these”: the chosen network is trained on with labelled drawings, and measured again."""

from contextlib import suppress

import streamlit as st

from core.config import DrawingsChoice, TrainingConfig, to_query
from core.config.teaching import LEAST_DRAWINGS
from core.errors import DigitLabError
from core.store import Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.announce import announce
from pages.parts.shared.errors import guarded_fragment, in_words, show_error, show_warning
from pages.parts.shared.form_values import default_dataset, form_config
from pages.parts.shared.language import _
from pages.parts.shared.launch import start_lesson
from pages.parts.shared.runs.ending import has_results
from pages.parts.shared.runs.labels import run_name
from pages.parts.shared.runs.learnt import learnt_in_words, show_learnt
from pages.parts.shared.workspace import workspace

_REFRESH_SECONDS = 0.5


def show_learning(run: Run | None) -> None:
    """Show the button that teaches a network the drawings of this browser, and what came of it.

    Parameters
    ----------
    run
        The run on show, which has learnt digits; None for the network that comes with Digit Lab.
    """
    if st.session_state.pop(state.PAGE_IS_BEHIND, False):
        st.rerun()  # this part alone cannot show another run
    own = [workspace()]
    count, of_all = handles.store().drawing_count(own), handles.store().drawing_count(None)
    with st.container(key="learning"):
        pooled = of_all > count and st.toggle(
            _("Everybody’s drawings ({count})", count=of_all),
            key=state.LEARN_FROM_ALL,
            persist_state="session",
            help=_(
                "Learn what all browsers on this server have labelled, for example those of a class, and "
                "measure with all that they held back."
            ),
        )
        workspaces = None if pooled else own
        to_learn = handles.store().drawing_set(workspaces, held_back=False)
        missing = max(0, LEAST_DRAWINGS - len(to_learn))
        taught = _taught()
        st.button(
            _("Learn from these"),
            icon=":material/school:",
            key="learn",
            disabled=missing > 0 or (taught is not None and taught.status.is_alive),
            help=_("Label {count} more drawings first; a third is held back to measure.", count=missing)
            if missing
            else _(
                "A new run begins with this network and learns {count} drawings, shifted, turned and slanted "
                "again and again, among images of its own dataset, so that it forgets nothing. Then the "
                "drawings held back and the test images are read once more.",
                count=len(to_learn),
            ),
            on_click=_learn,
            args=(run, workspaces),
        )
        if not missing:
            st.page_link(
                "pages/train.py",
                label=_("Train a new one with them"),
                icon=":material/model_training:",
                query_params=to_query(_settings("everyone" if pooled else "mine")),
                help=_("A network that learns them from its first step on, with the settings on Train."),
            )
        if problem := st.session_state.pop(state.LEARN_PROBLEM, None):
            show_error(problem)
        if taught is not None and not taught.status.is_ended:
            guarded_fragment(_progress, run_every=_REFRESH_SECONDS)(taught.id)
        elif taught is not None:
            _show_end(taught, is_on_show=run is not None and run.id == taught.id)
        if run is not None and (taught is None or taught.id != run.id) and has_results(run):
            show_learnt(run)


def _settings(drawings: DrawingsChoice) -> TrainingConfig:
    """Return the settings on Train, with these drawings among digits."""
    config = (form_config() or TrainingConfig()).model_copy(update={"drawings": drawings})
    return config if config.learns_drawings else config.model_copy(update={"dataset": default_dataset()})


def _learn(run: Run | None, workspaces: list[str] | None) -> None:
    try:
        st.session_state[state.TAUGHT_RUN] = start_lesson(run, workspaces).id
    except Exception as error:
        st.session_state[state.LEARN_PROBLEM] = in_words(error)


def _taught() -> Run | None:
    """Return the run that this session has begun here last, if it is still there."""
    run_id = st.session_state.get(state.TAUGHT_RUN)
    if run_id is None:
        return None
    with suppress(DigitLabError):
        return handles.store().get(run_id)
    del st.session_state[state.TAUGHT_RUN]
    return None


def _progress(run_id: str) -> None:
    """Show how far the learning is, until it has ended; the page then shows what came of it."""
    run = handles.store().get(run_id)
    if run.status.is_ended:
        st.rerun()
    if run.status is RunStatus.QUEUED:
        place = handles.store().queue_place(run_id) or 1
        words = _("Waits at place {place}", place=place)
    elif run.status is RunStatus.PAUSED:
        words = _("Paused in epoch {epoch} of {epochs}", epoch=run.epoch, epochs=run.config.epochs)
    elif run.steps_per_epoch:
        words = _("Learning: epoch {epoch} of {epochs}", epoch=run.epoch, epochs=run.config.epochs)
    else:
        words = _("Getting ready…")
    st.progress(min(1.0, run.epochs_done / run.config.epochs), text=words)


def _show_end(run: Run, *, is_on_show: bool) -> None:
    if run.status is RunStatus.FAILED or not has_results(run):
        show_warning(run.message or _("Stopped before anything was learnt."))
        return
    learnt = show_learnt(run)
    if learnt is not None:
        announce(learnt_in_words(learnt, run), "learnt")
    if not is_on_show:
        # Not a link: one to the page that is open is not followed.
        st.button(
            _("Draw with {run}", run=run_name(run, workspace())),
            icon=":material/draw:",
            key="draw_with",
            on_click=_put_on_show,
            args=(run.id,),
        )


def _put_on_show(run_id: str) -> None:
    st.query_params["run"] = run_id
    st.session_state[state.PAGE_IS_BEHIND] = True
