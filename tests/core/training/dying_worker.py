"""A worker that is killed in mid-run: `python -m tests.core.training.dying_worker RUN EPOCH`.

It trains in chunks of one step, with a checkpoint after each, until the progress of the
fourth step of that epoch has been recorded; then SIGKILL, as from a system that has run
out of memory.
"""

import os
import signal
import sys
from functools import partial

from core.data.library import DatasetLibrary
from core.store import CurvePoint, Progress
from core.training import job
from core.training.callbacks import checkpoints as interruption
from core.training.engine import chunks
from tests.support.training_samples import small_catalog


def main(run_id: str, epoch: int) -> None:
    """Train into `epoch`, and die."""

    def die(progress: Progress, points: list[CurvePoint]) -> None:
        if (progress.epoch, progress.step) >= (epoch, 4):
            os.kill(os.getpid(), signal.SIGKILL)

    chunks.SECONDS_A_CHUNK = interruption.SECONDS_A_CHECKPOINT = 0.0
    interruption.CHECKPOINT_SHARE = float("inf")
    job.DatasetLibrary = partial(DatasetLibrary, catalog=small_catalog())  # type: ignore[misc]
    job.train_run(run_id, on_progress=die)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
