"""The pictures of studies, as far as they have come."""

from core.evaluation.luck import mean_interval
from core.evaluation.studies import Level
from core.figures.charts.studies import draw_batches, draw_data

ONE, OTHER = Level(8, mean_interval([0.9])), Level(16, mean_interval([0.95]))


def test_axes_of_accuracies_that_are_not_there_yet_end_at_all_images() -> None:
    assert draw_data([], None).layout.yaxis.range == (0, 1)
    for levels in ([], [ONE]):
        assert draw_batches(levels).layout.yaxis.range == (0, 1)
    # As soon as there is a picture it fills its place.
    assert draw_data([ONE], None).layout.yaxis.range is None
    assert draw_batches([ONE, OTHER]).layout.yaxis.range is None
