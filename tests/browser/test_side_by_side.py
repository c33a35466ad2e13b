"""The table of what differs, as a browser lays it out; the app is not needed for that."""

import pytest
from playwright.sync_api import Page

from core.figures.html.side_by_side import Cell, Column, Row, side_by_side_table
from core.figures.run_colours import STYLES

_LONG = "a_name_without_spaces_" * 6


@pytest.mark.parametrize("fixture", ["page", "phone_page"])
def test_a_long_name_stays_in_its_column_and_the_second_run_is_in_sight(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    shown: Page = request.getfixturevalue(fixture)
    table = side_by_side_table(
        [Column(f"#{place} · {_LONG}", STYLES[place]) for place in (1, 2)],
        [Row("Learning rate schedule", (Cell("constant"), Cell("cosine")))],
        [Row("Best validation accuracy", (Cell("97.00 %"), Cell("97.42 %", ("+0.42 points",))))],
        caption="What differs",
        best="best",
    )
    shown.set_content(f'<meta name="viewport" content="width=device-width">{table}')
    heads = shown.locator("thead th")
    for place in range(2):
        assert heads.nth(place).evaluate("head => head.scrollWidth <= head.clientWidth")
    second = heads.nth(1).bounding_box()
    assert second is not None
    # Not all of it has to fit: a part that is cut off says that there is more.
    assert second["x"] + 60 < shown.evaluate("innerWidth")
