"""Who may train what now: by cost, so that nobody takes the server from the others.

Everything here runs inside the transaction that writes the run, so of many presses at once no more
are taken than have room.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from core.config import TrainingConfig
from core.config.cost import check_cost, estimated_seconds, in_words
from core.errors import ConfigError, LimitExceeded
from core.sentences import say
from core.settings import Settings
from core.store.cells import readable
from core.store.clock import is_older
from core.store.drawing_choice import check_drawings
from core.store.experiment_records import Plan
from core.store.queries import conditions
from core.store.queue import in_turn, number, place_of_another
from core.store.records import ALIVE, ENDED, Run, RunStatus
from core.store.rows import run_from_row
from core.store.tables import calibrations, experiments, runs

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
    """

    allowed: bool
    sentence: str
    estimated_seconds: float


@dataclass
class _Load:
    """Seconds of training that are to come, and of how many runs of the asker's workspace and address."""

    in_all: float = 0.0
    workspace: float = 0.0
    address: float = 0.0
    workspace_runs: int = 0
    address_runs: int = 0

    def count(
        self, seconds: float, asker: Asker, workspace: str, address: str | None, is_alive: bool, is_left: bool
    ) -> None:
        """Count one run, or one experiment as a whole."""
        if is_alive:
            self.in_all += seconds
        if workspace == asker.workspace:
            self.workspace += seconds
            self.workspace_runs += 1
        if asker.address is not None and address == asker.address and not is_left:
            self.address += seconds
            self.address_runs += 1


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
    return _checked_cost(config, limits, training_images, speed_of_workers(connection))


def _checked_cost(
    config: TrainingConfig, limits: Settings | None, training_images: int, speed: float
) -> float:
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


def cost_of_experiment(
    connection: Connection,
    plan: Plan,
    limits: Settings | None,
    training_images: int,
    check: Callable[[TrainingConfig], None] = lambda _: None,
) -> float:
    """Return about how many seconds all runs of an experiment take together; `check` may refuse any.

    Raises
    ------
    LimitExceeded
        If one of them, or all together, cost too much for this server.
    """
    speed = speed_of_workers(connection)

    def of_run(config: TrainingConfig) -> float:
        check(config)
        return _checked_cost(config, limits, training_images, speed)

    seconds = plan.cost(of_run)
    if limits is not None and seconds > limits.max_experiment_seconds:
        raise LimitExceeded(
            say(
                "These {count} runs would take about {time} of training together; this server allows "
                "{allowed} for an experiment. Take fewer runs, fewer epochs or smaller networks.",
                count=plan.size,
                time=in_words(seconds),
                allowed=in_words(limits.max_experiment_seconds),
            )
        )
    return seconds


def check_room(
    connection: Connection,
    seconds: float,
    limits: Settings | None,
    asker: Asker,
    run_id: str | None = None,
    experiment_id: str | None = None,
) -> None:
    """Raise `LimitExceeded` if `seconds` more of training have no room.

    Parameters
    ----------
    seconds
        What the run costs from now on.
    run_id, experiment_id
        A run or an experiment that is there already and is to go on: it does not count twice.
    """
    if limits is None:
        return
    load = _load(connection, asker, run_id, experiment_id)
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
    connection: Connection,
    config: TrainingConfig,
    limits: Settings,
    asker: Asker,
    training_images: int,
    places: int,
    *,
    is_new: bool = True,
) -> Room:
    """Return whether a run, if new with its drawings, has room where `places` train at once; what waits."""
    try:
        seconds = checked_cost(connection, config, limits, training_images)
        check_room(connection, seconds, limits, asker)
        if is_new:
            check_drawings(connection, config, asker.workspace)
    except (LimitExceeded, ConfigError) as error:
        seconds = estimated_seconds(config, training_images, speed_of_workers(connection))
        return Room(False, str(error), seconds)
    queue = in_turn(connection)
    query = select(runs).where(*conditions(None, {RunStatus.RUNNING}))
    training = readable(connection.execute(query), run_from_row)
    before = [*training, *queue[: place_of_another(queue, asker.workspace)]]
    return Room(True, _sentence(seconds, before, places), seconds)


def _sentence(seconds: float, before: Sequence[Run], places: int) -> str:
    """Say what a run takes and, if it has to wait, for which runs, of which `places` train at once."""
    if len(before) < places:
        return say("Takes about {time}.", time=in_words(seconds))
    wait = in_words(sum(run.cost_left for run in before) / places)
    if len(before) == 1:
        return say(
            "Takes about {time}. One run is before it, so it begins in about {wait}.",
            time=in_words(seconds),
            wait=wait,
        )
    return say(
        "Takes about {time}. {count} runs are before it, so it begins in about {wait}.",
        time=in_words(seconds),
        count=len(before),
        wait=wait,
    )


def seconds_left_of(connection: Connection, experiment_id: str) -> float:
    """Return about how many seconds of training an experiment still needs, 0 once it has ended."""
    entries = _entries(connection)
    if experiment_id not in entries:
        return 0.0
    query = select(runs).where(*conditions(None, {*ALIVE, RunStatus.PAUSED}))
    of_it = connection.execute(query.where(runs.c.experiment == experiment_id))
    for run in readable(of_it, run_from_row):
        entries[experiment_id].begin(run)
    return entries[experiment_id].left


@dataclass
class _Entry:
    """What an experiment that has not ended still needs; its runs count in it and not by themselves."""

    workspace: str
    address: str | None
    is_paused: bool
    is_left: bool
    to_come: float
    begun: float = 0.0

    @property
    def left(self) -> float:
        # What was estimated may be used up by the time the last runs are being trained.
        return max(self.to_come, self.begun)

    def begin(self, run: Run) -> None:
        """Count what one of its runs that has not ended needs, and has had."""
        self.begun += run.cost_left
        self.to_come -= (run.cost_seconds or 0.0) - run.cost_left


def _entries(connection: Connection) -> dict[str, _Entry]:
    """Return the experiments that have not ended, with what their ended runs leave of their cost."""
    is_over = runs.c.status.in_(list(ENDED)) | runs.c.deleted_at.is_not(None)
    used = (
        select(func.sum(runs.c.cost_seconds))
        .where(runs.c.experiment == experiments.c.id, is_over)
        .scalar_subquery()
    )
    is_left = is_older(experiments.c.heartbeat_at, _PAUSED_SECONDS)
    query = select(
        experiments.c.id,
        experiments.c.workspace,
        experiments.c.address,
        experiments.c.status,
        experiments.c.cost_seconds,
        is_left.label("is_left"),
        used.label("used"),
    ).where(experiments.c.status.not_in(list(ENDED)), experiments.c.deleted_at.is_(None))
    return {
        row.id: _Entry(
            workspace=row.workspace,
            address=row.address,
            is_paused=row.status == RunStatus.PAUSED,
            is_left=row.status == RunStatus.PAUSED and bool(row.is_left),
            to_come=max(0.0, number(row.cost_seconds) - number(row.used)),
        )
        for row in connection.execute(query)
    }


def _load(connection: Connection, asker: Asker, run_id: str | None, experiment_id: str | None) -> _Load:
    is_left = and_(runs.c.status == RunStatus.PAUSED, is_older(runs.c.heartbeat_at, _PAUSED_SECONDS))
    query = select(runs, is_left.label("is_left")).where(*conditions(None, {*ALIVE, RunStatus.PAUSED}))
    load = _Load()
    entries = _entries(connection)
    # A run that cannot be read no worker can take either.
    for run, row in readable(connection.execute(query), lambda row: (run_from_row(row), row)):
        if run.experiment in entries:
            entries[run.experiment].begin(run)
            if run.id == run_id:
                entries[run.experiment].to_come -= run.cost_left
                entries[run.experiment].begun -= run.cost_left
            continue
        if run.id == run_id:
            continue
        load.count(run.cost_left, asker, run.workspace, row.address, run.status.is_alive, row.is_left)
    for entry_id, entry in entries.items():
        if entry_id != experiment_id:
            is_alive = not entry.is_paused
            load.count(entry.left, asker, entry.workspace, entry.address, is_alive, entry.is_left)
    return load
