"""The table of runs beside each other, in HTML."""

from core.figures.html.side_by_side import Cell, Column, Row, side_by_side_table
from core.figures.run_colours import STYLES
from tests.pages.samples import HOSTILE


def test_each_column_has_the_look_of_its_line_and_the_best_is_told() -> None:
    html = side_by_side_table(
        [Column("#1", STYLES[0]), Column("#2", STYLES[8])],
        [Row("Learning rate", (Cell("0.001"), Cell("0.01")))],
        [Row("Test accuracy", (Cell("97.00 %"), Cell("97.42 %", ("+0.42 points",), is_best=True)))],
        caption="What differs",
        best="best",
    )
    assert f'<th scope="col"><i style="background:{STYLES[0].colour}"></i>#1</th>' in html
    second = STYLES[8].colour
    assert f"{second} 0px 8px, transparent 8px 12px" in html
    assert '<b title="best">97.42 %</b><small>+0.42 points</small>' in html
    assert html.count('class="first-figure"') == 1
    assert '<th scope="row">Learning rate</th><td>0.001</td><td>0.01</td>' in html


def test_words_from_outside_stay_text() -> None:
    for text in HOSTILE:
        html = side_by_side_table(
            [Column(text, STYLES[0])], [Row(text, (Cell(text, (text,)),))], [], caption=text, best=text
        )
        assert "<b onclick" not in html
        assert "onclick='" not in html
