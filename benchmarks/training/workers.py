"""Processes that wait for a run to train, with everything imported, and may be killed at any moment.

python -m benchmarks.training.workers trains the run whose id it is given as a line of input.
"""

import subprocess
import sys
from types import TracebackType
from typing import Self

from tests.browser.serve import ROOT

Process = subprocess.Popen[str]


class Workers:
    """Processes that train a run each; the next one imports TensorFlow while the last one trains."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._next = self._begin()

    def start(self, run_id: str) -> Process:
        """Have a process train this run; return the process."""
        process, self._next = self._next, self._begin()
        assert process.stdin is not None
        process.stdin.write(run_id + "\n")
        process.stdin.close()
        return process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._next.kill()
        self._next.wait()

    def _begin(self) -> Process:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.training.workers"],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )


def main() -> None:
    """Import everything, then train the run of the line that comes."""
    from core.training import interruption, job

    # Checkpoints come often, so that these short runs have many to go on from; whoever comes
    # after a killed worker need not wait for long until it counts as dead.
    interruption.SECONDS_A_CHECKPOINT = 0.2
    job.SILENCE_SECONDS = 1.0
    run_id = sys.stdin.readline().strip()
    if run_id:
        job.train_run(run_id)


if __name__ == "__main__":
    main()
