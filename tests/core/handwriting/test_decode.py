"""A picture file becomes a small upright picture, or a sentence before it costs anything."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.errors import PictureError
from core.handwriting import decode as module
from core.handwriting.decode import MAX_PIXELS, WORKING_SIDE, decode
from core.handwriting.png import SIGNATURE
from tests.support.hostile_pictures import png_of
from tests.support.picture_samples import file_of, ink_of, picture_of, seven

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
TURNED_KINDS = KINDS[:3]


def seven_picture() -> Image.Image:
    return picture_of(ink_of(seven))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(300, 200), (641, 500), (2_000, 1_300), (90, 1_500)])
def test_a_large_picture_is_reduced_with_its_proportions_and_a_small_one_is_left(kind, size):
    expected = Image.new("RGB", size, (200, 100, 50))
    expected.thumbnail((WORKING_SIDE, WORKING_SIDE))
    found = decode(file_of(Image.new("RGB", size, (200, 100, 50)), kind), "plain")
    assert found.shape[2] == 4
    assert abs(found.shape[0] - expected.height) <= 1
    assert abs(found.shape[1] - expected.width) <= 1
    assert np.abs(found.astype(int) - (200, 100, 50, 255)).max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", TURNED_KINDS)
def test_a_picture_is_turned_as_the_camera_was_held(kind, orientation):
    upright = seven_picture().convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = orientation
    # What a camera stores is the inverse of what a viewer must do; 6 and 8 undo each other.
    method = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    stored = upright.transpose(method) if method is not None else upright
    found = decode(file_of(stored, kind, exif=exif), "seven")
    assert np.abs(found[..., 0].astype(int) - np.asarray(upright)[..., 0]).mean() < 3


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_picture_whose_exif_is_damaged_is_still_a_picture():
    whole = file_of(seven_picture(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert decode(whole, "seven").shape == (280, 280, 4)


@pytest.mark.parametrize("kind", ["TIFF", "PPM"])
def test_other_content_under_the_right_name_is_refused(kind):
    with pytest.raises(PictureError, match=r"“seven\.png” cannot be read as a PNG, JPEG, WebP, GIF or BMP"):
        decode(file_of(seven_picture(), kind), "seven.png")


@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_or_damaged_file_is_refused_by_name(kind):
    whole = file_of(seven_picture(), kind)
    for data in (b"", b"not a picture", whole[: len(whole) // 2], whole[:30]):
        with pytest.raises(PictureError, match=r"“seven\.png” cannot be read"):
            decode(data, "seven.png")


@pytest.mark.parametrize("kind", KINDS)
def test_no_damage_ends_in_another_error_than_the_sentence(kind):
    generator = np.random.default_rng(0)
    whole = file_of(picture_of(ink_of(seven, (60, 60))), kind)
    for _ in range(150):
        data = bytearray(whole)
        for place in generator.integers(0, len(data), 6):
            data[place] = generator.integers(0, 256)
        if kind == "PNG":
            data = bytearray(with_right_checksums(bytes(data)))
        try:
            found = decode(bytes(data), "seven.png")
        except PictureError:
            continue
        assert found.shape[2] == 4


def with_right_checksums(data: bytes) -> bytes:
    """Let damage get further than the first checksum."""
    place, fixed = 8, bytearray(data)
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4])
        end = place + 8 + length
        if end + 4 > len(data):
            break
        fixed[end : end + 4] = struct.pack(">I", zlib.crc32(data[place + 4 : end]))
        place = end + 4
    return bytes(fixed)


def test_a_gif_and_a_bmp_are_measured_before_they_are_decoded():
    for kind, place, form in (("GIF", 6, "<HH"), ("BMP", 18, "<ii")):
        data = bytearray(file_of(Image.new("P", (8, 8)), kind))
        struct.pack_into(form, data, place, 3_000, 2_001)
        with pytest.raises(PictureError, match=rf"is a {kind} of 3000×2001 pixels; 6 million is the most"):
            decode(bytes(data), "a")
        struct.pack_into(form, data, place, 6_000, 5_000)
        with pytest.raises(PictureError, match="has 6000×5000 pixels; 25 million is the most"):
            decode(bytes(data), "a")


def test_a_transparent_gif_is_transparent():
    picture = Image.new("P", (40, 30), 0)
    picture.putpalette([0, 0, 0, 255, 255, 255])
    picture.paste(1, (10, 10, 20, 20))
    found = decode(file_of(picture, "GIF", transparency=0), "a.gif")
    assert found[15, 15].tolist() == [255, 255, 255, 255]
    assert found[0, 0, 3] == 0


@pytest.mark.parametrize("kind", TURNED_KINDS)
def test_too_many_pixels_are_refused_before_they_are_decoded(kind, monkeypatch):
    monkeypatch.setattr(Image, "open", None)
    monkeypatch.setattr(module.Png, "reduced", None)
    side = int(MAX_PIXELS**0.5) + 1
    with pytest.raises(PictureError, match=rf"“a” has {side}×{side} pixels; 25 million is the most"):
        decode(claiming(kind, side, side), "a")
    with pytest.raises(PictureError, match=r"“a” is 16,385 pixels long; 16,384 is the most"):
        decode(claiming(kind, 16_385, 100) if kind != "WEBP" else webp_canvas(16_385, 100), "a")


def claiming(kind: str, width: int, height: int, **options: object) -> bytes:
    """A file of that kind whose header claims this size, and nothing is behind it."""
    if kind == "PNG":
        return png_of(width, height, 8, 2, b"")
    if kind == "WEBP":
        return webp_canvas(width, height)
    tiny = bytearray(file_of(Image.new("RGB", (8, 8)), "JPEG", **options))
    frame = tiny.index(b"\xff\xc2" if options else b"\xff\xc0")
    tiny[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(tiny)


def webp_canvas(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + sides
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def test_what_is_decoded_whole_must_be_smaller(monkeypatch):
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("it was opened")

    progressive = claiming("JPEG", 3_600, 6_900, progressive=True)
    colourful = claiming("JPEG", 4_000, 3_000, progressive=True, subsampling=0)
    monkeypatch.setattr(Image, "open", opened)
    with pytest.raises(PictureError, match=r"progressive JPEG of 3600×6900 pixels: too large"):
        decode(progressive, "a.jpg")
    with pytest.raises(PictureError, match=r"progressive JPEG of 4000×3000 pixels: too large"):
        decode(colourful, "a.jpg")
    with pytest.raises(PictureError, match=r"interlaced PNG of 2100×2100 pixels; 4 million is the most"):
        decode(png_of(2_100, 2_100, 8, 0, b"\xff" * 2_100, interlaced=True), "a.png")
    with pytest.raises(PictureError, match=r"WebP of 1700×1700 pixels; 2\.6 million is the most"):
        decode(webp_canvas(1_700, 1_700), "a.webp")


def test_a_jpeg_of_ten_thousand_scans_is_refused():
    data = file_of(seven_picture(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    with pytest.raises(PictureError, match="cannot be read"):
        decode(data[:-2] + data[last:-2] * 10_000 + b"\xff\xd9", "a.jpg")


def test_an_animated_png_gives_its_first_picture_and_text_beside_it_costs_nothing():
    frames = [seven_picture().convert("RGB"), Image.new("RGB", (280, 280), "white")]
    file = io.BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(decode(file.getvalue(), "a.png")[..., :3], np.asarray(frames[0]))
    text = b"key\0\0" + zlib.compress(bytes(5_000_000), 9)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    data = file_of(frames[0])
    data = SIGNATURE + data[8:33] + chunk + data[33:]
    np.testing.assert_array_equal(decode(data, "a.png")[..., :3], np.asarray(frames[0]))
