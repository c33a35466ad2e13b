"""From a press on Train to a run in the queue, within what this server allows."""

from contextlib import suppress
from functools import partial
from hashlib import blake2b
from ipaddress import ip_address, ip_network

import streamlit as st

from core.bring_back.network import Brought
from core.config import TrainingConfig
from core.config.teaching import teaching_config
from core.data.catalog import CATALOG
from core.errors import DigitLabError, JobError
from core.recipes import READY_MADE, matching_recipe
from core.store import Experiment, Request, Room, Run, RunStatus
from core.store.experiment_records import Plan
from core.store.files import ONNX_FILE
from core.store.teaching import lesson_of
from pages.parts.shared import handles, state
from pages.parts.shared.language import _
from pages.parts.shared.workspace import workspace

# A provider gives one customer at least so much of the newer internet's addresses.
_IPV6_NETWORK = 64


def room_for(config: TrainingConfig, *, is_new: bool = True) -> Room:
    """Return whether this server takes the run now, and in a sentence what it takes or why not.

    Without `is_new` one that is there already, and is to go on.
    """
    return handles.store().room_for(
        config,
        workspace=workspace(),
        limits=handles.settings(),
        address=_address(),
        training_images=training_images(config),
        places=handles.places(),
        is_new=is_new,
    )


def problem_with_more(config: TrainingConfig) -> str | None:
    """Say why this server cannot train a run that is there for longer, by these settings, or None."""
    try:
        room = room_for(config, is_new=False)
    except DigitLabError as error:
        return str(error)
    return None if room.allowed else room.sentence


def start_training(config: TrainingConfig, request: Request = Request.NONE, like: str | None = None) -> None:
    """Create a run of this browser and hand it to the workers.

    The page then shows it, unless a run of this browser that trains is on show: that one stays.
    With a `request` it takes that step and pauses. It learns the drawings of the run `like`, if any.
    """
    recipe = matching_recipe(config)
    try:
        run = handles.store().create(
            config,
            workspace=workspace(),
            recipe=recipe.name if recipe else None,
            address=_address(),
            limits=handles.settings(),
            training_images=training_images(config),
            request=request,
            like=like,
        )
    except DigitLabError as error:
        st.session_state[state.TRAIN_PROBLEM] = str(error)
        return
    watched = _own_that_trains()
    st.session_state[state.RUN_ID] = run.id if watched is None else watched
    # Without workers at present the run waits for them, and its panel says so.
    with suppress(JobError):
        handles.jobs().submit(run.id)


def start_fork(run_id: str, epoch: int, config: TrainingConfig) -> None:
    """Create a run of this browser that goes on from an epoch of another one; the page then shows it.

    Raises
    ------
    DigitLabError
        If that cannot be done.
    """
    recipe = matching_recipe(config)
    run = handles.store().fork(
        run_id,
        epoch,
        workspace=workspace(),
        config=config,
        recipe=recipe.name if recipe else None,
        address=_address(),
        limits=handles.settings(),
        training_images=training_images(config),
    )
    st.session_state[state.RUN_ID] = run.id
    st.session_state[state.PAGE_IS_BEHIND] = True
    st.query_params.pop("at_epoch", None)
    with suppress(JobError):
        handles.jobs().submit(run.id)


def start_lesson(run: Run | None, workspaces: list[str] | None) -> Run:
    """Create a run of this browser whose network, that of `run`, learns from labelled drawings.

    Parameters
    ----------
    run
        None for the network that comes with Digit Lab.
    workspaces
        Whose drawings; None for everybody's on this server.

    Raises
    ------
    DigitLabError
        If that cannot be done.
    """
    from core.prediction import lessons, onnx_layers, ready_made  # for those who draw

    opened = handles.store()
    drawings = opened.drawing_set(workspaces)
    content = opened.artifact(run.id, ONNX_FILE) if run else ready_made.ready_made_file()
    before = handles.network(run.id, run.finished_at) if run else handles.ready_made_network()
    config = run.config if run else READY_MADE.config
    images = training_images(config)
    lesson = lesson_of(
        drawings.images,
        drawings.labels,
        drawings.held_back,
        count_right=partial(lessons.count_right, before),
        test_accuracy_before=run.test_accuracy if run else _ready_made_accuracy(),
    )
    number = f"#{run.number}" if run else _("Ready-made")
    taught = opened.teach(
        teaching_config(config, images),
        onnx_layers.weights_of(content),
        lesson,
        workspace=workspace(),
        parent=run,
        name=_("{run} + {count} drawings", run=number, count=len(lesson.learnt_labels)),
        address=_address(),
        limits=handles.settings(),
        training_images=images,
    )
    with suppress(JobError):
        handles.jobs().submit(taught.id)
    return taught


def problem_with_experiment(plan: Plan, images: int) -> str | None:
    """Say why this server does not take an experiment now, or None; `images` are those to train with."""
    return handles.store().experiment_problem(
        plan, workspace=workspace(), limits=handles.settings(), address=_address(), training_images=images
    )


def start_experiment(
    plan: Plan, *, images: int, name: str | None = None, guess: str | None = None
) -> Experiment:
    """Create an experiment of this browser and have its runs made; see `RunStore.create_experiment`.

    Parameters
    ----------
    images
        Of the dataset, for training.

    Raises
    ------
    DigitLabError
        If that cannot be done.
    """
    experiment = handles.store().create_experiment(
        plan,
        workspace=workspace(),
        name=name,
        guess=guess,
        address=_address(),
        limits=handles.settings(),
        training_images=images,
    )
    handles.driver().wake()
    return experiment


def start_import(brought: Brought, scale: float, dataset: str, name: str) -> Run:
    """Create a run of this browser whose network, one from elsewhere, is to be evaluated.

    Parameters
    ----------
    scale
        What a pixel of 0 to 255 is multiplied by, where the network's file does not say.
    dataset
        On whose test images.
    name
        What the run is called.

    Raises
    ------
    DigitLabError
        If that cannot be done.
    """
    run = handles.store().bring(
        brought.network.config(dataset),
        brought.file(scale),
        workspace=workspace(),
        name=" ".join("".join(filter(str.isprintable, name)).split()) or None,
        address=_address(),
        limits=handles.settings(),
    )
    with suppress(JobError):
        handles.jobs().submit(run.id)
    return run


def _ready_made_accuracy() -> float | None:
    """Return what share of the test images the network that comes along reads; None without the images."""
    if handles.library().state(READY_MADE.config.dataset).status != "ready":
        return None  # nothing is fetched for one number
    with suppress(DigitLabError):
        return handles.ready_made_evaluation()[1].scores.accuracy
    return None


def _own_that_trains() -> str | None:
    """Return the run on show if it is one of this browser and trains."""
    on_show: str | None = st.session_state.get(state.RUN_SHOWN)
    if on_show is None:
        return None
    with suppress(DigitLabError):
        run = handles.store().get(on_show)
        if run.status is RunStatus.RUNNING and run.workspace == workspace():
            return on_show
    return None


def training_images(config: TrainingConfig) -> int:
    """Return how many training images the dataset of a configuration has."""
    return CATALOG[config.dataset].shapes["train_images"][0]


def _address() -> str | None:
    """Return where the visitor comes from, as a word that only tells equal from different.

    None on the machine itself. The database's address keys the hash: without it nobody can
    try out which internet address it was.
    """
    try:
        known = ip_address(st.context.ip_address or "")
    except ValueError:
        return None
    if known.version == 6:
        known = ip_network((known, _IPV6_NETWORK), strict=False).network_address
    key = blake2b(handles.settings().database.encode()).digest()
    return blake2b(known.packed, key=key, digest_size=12).hexdigest()
