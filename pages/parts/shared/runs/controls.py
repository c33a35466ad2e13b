"""The buttons of one run: pause, resume, single steps, stop; and how to go on once it has ended."""

from collections.abc import Callable
from functools import partial
from secrets import randbelow

import streamlit as st

from core.config import MAX_SEED, TrainingConfig, problem_with_value
from core.errors import ConfigError, DigitLabError
from core.numbers import text_of
from core.sentences import say
from core.store import Request, Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.decimals import POPOVER_WIDTH, decimal_field, in_field, read_decimal
from pages.parts.shared.errors import show_error
from pages.parts.shared.language import _
from pages.parts.shared.launch import problem_with_more, start_training, training_images
from pages.parts.shared.runs.buttons import action_button
from pages.parts.shared.runs.ending import has_results
from pages.parts.shared.runs.speed import speed
from pages.parts.shared.words import escape
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
            _("Step"),
            "skip_next",
            f"step_chunk_{mine.id}",
            _resume,
            mine.id,
            Request.STEP_CHUNK,
            help=_("Trains a moment, a few steps, and pauses again."),
        )
    else:
        is_alive = mine is not None and mine.status.is_alive
        st.button(
            _("Step"),
            icon=":material/skip_next:",
            key="first_step",
            disabled=is_alive or not can_begin,
            help=_("Pause first, then go on step by step.")
            if is_alive
            else _("Begins a new run with its first few steps, and pauses."),
            on_click=begin,
            args=(begin_with,),
        )
    _stop_button(mine)


def show_paused_tools(run: Run) -> None:
    """Show what else can be done with a paused run of this browser: a whole epoch, another learning rate."""
    if run.workspace != workspace() or run.status is not RunStatus.PAUSED:
        return
    action_button(
        _("One epoch"),
        "fast_forward",
        f"step_epoch_{run.id}",
        _resume,
        run.id,
        Request.STEP_EPOCH,
        help=_("Trains to the end of this epoch, looks at the validation images, and pauses again."),
    )
    _learning_rate(run)


def show_continuations(run: Run) -> None:
    """Show how an ended run can go on, or be trained again."""
    if has_results(run) and run.workspace == workspace():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _more_epochs(run)
    if run.status.is_ended and (run.config.learns_drawings or not handles.store().has_lesson(run.id)):
        with st.container(horizontal=True):
            action_button(
                _("Repeat exactly"),
                "replay",
                f"again_{run.id}",
                _start,
                run.config,
                run.id,
                help=_("A new run with the same seed: the same first weights, the same order of images."),
            )
            action_button(
                _("Repeat with other luck"),
                "casino",
                f"new_weights_{run.id}",
                _start_with_new_weights,
                run.config,
                run.id,
                help=_("A new run with another seed: how much of the result is chance?"),
            )


def _pause_button(run: Run | None) -> None:
    if run is None or not run.status.is_alive:
        st.button(
            _("Pause"),
            icon=":material/pause:",
            key="pause",
            disabled=True,
            help=_("Nothing is training here."),
        )
        return
    asked = run.request
    action_button(
        _("Pausing…") if asked is Request.PAUSE else _("Pause"),
        "pause",
        f"pause_{run.id}",
        _ask,
        run.id,
        Request.PAUSE,
        disabled=asked in (Request.PAUSE, Request.STOP),
        help=_(
            "Saves the training as it is and lets other runs have the worker. Resume goes on exactly here."
        ),
    )


def _learning_rate(run: Run) -> None:
    with (
        st.popover(
            _("Learning rate"), icon=":material/tune:", help=_("Change the learning rate from here on.")
        ),
        st.container(width=POPOVER_WIDTH),
    ):
        key = state.new_learning_rate(run.id)
        st.session_state.setdefault(key, text_of(run.config.learning_rate))
        problem = decimal_field(
            _("Learning rate from here on"),
            key,
            example=run.config.learning_rate,
            check=partial(problem_with_value, "learning_rate"),
            help=_("Smaller steps late in the training often find a slightly lower loss."),
        )[1]
        if problem:
            show_error(problem)
        action_button(
            _("Use it"),
            "check",
            f"set_rate_{run.id}",
            _set_learning_rate,
            run.id,
            key,
            disabled=problem is not None,
        )


def _resume_button(run: Run) -> None:
    help_text = (
        _("Goes on exactly where it was.")
        if run.status is RunStatus.PAUSED
        else _("Goes on from its last checkpoint. What was trained until then is kept.")
    )
    action_button(_("Resume"), "play_arrow", f"resume_{run.id}", _resume, run.id, help=help_text)


def _stop_button(run: Run | None) -> None:
    if run is None or run.status.is_ended:
        st.button(
            _("Stop"),
            icon=":material/stop:",
            key="stop",
            disabled=True,
            help=_("Nothing is training here."),
        )
        return
    asked = run.request is Request.STOP
    action_button(
        _("Stopping…") if asked else _("Stop"),
        "stop",
        f"stop_{run.id}",
        _ask,
        run.id,
        Request.STOP,
        disabled=asked,
        help=_("Ends the training and keeps the network of its best whole epoch so far.")
        if run.config.keeps_the_best
        else _("Ends the training and keeps the network as it is now."),
    )


def _more_epochs(run: Run) -> None:
    key = state.more_epochs(run.id)
    more = st.number_input(_("More epochs"), min_value=1, value=_MORE_EPOCHS, key=key, width=130)
    try:
        problem = problem_with_more(_longer(run, more))
    except DigitLabError as error:
        problem = str(error)
    action_button(
        _("Train {count} more epochs", count=more) if more > 1 else _("Train 1 more epoch"),
        "fast_forward",
        f"extend_{run.id}",
        _extend,
        run.id,
        key,
        disabled=problem is not None,
        help=escape(_(problem))
        if problem
        else _("Goes on with this very network, to {epochs} epochs in all.", epochs=run.whole_epochs + more),
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
    handles.store().extend(
        run_id, config.epochs, limits=handles.settings(), training_images=training_images(config)
    )
    handles.jobs().submit(run_id)


def _set_learning_rate(run_id: str, key: str) -> None:
    # The text as it was sent with the press, not as it stood when the button was drawn.
    rate, problem = read_decimal(st.session_state[key], example=0.001)
    if rate is None:
        raise ConfigError(in_field(say("Learning rate"), str(problem)))
    handles.store().set_learning_rate(run_id, rate)


def _start(config: TrainingConfig, like: str) -> None:
    start_training(config, speed(), like)
    st.session_state[state.PAGE_IS_BEHIND] = True  # the panel is to show the new run


def _start_with_new_weights(config: TrainingConfig, like: str) -> None:
    seed = (config.seed + 1 + randbelow(MAX_SEED)) % (MAX_SEED + 1)  # any but this one
    _start(config.model_copy(update={"seed": seed}), like)
