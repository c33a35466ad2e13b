"""“Train on from here”: a new run from a kept epoch of this one, and where such a run came from."""

from functools import partial

import streamlit as st

from core.config import MAX_EPOCHS, TrainingConfig, problem_with_value
from core.errors import ConfigError
from core.numbers import text_of
from core.sentences import say
from core.store import Run, RunStatus
from core.store.forks import config_at
from core.store.snapshots import plan_snapshots
from pages.parts.shared import handles, state
from pages.parts.shared.decimals import POPOVER_WIDTH, decimal_field, in_field, read_decimal
from pages.parts.shared.errors import show_error
from pages.parts.shared.language import _
from pages.parts.shared.launch import start_fork
from pages.parts.shared.runs.buttons import action_button
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace


def show_train_on(run: Run, epoch: int | None) -> None:
    """Show the button that trains a run of this browser on from an epoch; None, as it is now, has others."""
    is_at_rest = run.status.is_ended or run.status is RunStatus.PAUSED
    if epoch is None or not is_at_rest or run.workspace != workspace():
        return
    plan = plan_snapshots(run.config, handles.settings().max_snapshot_bytes)
    if not plan.are_whole:
        return  # the slider has said why
    config = config_at(run, epoch)
    here = _("the untrained network") if epoch == 0 else _("epoch {epoch}", epoch=epoch)
    epochs_key, rate_key = state.fork_epochs(run.id, epoch), state.fork_rate(run.id, epoch)
    with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
        button_place = st.container(width="content")
        with st.popover(_("Change first"), icon=":material/tune:"), st.container(width=POPOVER_WIDTH):
            least = min(epoch + 1, MAX_EPOCHS)
            st.session_state.setdefault(epochs_key, max(least, config.epochs))
            st.number_input(_("Epochs in all"), least, MAX_EPOCHS, key=epochs_key)
            st.session_state.setdefault(rate_key, text_of(config.learning_rate))
            problem = decimal_field(
                _("Learning rate from here on"),
                rate_key,
                example=config.learning_rate,
                check=partial(problem_with_value, "learning_rate"),
                help=_("All other settings stay as they were."),
            )[1]
            if problem:
                show_error(problem)
        with button_place:
            action_button(
                _("Train on from {here}", here=here),
                "alt_route",
                f"fork_{run.id}",
                _fork,
                run.id,
                epoch,
                epochs_key,
                rate_key,
                disabled=problem is not None,
                help=escape(_(problem))
                if problem
                else _(
                    "A new run that begins with this network. With the same settings it ends just as this."
                ),
            )


def show_parent(run: Run) -> None:
    """Say of a run that goes on from an epoch of another one which that was, with the way to it."""
    if run.parent is None:
        return
    at = _("epoch {epoch}", epoch=run.fork_epoch) if run.fork_epoch else _("the untrained network")
    st.page_link(
        "pages/train.py",
        label=_("Goes on from {at} of run #{number}", at=at, number=run.parent_number),
        icon=":material/alt_route:",
        query_params={"run": run.parent},
    )


def _fork(run_id: str, epoch: int, epochs_key: str, rate_key: str) -> None:
    # As they were sent with the press, not as they stood when the button was drawn.
    config = config_at(handles.store().get(run_id), epoch)
    rate, problem = read_decimal(st.session_state[rate_key], example=config.learning_rate)
    if rate is None:
        raise ConfigError(in_field(say("Learning rate"), str(problem)))
    changes = {"epochs": st.session_state[epochs_key], "learning_rate": rate}
    start_fork(run_id, epoch, TrainingConfig.build(config.model_dump() | changes))
