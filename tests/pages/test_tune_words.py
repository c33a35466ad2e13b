"""What the Tune page says of a search: of its form, its cost, its best run."""

from core.store import RunStore
from pages.parts.shared import state
from tests.pages.test_tune import _images_are_there_and_no_driver, open_page, texts

__all__ = ["_images_are_there_and_no_driver"]  # the same here: it is used by itself


def test_minutes_that_cannot_be_are_told_by_the_name_of_their_field(store: RunStore) -> None:
    app = open_page()
    app.selectbox(state.TUNE_BUDGET).set_value("minutes").run()
    for minutes, sentence in (
        ("-1", "At most (minutes) is -1; it must be above 0."),
        ("1e9", "At most (minutes) is 1000000000; it must be at most 10,000."),
    ):
        app.text_input(state.TUNE_MINUTES).set_value(minutes).run()
        assert sentence in texts(app.error)


def test_a_grid_says_how_many_points_it_has(store: RunStore) -> None:
    app = open_page()
    app.button_group(state.TUNE_SAMPLER).set_value("grid").run()
    assert "The grid has 9 points" in texts(app.caption)
    app.number_input(state.tune("units", "points")).set_value(2).run()
    assert "The grid has 6 points" in texts(app.caption)
