"""A drawing or an upload becomes 28×28 as MNIST was made; the rules are checked by number."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.errors import PictureError
from core.handwriting.decode import MAX_BYTES, MAX_PIXELS, read_rgba, upload_to_ink
from core.handwriting.mnist_form import BLANK_CANVAS, drawing_to_ink, to_network_input

Ink = NDArray[np.float32]


def ink_of(draw: Callable[[ImageDraw.ImageDraw], None], size: tuple[int, int] = (280, 280)) -> Ink:
    picture = Image.new("L", size, 0)
    draw(ImageDraw.Draw(picture))
    return np.asarray(picture, np.float32) / 255


def seven(canvas: ImageDraw.ImageDraw) -> None:
    canvas.line([(60, 40), (200, 40), (110, 240)], fill=255, width=22, joint="curve")


def lopsided(canvas: ImageDraw.ImageDraw) -> None:
    canvas.ellipse((40, 180, 120, 260), fill=255)
    canvas.line([(110, 200), (220, 30)], fill=255, width=14)


def centre_of_mass(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    weights = picture.astype(np.float64)
    rows, columns = np.indices(picture.shape)
    return np.array([(weights * rows).sum(), (weights * columns).sum()]) / weights.sum()


def box(picture: NDArray[Any]) -> tuple[int, int]:
    """Height and width of the pixels that are not paper."""
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    return int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)


def file_of(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def picture_of(ink: Ink, paper: float = 0.95, pen: float = 0.1) -> Image.Image:
    return Image.fromarray(np.round(255 * (paper + (pen - paper) * ink)).astype(np.uint8))


@pytest.mark.parametrize("draw", [seven, lopsided])
@pytest.mark.parametrize("shift", [(0, 0), (-30, 25), (35, -20)])
def test_centre_of_mass_lies_within_half_a_pixel_of_the_middle(draw, shift):
    ink = np.roll(np.pad(ink_of(draw), 40), shift, axis=(0, 1))
    picture = to_network_input(ink)
    assert picture.shape == (28, 28)
    assert picture.dtype == np.uint8
    # (14, 14) from pixel 0 is where all of MNIST has it: see the test with MNIST below.
    assert np.abs(centre_of_mass(picture) - 14).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("draw", [seven, lopsided])
@pytest.mark.parametrize("side", [280, 1000, 90])
def test_longest_side_is_20_pixels_and_strongest_ink_255(draw, side):
    ink = np.asarray(Image.fromarray(ink_of(draw)).resize((side, side), Image.Resampling.BILINEAR))
    picture = to_network_input(ink.clip(0, 1))
    assert max(box(picture)) == 20
    assert picture.max() == 255


def test_position_does_not_matter():
    ink = np.pad(ink_of(seven), 60)
    moved = np.roll(ink, (41, -37), axis=(0, 1))
    np.testing.assert_array_equal(to_network_input(moved), to_network_input(ink))


@pytest.mark.parametrize(("height", "width"), [(200, 100), (60, 240), (50, 50), (8, 4), (3, 9)])
def test_proportions_are_kept_also_when_a_tiny_drawing_is_enlarged(height, width):
    ink = np.zeros((280, 280), np.float32)
    ink[20 : 20 + height, 30 : 30 + width] = 1
    scale = 20 / max(height, width)
    assert box(to_network_input(ink)) == (round(height * scale), round(width * scale))


def test_edges_are_anti_aliased_by_the_share_of_ink_in_each_pixel():
    # 40×30 at a half: an edge that halves a pixel gives it half the ink.
    ink = np.zeros((60, 60), np.float32)
    ink[10:50, 10:40] = 1
    ink[10:11, 10:40] = 0  # a row short: the first row of pixels covers one full and one empty row
    ink[10, 10] = 1
    picture = to_network_input(ink)
    first = np.flatnonzero(picture.any(axis=1))[0]
    row = picture[first][picture[first] > 0]
    np.testing.assert_array_equal(row[1:], np.full(14, 128))
    assert row[0] == 191  # three of four


def test_a_thin_line_is_not_lost():
    ink = np.zeros((400, 400), np.float32)
    ink[20:380, 200] = 1
    picture = to_network_input(ink)
    assert box(picture) == (20, 1)
    assert picture[picture > 0].min() == 255


def test_a_single_dot_is_a_picture_and_a_faint_drawing_counts_like_a_strong_one():
    dot = np.zeros((280, 280), np.float32)
    dot[100, 100] = 1
    assert box(to_network_input(dot)) == (20, 20)
    np.testing.assert_array_equal(to_network_input(ink_of(seven) * 0.3), to_network_input(ink_of(seven)))


def test_very_lopsided_ink_is_not_cut_off():
    ink = np.zeros((280, 280), np.float32)
    ink[200:260, 20:80] = 1
    ink[20:200, 48:52] = 1
    assert max(box(to_network_input(ink))) == 20


@pytest.mark.parametrize("ink", [np.zeros((280, 280)), np.full((28, 28), 0.01), np.full((5, 5), np.nan)])
def test_a_blank_canvas_is_refused_in_words(ink):
    with pytest.raises(PictureError, match="canvas is empty: draw a digit from 0 to 9"):
        to_network_input(ink.astype(np.float32))
    assert BLANK_CANVAS.endswith(".")


@pytest.mark.parametrize("shape", [(0, 5), (28,), (2, 28, 28)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(PictureError, match="shape"):
        to_network_input(np.ones(shape, np.float32))


@pytest.mark.mnist
def test_mnist_itself_has_its_centre_of_mass_there_and_a_box_of_20(mnist):
    images = mnist.test_images[:1000]
    centres = np.array([centre_of_mass(image) for image in images])
    assert np.abs(centres - 14).max() <= 0.51
    assert np.mean([max(box(image)) == 20 for image in images]) > 0.99


@pytest.mark.mnist
@pytest.mark.parametrize(
    ("enlarged_by", "most_mean_difference"),
    [(Image.Resampling.NEAREST, 0.5), (Image.Resampling.BICUBIC, 10.0)],
)
def test_mnist_digits_drawn_large_come_back_as_they_were(mnist, enlarged_by, most_mean_difference):
    differences = []
    for image in mnist.test_images[:300]:
        large = Image.fromarray(image.astype(np.float32)).resize((280, 280), enlarged_by)
        returned = to_network_input((np.asarray(large) / 255).clip(0, 1))
        differences.append(np.abs(returned.astype(float) - image).mean())
    # Of 255; a digit moved by one pixel differs by about 25.
    assert np.mean(differences) < most_mean_difference


def test_a_canvas_gives_the_same_ink_on_paper_of_any_colour_or_none():
    ink = ink_of(seven)
    grey = np.round(ink * 255).astype(np.uint8)
    full = np.full_like(grey, 255)
    white_paper = np.dstack([255 - grey, 255 - grey, 255 - grey, full])
    black_paper = np.dstack([grey, grey, grey, full])
    transparent = np.dstack([0 * grey, 0 * grey, 0 * grey, grey])
    for rgba in (white_paper, black_paper, transparent):
        np.testing.assert_allclose(drawing_to_ink(rgba), ink, atol=0.003)
    blank = np.full((280, 280, 4), 255, np.uint8)
    assert drawing_to_ink(blank).max() == 0


@pytest.mark.parametrize(("paper", "pen"), [(0.95, 0.1), (0.05, 0.9), (0.7, 0.4), (0.3, 0.6)])
@pytest.mark.parametrize(("kind", "name"), [("PNG", "seven.png"), ("JPEG", "SEVEN.JPG"), ("JPEG", "a.jpeg")])
def test_an_upload_reads_like_the_drawing_dark_on_light_and_light_on_dark(paper, pen, kind, name):
    ink = np.pad(ink_of(seven), 30)
    found = upload_to_ink(file_of(picture_of(ink, paper, pen), kind), name)
    difference = to_network_input(found).astype(float) - to_network_input(ink)
    assert np.abs(difference).mean() < 6


def test_shading_grain_and_specks_of_a_photo_are_not_ink():
    generator = np.random.default_rng(3)
    ink = np.pad(ink_of(seven), ((120, 200), (300, 60)))
    rows, columns = np.indices(ink.shape)
    light = 0.95 - 0.5 * columns / ink.shape[1] - 0.2 * rows / ink.shape[0]
    photo = light * (1 - 0.75 * ink) + generator.normal(0, 0.02, ink.shape)
    photo[30:34, 30:34] = 0  # a speck
    photo[:, :12] = 0.02  # the table beside the sheet
    data = file_of(Image.fromarray((photo.clip(0, 1) * 255).astype(np.uint8)), "JPEG", quality=85)
    found = to_network_input(upload_to_ink(data, "photo.jpg"))
    assert np.abs(found.astype(float) - to_network_input(ink)).mean() < 8


def test_a_picture_as_small_as_mnist_is_taken_as_it_is():
    small = to_network_input(ink_of(seven))
    found = to_network_input(upload_to_ink(file_of(Image.fromarray(255 - small)), "small.png"))
    assert np.abs(found.astype(float) - small).mean() < 3


@pytest.mark.parametrize("white_pen", [False, True])
def test_transparent_paper_is_paper(white_pen):
    grey = np.round(ink_of(seven) * 255).astype(np.uint8)
    pen = np.full_like(grey, 255 if white_pen else 0)
    data = file_of(Image.fromarray(np.dstack([pen, pen, pen, grey])))
    found = to_network_input(upload_to_ink(data, "seven.png"))
    assert np.abs(found.astype(float) - to_network_input(ink_of(seven))).mean() < 6


def test_a_photo_is_turned_as_the_camera_was_held():
    ink = np.pad(ink_of(seven), 30)
    exif = Image.Exif()
    exif[0x0112] = 6  # must be turned by 90° clockwise to be upright
    lying = picture_of(ink).transpose(Image.Transpose.ROTATE_90)
    found = to_network_input(upload_to_ink(file_of(lying, "JPEG", exif=exif), "seven.jpg"))
    assert np.abs(found.astype(float) - to_network_input(ink)).mean() < 6


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGB", "RGBA", "1", "I;16", "CMYK"])
def test_every_kind_of_pixel_is_read(mode):
    upright = picture_of(np.pad(ink_of(seven), 30), paper=1, pen=0)
    if mode == "I;16":
        picture, kind = Image.fromarray(np.asarray(upright).astype(np.uint16) * 257), "PNG"
    else:
        picture, kind = upright.convert(mode), "JPEG" if mode == "CMYK" else "PNG"
    found = to_network_input(upload_to_ink(file_of(picture, kind), "seven.png"))
    assert np.abs(found.astype(float) - to_network_input(ink_of(seven))).mean() < 6


@pytest.mark.parametrize("name", ["seven.gif", "seven", "seven.png.exe", ".png.bmp"])
def test_another_extension_is_refused_by_name(name):
    with pytest.raises(PictureError, match=r"not a PNG or JPEG.*\.png or \.jpg"):
        upload_to_ink(file_of(picture_of(ink_of(seven))), name)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
def test_other_content_under_the_right_name_is_refused(kind):
    with pytest.raises(PictureError, match=r"“seven\.png” cannot be read"):
        upload_to_ink(file_of(picture_of(ink_of(seven)), kind), "seven.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_truncated_or_damaged_file_is_refused_by_name(kind):
    whole = file_of(picture_of(ink_of(seven)), kind)
    for data in (b"", b"not a picture", whole[: len(whole) // 2], whole[:30]):
        with pytest.raises(PictureError, match=r"“seven\.png” cannot be read"):
            upload_to_ink(data, "seven.png")


def test_no_damage_ends_in_another_error_than_the_sentence():
    generator = np.random.default_rng(0)
    for kind in ("PNG", "JPEG"):
        whole = file_of(picture_of(ink_of(seven, (60, 60))), kind)
        for _ in range(150):
            data = bytearray(whole)
            for place in generator.integers(0, len(data), 6):
                data[place] = generator.integers(0, 256)
            try:
                found = upload_to_ink(bytes(data), "seven.png")
            except PictureError:
                continue
            assert found.ndim == 2


def test_too_many_bytes_and_too_many_pixels_are_refused_before_they_cost_anything():
    with pytest.raises(PictureError, match=r"5\.0 MB; 5 MB is the most"):
        upload_to_ink(b"\x89PNG" + bytes(MAX_BYTES), "seven.png")
    side = int(MAX_PIXELS**0.5) + 1
    many = file_of(Image.new("1", (side, side)))
    assert len(many) < MAX_BYTES
    with pytest.raises(PictureError, match=rf"{side}×{side} pixels; 25 million"):
        upload_to_ink(many, "seven.png")
    bomb = file_of(Image.new("1", (20_000, 20_000)))
    with pytest.raises(PictureError, match="25 million is the most"):
        read_rgba(bomb, "bomb.png")


@pytest.mark.parametrize("content", ["white", "black", "grain", "gradient"])
def test_a_picture_without_a_digit_is_refused(content):
    generator = np.random.default_rng(1)
    values = {
        "white": np.full((200, 300), 1.0),
        "black": np.zeros((200, 300)),
        "grain": 0.8 + generator.normal(0, 0.02, (200, 300)),
        "gradient": np.linspace(0.5, 0.9, 300)[None].repeat(200, axis=0),
    }[content]
    data = file_of(Image.fromarray((values.clip(0, 1) * 255).astype(np.uint8)))
    with pytest.raises(PictureError, match=r"No digit was found in “empty\.png”"):
        upload_to_ink(data, "empty.png")
