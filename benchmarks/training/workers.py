"""Processes that train runs and may be killed at any moment.

python -m benchmarks.training.workers imports TensorFlow, then trains the run of each line of input.
"""

import subprocess
import sys
from collections import deque
from types import TracebackType
from typing import Self

from tests.support.serve import ROOT


class Worker:
    """One such process.

    Parameters
    ----------
    environment
        Its variables.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.training.workers"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def train(self, run_id: str) -> None:
        """Have it train this run; returns at once."""
        assert self._process.stdin is not None
        self._process.stdin.write(run_id + "\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it with SIGKILL, and wait until it has ended."""
        self._process.kill()
        self._process.wait()


class Workers:
    """A supply of fresh workers: the next ones import TensorFlow while the last ones train.

    Parameters
    ----------
    environment
        Their variables.
    count
        How many wait at a time.
    """

    def __init__(self, environment: dict[str, str], count: int = 1) -> None:
        self._environment = environment
        self._waiting = deque(Worker(environment) for _ in range(count))
        self._taken: list[Worker] = []

    def fresh(self) -> Worker:
        """Return a worker that has trained nothing; may be called from many threads."""
        self._waiting.append(Worker(self._environment))
        worker = self._waiting.popleft()
        self._taken.append(worker)
        return worker

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in (*self._taken, *self._waiting):
            worker.kill()


def main() -> None:
    """Import everything, then train the runs whose ids come."""
    from core.training import job
    from core.training.callbacks import checkpoints as interruption
    from core.training.engine import chunks

    # Chunks are short and checkpoints come often, so that these short runs have many to go on from;
    # whoever comes after a killed worker need not wait for long until it counts as dead.
    chunks.SECONDS_A_CHUNK = 0.005
    interruption.SECONDS_A_CHECKPOINT = 0.2
    job.SILENCE_SECONDS = 1.0
    for line in sys.stdin:
        job.train_run(line.strip())


if __name__ == "__main__":
    main()
