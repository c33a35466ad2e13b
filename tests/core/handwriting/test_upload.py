"""An uploaded file becomes ink, whatever it is made of; what is none is refused in a sentence."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.errors import PictureError
from core.handwriting.mnist_form import to_network_input
from core.handwriting.upload import MAX_BYTES, read_upload
from tests.support.picture_samples import file_of, ink_of, picture_of, seven


def read(data: bytes, name: str) -> NDArray[np.float32]:
    return read_upload(data, name).ink


@pytest.mark.parametrize(("paper", "pen"), [(0.95, 0.1), (0.05, 0.9), (0.7, 0.4), (0.3, 0.6)])
@pytest.mark.parametrize(
    ("kind", "name"),
    [("PNG", "seven.png"), ("JPEG", "SEVEN.JPG"), ("JPEG", "a.jpeg"), ("JPEG", "a.jfif"), ("WEBP", "a.WebP")],
)
def test_an_upload_reads_like_the_drawing_dark_on_light_and_light_on_dark(paper, pen, kind, name):
    ink = np.pad(ink_of(seven), 30)
    found = read(file_of(picture_of(ink, paper, pen), kind), name)
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
    found = to_network_input(read(data, "photo.jpg"))
    assert np.abs(found.astype(float) - to_network_input(ink)).mean() < 8


def test_a_picture_as_small_as_mnist_is_taken_as_it_is():
    small = to_network_input(ink_of(seven))
    found = to_network_input(read(file_of(Image.fromarray(255 - small)), "small.png"))
    assert np.abs(found.astype(float) - small).mean() < 3


@pytest.mark.parametrize("white_pen", [False, True])
def test_transparent_paper_is_paper(white_pen):
    grey = np.round(ink_of(seven) * 255).astype(np.uint8)
    pen = np.full_like(grey, 255 if white_pen else 0)
    data = file_of(Image.fromarray(np.dstack([pen, pen, pen, grey])))
    found = to_network_input(read(data, "seven.png"))
    assert np.abs(found.astype(float) - to_network_input(ink_of(seven))).mean() < 6


def test_a_photo_is_turned_as_the_camera_was_held():
    ink = np.pad(ink_of(seven), 30)
    exif = Image.Exif()
    exif[0x0112] = 6  # must be turned by 90° clockwise to be upright
    lying = picture_of(ink).transpose(Image.Transpose.ROTATE_90)
    found = to_network_input(read(file_of(lying, "JPEG", exif=exif), "seven.jpg"))
    assert np.abs(found.astype(float) - to_network_input(ink)).mean() < 6


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGB", "RGBA", "1", "I;16", "CMYK"])
def test_every_kind_of_pixel_is_read(mode):
    upright = picture_of(np.pad(ink_of(seven), 30), paper=1, pen=0)
    if mode == "I;16":
        picture, kind = Image.fromarray(np.asarray(upright).astype(np.uint16) * 257), "PNG"
    else:
        picture, kind = upright.convert(mode), "JPEG" if mode == "CMYK" else "PNG"
    found = to_network_input(read(file_of(picture, kind), "seven.png"))
    assert np.abs(found.astype(float) - to_network_input(ink_of(seven))).mean() < 6


@pytest.mark.parametrize("name", ["seven.tiff", "seven", "seven.png.exe", ".png.heic"])
def test_another_extension_is_refused_by_name(name):
    with pytest.raises(PictureError, match=r"not a PNG, JPEG, WebP, GIF or BMP.*\.png or \.jpg"):
        read(file_of(picture_of(ink_of(seven))), name)


def test_too_many_bytes_are_refused_before_anything_is_read():
    with pytest.raises(PictureError, match=r"5\.0 MB; 5 MB is the most"):
        read(b"\x89PNG" + bytes(MAX_BYTES), "seven.png")


def test_what_is_shown_is_what_was_read_upright_and_small():
    exif = Image.Exif()
    exif[0x0112] = 6
    ink = np.pad(ink_of(seven, (250, 280)), 1_000)
    lying = picture_of(ink).transpose(Image.Transpose.ROTATE_90)
    upload = read_upload(file_of(lying, "JPEG", exif=exif), "folder/seven.jpg")
    shown = Image.open(io.BytesIO(upload.shown))
    assert upload.name == "seven.jpg"
    assert shown.height > shown.width
    assert max(shown.size) == 560
    expected = picture_of(ink).resize(shown.size)
    assert np.abs(np.asarray(shown.convert("L"), int) - np.asarray(expected, int)).mean() < 3


def test_sixteen_bits_and_transparency_can_be_shown():
    grey = np.asarray(picture_of(ink_of(seven))).astype(np.uint16) * 257
    assert Image.open(io.BytesIO(read_upload(file_of(Image.fromarray(grey)), "a.png").shown)).mode == "RGB"
    drawn = np.round(ink_of(seven) * 255).astype(np.uint8)
    clear = file_of(Image.fromarray(np.dstack([drawn * 0, drawn * 0, drawn * 0, drawn])))
    assert Image.open(io.BytesIO(read_upload(clear, "a.png").shown)).mode == "RGBA"


def test_what_is_kept_of_a_picture_is_small():
    upload = read_upload(file_of(picture_of(np.pad(ink_of(seven), 700)), "JPEG"), "a.jpg")
    assert upload.grey.nbytes <= 640 * 640
    assert len(upload.shown) < 100_000


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
        read(data, "empty.png")
