"""Digits on every kind of paper are read; whatever else comes ends in ink or in a sentence."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from core.errors import PictureError
from core.handwriting.decode import WORKING_SIDE
from core.handwriting.mnist_form import to_network_input
from core.handwriting.paper import ink_on_paper
from core.handwriting.segments import segments
from core.handwriting.upload import read_upload
from core.prediction.ready_made import read_all, ready_made_network
from tests.support.format_samples import every_format
from tests.support.photo_samples import READABLE, cover, picture
from tests.support.picture_samples import file_of

CASES = sorted((Path(__file__).parent / "cases").iterdir())


def answers(name: str, data: bytes) -> str:
    """What the network that comes along reads in a file, digit by digit."""
    found = segments(read_upload(data, name).ink)
    images = np.stack([to_network_input(each.ink) for each in found])
    return "".join(map(str, read_all(ready_made_network(), images).argmax(axis=1)))


# Each has one that is like it beside it; `python -m benchmarks pictures` reads ten digits of all.
@pytest.mark.parametrize("number", range(0, len(READABLE), 2), ids=list(READABLE)[::2])
def test_a_digit_is_read_on_every_kind_of_paper(number):
    kind, digit = list(READABLE)[number], (2, 3, 4, 5, 7, 0)[number % 6]
    assert answers("a.png", file_of(picture(kind, digit))) == str(digit)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_pictures_that_were_misread_once_are_read(path):
    assert answers(path.name, path.read_bytes()) == path.stem.rpartition("_")[2]


def test_one_digit_in_every_format_colour_and_position_has_one_verdict():
    assert {answers(name, data) for name, data in every_format()} == {"5"}


@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_picture_there_is_ink_or_there_is_none(seed):
    """Scenes of rectangles, ellipses, lines and noise in all sizes, down to one pixel."""
    generator = np.random.default_rng(seed)
    for side in (1, 2, 3, 7, 30, 161, WORKING_SIDE):
        size = (side, int(generator.integers(1, side + 1)))
        scene = Image.new("RGBA", size, tuple(generator.integers(0, 256, 4).tolist()))
        canvas = ImageDraw.Draw(scene)
        for _ in range(int(generator.integers(0, 8))):
            left, top = generator.integers(-9, size[0] + 9), generator.integers(-9, size[1] + 9)
            right, bottom = left + generator.integers(0, side + 1), top + generator.integers(0, side + 1)
            shape = (canvas.rectangle, canvas.ellipse, canvas.line)[int(generator.integers(0, 3))]
            shape([left, top, right, bottom], fill=tuple(generator.integers(0, 256, 4).tolist()))
        rgba = np.asarray(scene).astype(float) + generator.normal(
            0, generator.choice([0, 3, 40]), (*size[::-1], 4)
        )
        rgba = rgba.clip(0, 255).astype(np.uint8)
        ink = ink_on_paper(rgba)
        if ink is None:
            continue
        assert ink.shape == rgba.shape[:2]
        assert np.isfinite(ink).all()
        assert 0 <= ink.min() <= ink.max() <= 1
        for each in segments(ink):
            assert each.ink.shape == (each.box.height, each.box.width)
            assert to_network_input(each.ink).max() == 255


def test_bytes_that_are_no_picture_end_in_a_sentence():
    generator = np.random.default_rng(5)
    beginnings = (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"RIFF\x20\0\0\0WEBPVP8 ")
    for number in range(120):
        data = beginnings[number % len(beginnings)] + generator.bytes(int(generator.integers(0, 400)))
        with pytest.raises(PictureError):
            read_upload(data, "a.png")


@pytest.mark.parametrize("share", [0.6, 0.9])
def test_a_sheet_on_which_nothing_is_written_is_no_digit(share):
    side = 300
    scene = np.full((side, side, 4), (70, 50, 40, 255), np.uint8)
    edge = round(side * (1 - share) / 2)
    scene[edge:-edge, edge:-edge, :3] = 235
    assert ink_on_paper(scene) is None


@pytest.mark.parametrize("digit", range(10))
def test_an_enlarged_digit_with_soft_edges_is_read(digit):
    small = Image.fromarray(255 - to_network_input(cover(digit, np.random.default_rng(digit), pen=0.08)))
    large = ImageOps.expand(small.resize((224, 224), Image.Resampling.BICUBIC), 30, fill=255)
    assert answers("a.png", file_of(large)) == str(digit)
