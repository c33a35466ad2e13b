"""Workers that do what a test of the dispatcher says."""

from collections.abc import Callable

from core.jobs.cluster import Workers
from core.store import RunStatus, RunStore
from tests.support.serve import wait_until

SECONDS = 20.0


class FakeTask:
    """A task that ends when the test says so."""

    def __init__(self, run_id: str, when_done: Callable[[], None]) -> None:
        self.run_id = run_id
        self.status = "pending"
        self._error: BaseException | None = None
        self._when_done = when_done

    def done(self) -> bool:
        return self.status != "pending"

    def exception(self, timeout: float) -> BaseException | None:
        return self._error

    def end(self, error: BaseException | None = None) -> None:
        self._error = error
        self.status = "error" if error else "finished"
        self._when_done()


class FakeWorkers(Workers):
    """Workers with some places; `started` holds every task that they were given, `scaled` what was asked."""

    def __init__(self, places: int = 1) -> None:
        self.scaled: list[int] = []
        self._most = 0
        self.started: list[FakeTask] = []
        self.gone = False
        self.closed = False
        self._places = places

    @property
    def are_gone(self) -> bool:
        return self.gone

    def places(self) -> int:
        return self._places

    def most(self, up: int) -> int:
        return max(up, self._most)

    def scale(self, count: int) -> None:
        self.scaled.append(count)

    def start(self, kind: str, run_id: str, when_done: Callable[[], None]) -> FakeTask:
        assert kind == "train"
        self.started.append(FakeTask(run_id, when_done))
        return self.started[-1]

    def close(self, is_expected: bool) -> None:
        self.closed = True

    def wait_for(self, count: int) -> FakeTask:
        wait_until(lambda: len(self.started) >= count, SECONDS, f"task {count} to be started")
        assert len(self.started) == count
        return self.started[-1]


def trained(store: RunStore, task: FakeTask) -> None:
    """Do what a worker does with a run."""
    store.claim(task.run_id, "worker").finish(RunStatus.FINISHED)
    task.end()
