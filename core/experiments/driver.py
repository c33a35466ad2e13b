"""Driver: looks after the experiments of the store, for as long as the process lives.

An experiment is one entry of the queue: of its runs only as many wait or train as there are places for,
so it takes its turn like any other. The next are made as others end.

Where one stands is in the store alone. Each is looked after by one driver; where its process dies another's
takes over after `SILENT_SECONDS`, and a run that has been made is never made again.
"""

import logging
import os
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from core.data.catalog import CATALOG
from core.errors import ClaimLost, ConfigError, DigitLabError, StoreError, StoreUnavailable
from core.experiments.conductors import Conductor, FixedConductor, MakeConductor
from core.experiments.plans import FIXED_KINDS
from core.sentences import say
from core.store import Experiment, Request, RunStatus, RunStore, Trial

_log = logging.getLogger(__name__)

# How often to look while experiments go on, and while none does.
_WATCH_SECONDS = 0.5
_IDLE_SECONDS = 3.0
_CLOSE_SECONDS = 5.0
# An experiment that fails so often, for another reason than trouble with the store, will never go on.
_MOST_FAILURES = 5


class Driver:
    """Makes the runs of experiments as places become free, and ends them.

    Parameters
    ----------
    store
        Whose experiments these are.
    places
        Returns how many runs the workers can train at a time.
    hand_over
        Called with the id of each run that was made.
    conductors
        What decides over experiments of further kinds.
    """

    def __init__(
        self,
        store: RunStore,
        places: Callable[[], int],
        hand_over: Callable[[str], None] = lambda run_id: None,
        conductors: Mapping[str, MakeConductor] | None = None,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._store = store
        self._places = places
        self._hand_over = hand_over
        self._makers: dict[str, MakeConductor] = dict.fromkeys(FIXED_KINDS, FixedConductor)
        self._makers |= conductors or {}
        self._conductors: dict[MakeConductor, Conductor] = {}
        self._failures: Counter[str] = Counter()
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look after experiments, from a thread of its own; returns at once."""
        self._thread = threading.Thread(target=self._work, name="experiments", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Have it look now: something was asked for, or a run has ended."""
        self._wake.set()

    def close(self) -> None:
        """Let go of all experiments; another process takes them over at once."""
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_SECONDS)  # a database that is away is not waited for
        try:
            self._store.release_experiments(self.name)
        except StoreError as error:
            _log.warning("%s", error)

    def look_after(self) -> int:
        """Do what is to be done now with every experiment of this driver; return how many go on.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        experiments = self._store.lease_experiments(self.name)
        for experiment in experiments:
            try:
                self._look_after(experiment)
            except ClaimLost as error:
                _log.info("%s", error)
            except (StoreUnavailable, OSError) as error:
                # Of this moment, as where the database is away: the next look tries again.
                _log.warning("experiment %s: %s", experiment.id, error)
            except Exception as error:
                # The others must not suffer from it.
                _log.exception("looking after experiment %s failed", experiment.id)
                self._failures[experiment.id] += 1
                if isinstance(error, ConfigError) or self._failures[experiment.id] >= _MOST_FAILURES:
                    self._give_up(experiment, error)
            else:
                self._failures.pop(experiment.id, None)
        return len(experiments)

    def _work(self) -> None:
        while not self._closing.is_set():
            going_on = 0
            try:
                going_on = self.look_after()
            except DigitLabError as error:
                _log.warning("%s", error)
            except Exception:
                # This thread serves everybody: one bad moment must not end it.
                _log.exception("looking after the experiments failed; trying again")
            self._wake.wait(_WATCH_SECONDS if going_on else _IDLE_SECONDS)
            self._wake.clear()

    def _look_after(self, experiment: Experiment) -> None:
        trials = self._store.experiment_trials(experiment.id)
        conductor = self._conductor(experiment.kind)
        is_stopped = experiment.request is Request.STOP
        has_more = False
        if is_stopped:
            if any(trial.is_open and trial.request is not Request.STOP for trial in trials):
                self._store.ask_trials(experiment.id, self.name, Request.STOP)
                trials = self._store.experiment_trials(experiment.id)
        else:
            free = max(1, self._places()) - sum(trial.is_alive for trial in trials)
            step = conductor.step(experiment, trials, free)
            has_more = step.has_more
            for run_id in step.stop:
                self._store.ask(run_id, Request.STOP)
            for new in step.new:
                run = self._store.add_trial(
                    experiment,
                    self.name,
                    new.number,
                    new.config,
                    label=new.label,
                    training_images=CATALOG[new.config.dataset].shapes["train_images"][0],
                )
                if run is not None:
                    self._hand_over(run.id)
            if step.new or step.stop:
                trials = self._store.experiment_trials(experiment.id)
        if has_more or any(trial.is_open for trial in trials):
            message = None if is_stopped else _waits_for(trials, has_more)
            if message != experiment.message:
                self._store.note_experiment(experiment.id, self.name, message)
            return
        ending = conductor.end(experiment, trials)
        self._store.finish_experiment(
            experiment.id,
            self.name,
            RunStatus.STOPPED if is_stopped else RunStatus.FINISHED,
            outcome=ending.outcome,
            message=ending.message,
        )

    def _conductor(self, kind: str) -> Conductor:
        if kind not in self._makers:
            raise ConfigError(
                say("An experiment of the kind “{kind}” is not known to this version.", kind=kind)
            )
        make = self._makers[kind]
        if make not in self._conductors:
            self._conductors[make] = make(self._store)
        return self._conductors[make]

    def _give_up(self, experiment: Experiment, error: Exception) -> None:
        """Mark an experiment as failed that cannot be looked after; its runs stay."""
        why = str(error) if isinstance(error, DigitLabError) else f"{type(error).__name__}: {error}"
        message = say(
            "This experiment cannot go on ({reason}). Its runs are kept; start it again.", reason=why
        )
        for step in (
            partial(self._store.ask_trials, experiment.id, self.name, Request.STOP),
            partial(
                self._store.finish_experiment,
                experiment.id,
                self.name,
                RunStatus.FAILED,
                outcome={},
                message=message,
            ),
        ):
            try:
                step()
            except Exception as trouble:  # whatever it is, the others are looked after
                _log.warning("experiment %s: %s", experiment.id, trouble)
        self._failures.pop(experiment.id, None)


def _waits_for(trials: Sequence[Trial], has_more: bool) -> str | None:
    """Say which paused runs an experiment waits for, once nothing else of it goes on."""
    paused = [trial for trial in trials if trial.is_open and trial.status is RunStatus.PAUSED]
    if not paused or has_more or any(trial.is_alive for trial in trials):
        return None
    return say(
        "Waits for run #{number}, which is paused: have it go on, or stop it.", number=paused[0].run_number
    )
