"""Who may train what now: by cost, so that nobody takes the server from the others.

Everything here runs inside the transaction that writes the run, so of many presses at once no more
are taken than have room.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from core.config import TrainingConfig
from core.config.cost import check_cost, estimated_seconds, in_words
from core.errors import LimitExceeded, RunUnreadable
from core.sentences import say
from core.settings import Settings
from core.store.clock import is_older
from core.store.queries import conditions, readable
from core.store.queue import in_turn, place_of_another
from core.store.records import ALIVE, RunStatus
from core.store.rows import run_from_row
from core.store.tables import calibrations, runs

# Images of the datasets, where nobody says how many there are.
TRAINING_IMAGES = 60_000
# Of what may wait in all and for an address, this share is for whoever has something waiting
# already. The rest is kept for newcomers.
_SHARE_OF_REGULARS = 0.75
# A paused run counts for its workspace as long as it is there, for its address only so long:
# a class shares one address, and who has gone home resumes nothing.
_PAUSED_SECONDS = 24 * 3_600.0
# What a machine was measured at counts so long; then it may be gone.
_CALIBRATION_SECONDS = 30 * 24 * 3_600.0


@dataclass(frozen=True)
class Asker:
    """Who asks: a browser, and the address of the internet that it comes from, if that is known."""

    workspace: str
    address: str | None = None


@dataclass(frozen=True)
class Room:
    """Whether one more run has room on this server.

    Attributes
    ----------
    allowed
        Whether it may be created now.
    sentence
        Why not, and what to do; or what it takes and what is before it.
    estimated_seconds
        Of this run.
    waiting_seconds
        Until it begins, with the workers of this server's settings.
    runs_before
        How many train or start before it.
    """

    allowed: bool
    sentence: str
    estimated_seconds: float
    waiting_seconds: float
    runs_before: int


@dataclass
class _Load:
    """Seconds of training that are to come, and of how many runs of the asker's workspace and address."""

    in_all: float = 0.0
    workspace: float = 0.0
    address: float = 0.0
    workspace_runs: int = 0
    address_runs: int = 0


def speed_of_workers(connection: Connection) -> float:
    """Return how fast the machines of the workers are on average, 1.0 if none was measured."""
    query = select(func.avg(calibrations.c.speed)).where(
        ~is_older(calibrations.c.measured_at, _CALIBRATION_SECONDS)
    )
    return float(connection.execute(query).scalar() or 1.0)


def checked_cost(
    connection: Connection, config: TrainingConfig, limits: Settings | None, training_images: int
) -> float:
    """Return about how many seconds a run takes; raise `LimitExceeded` if no run may cost so much."""
    speed = speed_of_workers(connection)
    if limits is None:
        return estimated_seconds(config, training_images, speed)
    config.check_limits(
        max_parameters=limits.max_parameters,
        max_epochs=limits.max_epochs,
        max_image_passes=limits.max_image_passes,
        training_images=training_images,
    )
    return check_cost(
        config,
        max_seconds=limits.max_run_seconds,
        max_bytes=limits.max_run_bytes,
        training_images=training_images,
        speed=speed,
    )


def check_room(
    connection: Connection, seconds: float, limits: Settings | None, asker: Asker, run_id: str | None = None
) -> None:
    """Raise `LimitExceeded` if `seconds` more of training have no room.

    Parameters
    ----------
    seconds
        What the run costs from now on.
    run_id
        A run that is there already and is to go on: it does not count twice.
    """
    if limits is None:
        return
    load = _load(connection, asker, run_id)
    mine = limits.max_waiting_seconds_per_workspace
    if load.workspace_runs and load.workspace + seconds > mine:
        raise LimitExceeded(
            say(
                "Your runs that train, wait or are paused need about {waiting} more, and this one "
                "about {seconds}; this server allows {allowed} a browser. Stop or delete one, or "
                "wait until one has ended.",
                waiting=in_words(load.workspace),
                seconds=in_words(seconds),
                allowed=in_words(mine),
            )
        )
    share = _SHARE_OF_REGULARS if load.workspace_runs else 1.0
    at_most = share * limits.max_waiting_seconds_per_address
    if load.address_runs and load.address + seconds > at_most:
        raise LimitExceeded(
            say(
                "About {waiting} of training are waiting from your internet connection already, as "
                "much as this server takes from one. Try again when some of them have ended.",
                waiting=in_words(load.address),
            )
        )
    share = _SHARE_OF_REGULARS if load.workspace_runs or load.address_runs else 1.0
    if load.in_all and load.in_all + seconds > share * limits.max_waiting_seconds:
        raise LimitExceeded(
            say(
                "About {waiting} of training are waiting on this server, as much as it takes. Try "
                "again in some minutes.",
                waiting=in_words(load.in_all),
            )
        )


def room(
    connection: Connection, config: TrainingConfig, limits: Settings, asker: Asker, training_images: int
) -> Room:
    """Return whether a new run has room, and what is before it."""
    queue = in_turn(connection)
    query = select(runs).where(*conditions(None, {RunStatus.RUNNING}))
    training = list(readable(connection.execute(query)))
    before = [*training, *queue[: place_of_another(queue, asker.workspace)]]
    is_waiting = len(before) >= limits.workers
    wait = sum(run.cost_left for run in before) / limits.workers if is_waiting else 0.0
    try:
        seconds = checked_cost(connection, config, limits, training_images)
        check_room(connection, seconds, limits, asker)
    except LimitExceeded as error:
        seconds = estimated_seconds(config, training_images, speed_of_workers(connection))
        return Room(False, str(error), seconds, wait, len(before))
    return Room(True, _sentence(seconds, wait, len(before), is_waiting), seconds, wait, len(before))


def _sentence(seconds: float, wait: float, runs_before: int, is_waiting: bool) -> str:
    """Say what a run takes and, if it has to wait, for what."""
    if not is_waiting:
        return say("Takes about {time}.", time=in_words(seconds))
    if runs_before == 1:
        return say(
            "Takes about {time}. One run is before it, so it begins in about {wait}.",
            time=in_words(seconds),
            wait=in_words(wait),
        )
    return say(
        "Takes about {time}. {count} runs are before it, so it begins in about {wait}.",
        time=in_words(seconds),
        count=runs_before,
        wait=in_words(wait),
    )


def _load(connection: Connection, asker: Asker, run_id: str | None) -> _Load:
    is_left = and_(runs.c.status == RunStatus.PAUSED, is_older(runs.c.heartbeat_at, _PAUSED_SECONDS))
    query = select(runs, is_left.label("is_left")).where(*conditions(None, {*ALIVE, RunStatus.PAUSED}))
    load = _Load()
    for row in connection.execute(query):
        try:
            run = run_from_row(row)
        except RunUnreadable:
            continue  # no worker can take it either
        if run.id == run_id:
            continue
        if run.status.is_alive:
            load.in_all += run.cost_left
        if run.workspace == asker.workspace:
            load.workspace += run.cost_left
            load.workspace_runs += 1
        if asker.address is not None and row.address == asker.address and not row.is_left:
            load.address += run.cost_left
            load.address_runs += 1
    return load
