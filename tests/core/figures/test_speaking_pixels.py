"""What speaks for and against, as a picture, in words and as a table."""

import io

import numpy as np
import pytest
from PIL import Image

from core.figures.html.speaking_pixels import PLACES, speaking_info, speaking_pixels

BLUE, ORANGE = (86, 180, 233), (230, 159, 0)
INK = np.zeros((28, 28), np.uint8)
INK[4:24, 12:16] = 200
WORDS = {"alt": "<alt>", "supports": "for <7>", "opposes": "against <7>", "caption": "where"}


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_the_strongest_pixels_have_the_colours_and_the_ink_is_grey_where_nothing_speaks():
    values = np.zeros((28, 28), np.float32)
    values[5, 13], values[22, 13] = 3.0, -3.0
    shown = pixels(speaking_info(values, INK).png)
    assert tuple(shown[5, 13]) == BLUE
    assert tuple(shown[22, 13]) == ORANGE
    assert tuple(shown[12, 13]) == (90, 90, 90)
    assert tuple(shown[0, 0]) == (0, 0, 0)


def test_each_ninth_says_its_share_and_the_strongest_are_named():
    values = np.zeros((28, 28), np.float32)
    values[2, 2], values[8, 8], values[9, 9], values[27, 27], values[0, 27] = 4, 2, 1, -2.9, 0.1
    info = speaking_info(values, INK)
    np.testing.assert_allclose(info.places, [[0.6, 0, 0.01], [0, 0.1, 0], [0, 0, -0.29]], atol=1e-6)
    assert info.speaks_for == ("top left", "centre")
    assert info.speaks_against == ("bottom right",)
    drawn = speaking_pixels(info, **WORDS)
    for expected in ("top left</span>+60 %", "top right</span>+1 %", "bottom right</span>−29 %", "0 %"):
        assert expected in drawn
    assert drawn.count("<td>") == 9
    assert "for &lt;7&gt;" in drawn
    assert 'alt="&lt;alt&gt;"' in drawn


def test_every_pixel_is_in_one_place():
    places = sum(speaking_info(one, INK).places for one in np.eye(784, dtype=np.float32).reshape(-1, 28, 28))
    assert places.sum() == 784
    assert len({name for row in PLACES for name in row}) == 9


@pytest.mark.parametrize("picture", [np.zeros((28, 28), np.uint8), INK])
def test_where_nothing_speaks_nothing_is_named(picture):
    info = speaking_info(np.zeros((28, 28), np.float32), picture)
    assert info.speaks_for == info.speaks_against == ()
    assert not info.places.any()
    assert (pixels(info.png) == (picture * 0.45)[..., np.newaxis].round()).all()
