"""The buttons of one run: pause, resume, single steps, stop; and how to go on once it has ended."""

from collections.abc import Callable
from functools import partial
from secrets import randbelow

import streamlit as st

from core.config import MAX_SEED, TrainingConfig, problem_with_value
from core.errors import ConfigError, DigitLabError
from core.numbers import text_of
from core.store import Request, Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.decimals import decimal_field, read_decimal
from pages.parts.shared.errors import show_error
from pages.parts.shared.launch import problem_with, start_training
from pages.parts.shared.runs.buttons import action_button
from pages.parts.shared.runs.ending import has_results
from pages.parts.shared.runs.speed import speed
from pages.parts.shared.workspace import workspace

_MORE_EPOCHS = 5


def show_controls(run: Run | None, *, can_begin: bool, begin: Callable[[str], None], begin_with: str) -> None:
    """Show Pause or Resume, Step and Stop: always all three, those that would do nothing disabled.

    Parameters
    ----------
    run
        That is on show; one of another browser is not steered from here.
    can_begin
        Whether a new run may be begun with a single step.
    begin, begin_with
        What that step is to call, and with what.
    """
    mine = run if run is not None and run.workspace == workspace() else None
    if mine is not None and mine.is_resumable:
        _resume_button(mine)
    else:
        _pause_button(mine)
    if mine is not None and mine.status is RunStatus.PAUSED:
        action_button(
            "Step",
            "skip_next",
            f"step_chunk_{mine.id}",
            _resume,
            mine.id,
            Request.STEP_CHUNK,
            help="Trains a moment, a few steps, and pauses again.",
        )
    else:
        is_alive = mine is not None and mine.status.is_alive
        st.button(
            "Step",
            icon=":material/skip_next:",
            key="first_step",
            disabled=is_alive or not can_begin,
            help="Pause first, then go on step by step."
            if is_alive
            else "Begins a new run with its first few steps, and pauses.",
            on_click=begin,
            args=(begin_with,),
        )
    _stop_button(mine)


def show_paused_tools(run: Run) -> None:
    """Show what else can be done with a paused run of this browser: a whole epoch, another learning rate."""
    if run.workspace != workspace() or run.status is not RunStatus.PAUSED:
        return
    action_button(
        "One epoch",
        "fast_forward",
        f"step_epoch_{run.id}",
        _resume,
        run.id,
        Request.STEP_EPOCH,
        help="Trains to the end of this epoch, looks at the validation images, and pauses again.",
    )
    _learning_rate(run)


def show_continuations(run: Run) -> None:
    """Show how an ended run can go on, or be trained again."""
    if has_results(run) and run.workspace == workspace():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _more_epochs(run)
    if run.status.is_ended:
        with st.container(horizontal=True):
            action_button(
                "Repeat exactly",
                "replay",
                f"again_{run.id}",
                _start,
                run.config,
                help="A new run with the same seed: the same first weights, the same order of images.",
            )
            action_button(
                "Repeat with other luck",
                "casino",
                f"new_weights_{run.id}",
                _start_with_new_weights,
                run.config,
                help="A new run with another seed: how much of the result is chance?",
            )


def _pause_button(run: Run | None) -> None:
    if run is None or not run.status.is_alive:
        st.button(
            "Pause", icon=":material/pause:", key="pause", disabled=True, help="Nothing is training here."
        )
        return
    asked = run.request
    action_button(
        "Pausing…" if asked is Request.PAUSE else "Pause",
        "pause",
        f"pause_{run.id}",
        _ask,
        run.id,
        Request.PAUSE,
        disabled=asked in (Request.PAUSE, Request.STOP),
        help="Saves the training as it is and lets other runs have the worker. Resume goes on exactly here.",
    )


def _learning_rate(run: Run) -> None:
    with st.popover("Learning rate", icon=":material/tune:", help="Change the learning rate from here on."):
        key = state.new_learning_rate(run.id)
        st.session_state.setdefault(key, text_of(run.config.learning_rate))
        _, problem = decimal_field(
            "Learning rate from here on",
            key,
            example=run.config.learning_rate,
            check=partial(problem_with_value, "learning_rate"),
            help="Smaller steps late in the training often find a slightly lower loss.",
        )
        if problem:
            show_error(problem)
        action_button("Use it", "check", f"set_rate_{run.id}", _set_learning_rate, run.id, key)


def _resume_button(run: Run) -> None:
    help_text = (
        "Goes on exactly where it was."
        if run.status is RunStatus.PAUSED
        else "Goes on from its last checkpoint. What was trained until then is kept."
    )
    action_button("Resume", "play_arrow", f"resume_{run.id}", _resume, run.id, help=help_text)


def _stop_button(run: Run | None) -> None:
    if run is None or run.status.is_ended:
        st.button("Stop", icon=":material/stop:", key="stop", disabled=True, help="Nothing is training here.")
        return
    asked = run.request is Request.STOP
    kept = "of its best whole epoch so far" if run.config.keeps_the_best else "as it is now"
    action_button(
        "Stopping…" if asked else "Stop",
        "stop",
        f"stop_{run.id}",
        _ask,
        run.id,
        Request.STOP,
        disabled=asked,
        help=f"Ends the training and keeps the network {kept}.",
    )


def _more_epochs(run: Run) -> None:
    key = state.more_epochs(run.id)
    more = st.number_input("More epochs", min_value=1, value=_MORE_EPOCHS, key=key, width=130)
    try:
        problem = problem_with(_longer(run, more))
    except DigitLabError as error:
        problem = str(error)
    action_button(
        f"Train {more} more epoch{'s' * (more > 1)}",
        "fast_forward",
        f"extend_{run.id}",
        _extend,
        run.id,
        key,
        disabled=problem is not None,
        help=problem or f"Goes on with this very network, to {run.whole_epochs + more} epochs in all.",
    )


def _ask(run_id: str, request: Request) -> None:
    run = handles.store().ask(run_id, request)
    if run.status is RunStatus.QUEUED:
        handles.jobs().submit(run_id)  # a paused run's network is written by a worker


def _resume(run_id: str, request: Request | None = None) -> None:
    handles.store().requeue(run_id, request or speed(), limits=handles.settings())
    handles.jobs().submit(run_id)


def _longer(run: Run, more: int) -> TrainingConfig:
    return TrainingConfig.build(run.config.model_dump() | {"epochs": run.whole_epochs + more})


def _extend(run_id: str, key: str) -> None:
    # The number as it was sent with the press, not as it stood when the button was drawn.
    config = _longer(handles.store().get(run_id), st.session_state[key])
    handles.store().extend(run_id, config.epochs, limits=handles.settings())
    handles.jobs().submit(run_id)


def _set_learning_rate(run_id: str, key: str) -> None:
    # The text as it was sent with the press, not as it stood when the button was drawn.
    rate, problem = read_decimal(st.session_state[key], example=0.001)
    if rate is None:
        raise ConfigError(f"Learning rate: {problem}")
    handles.store().set_learning_rate(run_id, rate)


def _start(config: TrainingConfig) -> None:
    start_training(config, speed())
    st.session_state[state.PAGE_IS_BEHIND] = True  # the panel is to show the new run


def _start_with_new_weights(config: TrainingConfig) -> None:
    seed = (config.seed + 1 + randbelow(MAX_SEED)) % (MAX_SEED + 1)  # any but this one
    _start(config.model_copy(update={"seed": seed}))
