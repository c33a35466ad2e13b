"""The PNG reader against Pillow's, for every kind of pixel."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.handwriting import png as module
from core.handwriting.png import Png
from tests.support.hostile_pictures import png_of
from tests.support.picture_samples import file_of

SIZE = (143, 97)  # neither fills its last byte with less than eight bits a sample


@pytest.fixture(autouse=True)
def _strips_of_a_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STRIP_PIXELS", 10 * SIZE[0])
    monkeypatch.setattr(module, "_PIECE", 100)


def colourful() -> Image.Image:
    """Soft colours and soft transparency, so that an encoder uses every filter."""
    values = np.random.default_rng(2).integers(0, 256, (12, 15, 4)).astype(np.uint8)
    return Image.fromarray(values).resize(SIZE, Image.Resampling.BICUBIC)


def read(data: bytes, factor: int = 1) -> np.ndarray:
    return np.asarray(Png.parse(data).reduced(factor).convert("RGBA"))


def by_pillow(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_pixel_is_read_as_pillow_reads_it(mode):
    data = file_of(colourful().convert(mode))
    np.testing.assert_array_equal(read(data), by_pillow(data))


@pytest.mark.parametrize("colours", [2, 4, 16, 200])
@pytest.mark.parametrize("transparent", [False, True])
def test_palettes_of_one_to_eight_bits_with_and_without_transparency(colours, transparent):
    picture = colourful().convert("RGB").quantize(colours)
    options = {"transparency": bytes(2 * number % 256 for number in range(colours))} if transparent else {}
    data = file_of(picture, **options)
    np.testing.assert_array_equal(read(data), by_pillow(data))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_one_colour_may_stand_for_transparency(mode):
    picture = colourful().convert(mode)
    clear = picture.getpixel((70, 40))
    data = file_of(picture, transparency=clear)
    found = read(data)
    np.testing.assert_array_equal(found, by_pillow(data))
    assert found[40, 70, 3] == 0
    assert found[..., 3].max() == 255


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_grey_of_less_than_a_byte_spreads_over_all_brightness(depth):
    row = np.random.default_rng(3).integers(0, 256, -(-SIZE[0] * depth // 8)).astype(np.uint8)
    data = png_of(*SIZE, depth, 0, row.tobytes())
    bits = np.unpackbits(row).reshape(-1, depth) @ (1 << np.arange(depth)[::-1])
    expected = np.round(bits[: SIZE[0]] * 255 / (2**depth - 1))
    np.testing.assert_array_equal(read(data)[..., 0], np.broadcast_to(expected, SIZE[::-1]))


@pytest.mark.parametrize(("colour_type", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
@pytest.mark.parametrize("row_filter", range(5))
def test_of_sixteen_bits_the_high_ones_are_read_whatever_the_filter(colour_type, channels, row_filter):
    samples = np.random.default_rng(4).integers(0, 2**16, (SIZE[1], SIZE[0] * channels)).astype(">u2")
    data = rewritten(
        png_of(*SIZE, 16, colour_type, samples[0].tobytes()), filtered(samples, row_filter, channels)
    )
    high = (samples >> 8).astype(np.uint8).reshape(SIZE[1], SIZE[0], channels)
    found = read(data)
    if channels in (2, 4):
        np.testing.assert_array_equal(found[..., 3], high[..., -1])
    colours = high[..., :3] if channels > 2 else high[..., :1]
    np.testing.assert_array_equal(found[..., :3], np.broadcast_to(colours, (*SIZE[::-1], 3)))


def filtered(samples: np.ndarray, row_filter: int, channels: int) -> bytes:
    """Filter rows as section 9 of the PNG specification says, byte by byte."""
    rows = np.frombuffer(samples.tobytes(), np.uint8).reshape(len(samples), -1).astype(int)
    pixel = 2 * channels
    left = np.pad(rows, ((0, 0), (pixel, 0)))[:, :-pixel]
    up = np.pad(rows, ((1, 0), (0, 0)))[:-1]
    corner = np.pad(up, ((0, 0), (pixel, 0)))[:, :-pixel]
    near = np.stack([left, up, corner])
    closest = np.abs(left + up - corner - near).argmin(axis=0)  # the first of equals
    paeth = np.take_along_axis(near, closest[None], axis=0)[0]
    predicted = [0 * rows, left, up, (left + up) // 2, paeth][row_filter]
    marked = np.insert((rows - predicted) % 256, 0, row_filter, axis=1)
    return marked.astype(np.uint8).tobytes()


def rewritten(data: bytes, content: bytes) -> bytes:
    """Return a PNG with other rows."""
    packed = zlib.compress(content)
    chunk = (
        struct.pack(">I", len(packed)) + b"IDAT" + packed + struct.pack(">I", zlib.crc32(b"IDAT" + packed))
    )
    start, end = data.index(b"IDAT") - 4, data.index(b"IEND") - 4
    return data[:start] + chunk + data[end:]


@pytest.mark.parametrize(("depth", "colour_type"), [(1, 0), (8, 3), (16, 0), (8, 2), (16, 6)])
def test_interlaced_pictures_are_read(depth, colour_type):
    channels = {0: 1, 2: 3, 3: 1, 6: 4}[colour_type]
    row = b"\xff" * (-(-SIZE[0] * depth * channels // 8))
    data = png_of(*SIZE, depth, colour_type, row, interlaced=True)
    if colour_type == 3:
        palette = b"\xff" * 768
        chunk = struct.pack(">I", 768) + b"PLTE" + palette + struct.pack(">I", zlib.crc32(b"PLTE" + palette))
        data = data[:33] + chunk + data[33:]
    assert read(data, 3).shape == (33, 48, 4)
    assert (read(data) == 255).all()


@pytest.mark.parametrize("factor", [2, 7])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_reduced_in_strips_equals_reduced_whole(mode, factor):
    picture = colourful().convert(mode)
    whole = np.asarray(picture.reduce(factor).convert("RGBA"))
    np.testing.assert_array_equal(read(file_of(picture), factor), whole)


@pytest.mark.parametrize(
    ("depth", "colour_type"), [(3, 0), (16, 3), (4, 2), (8, 1), (8, 7)], ids=lambda value: str(value)
)
def test_kinds_of_pixels_that_there_are_not_are_refused(depth, colour_type):
    with pytest.raises(ValueError, match="a kind of pixel"):
        Png.parse(png_of(8, 8, depth, colour_type, b"\0" * 64))


def test_missing_rows_an_unknown_filter_and_a_wrong_checksum_are_refused():
    few = rewritten(png_of(8, 8, 8, 0, b"\0" * 8), bytes(9 * 5))
    with pytest.raises(ValueError, match="rows are missing"):
        Png.parse(few).reduced(1)
    odd = rewritten(png_of(8, 8, 8, 0, b"\0" * 8), (b"\x07" + bytes(8)) * 8)
    with pytest.raises(OSError, match="unrecognized data stream"):
        Png.parse(odd).reduced(1)
    flipped = bytearray(few)
    flipped[20] ^= 1
    with pytest.raises(ValueError, match="damaged"):
        Png.parse(bytes(flipped))
