"""Boxes over a picture: in the right place, named, and nothing from outside becomes markup."""

import re

from core.figures.html.boxes import ReadDigit, boxed_picture
from tests.support.picture_samples import file_of, ink_of, picture_of, seven


def test_each_digit_has_a_box_in_shares_of_the_picture_and_the_weakest_another():
    png = file_of(picture_of(ink_of(seven)))
    digits = [
        ReadDigit(0.1, 0.25, 0.2, 0.5, "1", "99.0 %", False),
        ReadDigit(0.5, 0.25, 0.4, 0.5, "<b>", "40.0 %", True),
    ]
    drawn = boxed_picture(png, digits, 'a "page"')
    assert "data:image/png;base64," in drawn
    assert "data:image/jpeg;base64," in boxed_picture(file_of(picture_of(ink_of(seven)), "JPEG"), [], "")
    assert 'alt="a &quot;page&quot;"' in drawn
    assert re.findall(r'<li(?: class="(\w+)")? style="([^"]+)"', drawn) == [
        ("", "left:10.00%;top:25.00%;width:20.00%;height:50.00%"),
        ("weakest", "left:50.00%;top:25.00%;width:40.00%;height:50.00%"),
    ]
    assert "&lt;b&gt;" in drawn
    assert "99.0 %" in drawn
