"""The figures of runs side by side: of several seeds the mean with its interval, and which is the best."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.evaluation.luck import Interval, mean_interval
from core.evaluation.seed_groups import SeedGroup
from core.store import Run

# Of each figure how it is read off a run, and whether the smallest (-1) or the largest (1) is best; 0 for one
# of which neither is.
_FIGURES: Mapping[str, tuple[Callable[[Run], float | None], int]] = {
    "test_accuracy": (lambda run: run.test_accuracy, 1),
    "test_loss": (lambda run: run.test_loss, -1),
    "best_accuracy": (lambda run: run.best_accuracy, 1),
    "train_seconds": (lambda run: run.train_seconds, -1),
    "parameters": (lambda run: float(run.config.parameters), 0),
}


@dataclass(frozen=True)
class FigureRow:
    """One figure of several groups of runs.

    Attributes
    ----------
    figure
        "test_accuracy", "test_loss", "best_accuracy" (on validation images), "train_seconds" or "parameters".
    intervals
        Of each group; None where no run of it has the figure.
    best
        Places of the groups that are best; none where there is nothing to be better than.
    """

    figure: str
    intervals: tuple[Interval | None, ...]
    best: frozenset[int]

    def difference(self, place: int) -> float | None:
        """Return how much more a group has than the first one, None where one of both has no such figure."""
        own, first = self.intervals[place], self.intervals[0]
        return None if own is None or first is None else own.mean - first.mean


def figure_rows(groups: Sequence[SeedGroup]) -> list[FigureRow]:
    """Return the figures that any of the groups has; see `SeedGroup.values` for what is counted."""
    rows = []
    for figure, (of, sign) in _FIGURES.items():
        found = [tuple(group.values(of).values()) for group in groups]
        intervals = tuple(mean_interval(values) if values else None for values in found)
        if any(intervals):
            rows.append(FigureRow(figure, intervals, _best(intervals, sign)))
    return rows


def _best(intervals: Sequence[Interval | None], sign: int) -> frozenset[int]:
    # Rounded, as the mean of three times 0.1 is not 0.1.
    means = {place: round(sign * one.mean, 9) for place, one in enumerate(intervals) if one is not None}
    if not sign or len(set(means.values())) < 2:
        return frozenset()
    return frozenset(place for place, mean in means.items() if mean == max(means.values()))
