"""Runs that differ in nothing but their seed belong together: what they reach, and how far that varies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from core.store import Run, RunStatus


@dataclass(frozen=True)
class SeedGroup:
    """Runs of one setting, in the order in which they were given; at least one.

    Attributes
    ----------
    runs
        All of them, also those that are still training.
    """

    runs: tuple[Run, ...]

    @property
    def first(self) -> Run:
        """The run that stands for the group: colour, settings, place."""
        return self.runs[0]

    def values(self, of: Callable[[Run], float | None]) -> dict[int, float]:
        """Return a figure of the runs by their seed, of those that have it as a finite number.

        Each seed counts once: the same seed gives the same run, and is no second witness. Of several runs
        those count that were trained to their end; one alone is shown however it ended.
        """
        found: dict[int, float] = {}
        for run in self.runs:
            value = of(run)
            if value is None or not isfinite(value):
                continue
            if run.status is RunStatus.FINISHED or len(self.runs) == 1:
                found.setdefault(run.config.seed, value)
        return found

    @property
    def tested(self) -> dict[int, float]:
        """Test accuracy by seed of the runs that were trained to their end."""
        return self.values(lambda run: run.test_accuracy if run.status is RunStatus.FINISHED else None)


def seed_groups(runs: Sequence[Run]) -> list[SeedGroup]:
    """Group runs by everything that decides how they go but the seed, in the order of each group's first run.

    Settings that make no difference make no group. A run that goes on from another one, was given another
    learning rate on its way or was trained elsewhere is one of a kind with those alone that share that, too.
    """
    groups: dict[object, list[Run]] = {}
    for run in {run.id: run for run in runs}.values():
        setting = run.config.as_it_counts().model_copy(update={"seed": 0})
        way = run.parent, run.fork_epoch, run.rate_changes, run.imported and run.id
        groups.setdefault((setting, way), []).append(run)
    return [SeedGroup(tuple(members)) for members in groups.values()]
