"""A PNG of any size becomes a small picture, read a strip of rows at a time.

Pillow decodes a PNG whole: a white one of 82 KB and 25 million pixels becomes 100 MB, and its
conversions as much again. Here the rows are inflated strip by strip, and each strip is reduced
before the next one is read, so that the memory needed depends on the width only.

The rows of a PNG are filtered: each is written as differences from the row above and the pixel
before. Only Pillow undoes that fast enough, so each strip is handed to it as a little PNG of its
own, whose first row is the last one of the strip before.

Format: https://www.w3.org/TR/png-3/
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.handwriting.headers import orientation_of

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# One that is interlaced comes in seven passes over the whole picture: it is decoded whole, so it is small.
MAX_INTERLACED_PIXELS = 4_000_000

_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_CHANNELS = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, _RGBA: 4}
_DEPTHS = {_GREY: (1, 2, 4, 8, 16), _PALETTE: (1, 2, 4, 8)}
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# How Pillow's little PNG is marked, by channels of one byte.
_COLOUR_TYPES = {1: _GREY, 2: _GREY_ALPHA, 3: _RGB, 4: _RGBA}

_STRIP_PIXELS = 250_000
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Png:
    """A PNG whose chunks are whole and whose pixels are not decoded yet.

    Attributes
    ----------
    width, height
        In pixels.
    depth, colour_type
        Bits a sample, and what a pixel is made of, by the numbers of the format.
    interlaced
        Whether it is written in seven passes.
    palette
        uint8 (colours, 3); empty if there is none.
    transparency
        Content of the chunk tRNS; empty if there is none.
    orientation
        How the camera was held, as in EXIF; 1 is upright.
    compressed
        The chunks IDAT.
    data
        The whole file.
    """

    width: int
    height: int
    depth: int
    colour_type: int
    interlaced: bool
    palette: NDArray[np.uint8]
    transparency: bytes
    orientation: int
    compressed: tuple[memoryview, ...]
    data: bytes

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the chunks; raise `ValueError` or `struct.error` if they are damaged."""
        chunks: dict[bytes, bytes] = {}
        compressed = []
        for kind, content in _chunks(data):
            if kind == b"IDAT":
                compressed.append(content)
            elif kind in (b"IHDR", b"PLTE", b"tRNS", b"eXIf"):
                chunks.setdefault(kind, bytes(content))
        width, height, depth, colour_type, _, _, interlace = struct.unpack(
            ">IIBBBBB", chunks.get(b"IHDR", b"")
        )
        if colour_type not in _CHANNELS or depth not in _DEPTHS.get(colour_type, (8, 16)) or interlace > 1:
            raise ValueError("a kind of pixel that there is not")
        if not width or not height or not compressed:
            raise ValueError("no pixels")
        palette = np.frombuffer(chunks.get(b"PLTE", b""), np.uint8).reshape(-1, 3)
        transparency = chunks.get(b"tRNS", b"")
        orientation = orientation_of(lambda: _exif(chunks.get(b"eXIf", b"")))
        return cls(
            width, height, depth, colour_type, bool(interlace), palette, transparency, orientation,
            tuple(compressed), data,
        )  # fmt: skip

    def reduced(self, factor: int) -> Image.Image:
        """Return the picture, RGB or RGBA, each square of `factor` by `factor` pixels averaged to one."""
        mode = "RGBA" if self.transparency or self.colour_type in (_GREY_ALPHA, _RGBA) else "RGB"
        small = Image.new(mode, (-(-self.width // factor), -(-self.height // factor)))
        rows = factor * max(1, _STRIP_PIXELS // (factor * self.width))
        strips = self._whole_in_strips(rows) if self.interlaced else self._strips(rows)
        top = 0
        for strip in strips:
            part = strip.reduce(factor) if factor > 1 else strip
            small.paste(part.convert(mode), (0, top))
            top += part.height
        return small

    def _whole_in_strips(self, rows: int) -> Iterator[Image.Image]:
        """Decode an interlaced picture whole and yield it as `_strips` does."""
        if self.width * self.height > MAX_INTERLACED_PIXELS:
            raise ValueError("interlaced and large")
        with Image.open(io.BytesIO(self.data), formats=("PNG",)) as picture:
            picture.load()
            for top in range(0, self.height, rows):
                strip = picture.crop((0, top, self.width, min(top + rows, self.height)))
                if strip.mode.startswith("I"):  # 16 bits a pixel: Pillow would clip them to 8
                    strip = Image.fromarray((np.asarray(strip) >> 8).astype(np.uint8))
                yield strip.convert("RGBA")

    def _strips(self, rows: int) -> Iterator[Image.Image]:
        """Yield the picture from the top, RGBA, so many rows at a time; the last may have fewer."""
        channels = _CHANNELS[self.colour_type]
        length = (self.width * channels * self.depth + 7) // 8
        inflated = _Inflated(self.compressed)
        # Samples of less than a byte lie several in one; filters then take bytes for pixels.
        width = length if self.depth < 8 else self.width
        above = np.zeros(width * channels, np.uint8)
        for top in range(0, self.height, rows):
            count = min(rows, self.height - top)
            filtered = np.frombuffer(inflated.read(count * (1 + length)), np.uint8).reshape(count, -1)
            if self.depth == 16:
                # A filter works on the high bytes and on the low bytes each by themselves.
                filtered = np.concatenate([filtered[:, :1], filtered[:, 1::2]], axis=1)
            pixels = _unfiltered(filtered, above, width, channels)
            above = pixels[-1]
            yield self._picture(pixels)

    def _picture(self, pixels: NDArray[np.uint8]) -> Image.Image:
        """Return rows of bytes as a picture of its own kind, in what `Image.reduce` can average."""
        size = (self.width, len(pixels))
        if self.colour_type == _RGB and self.transparency:
            rgb = pixels.reshape(len(pixels), self.width, 3)
            clear = (rgb == self._clear_sample()).all(axis=-1)
            return Image.fromarray(np.dstack([rgb, np.where(clear, 0, 255).astype(np.uint8)]))
        if self.colour_type in (_RGB, _GREY_ALPHA, _RGBA):
            mode = _MODES[_CHANNELS[self.colour_type]]
            return Image.frombuffer(mode, size, pixels.tobytes(), "raw", mode, 0, 1)
        if self.colour_type == _GREY and self.depth >= 8 and not self.transparency:
            return Image.fromarray(pixels)
        depth = min(self.depth, 8)
        if depth < 8:
            shifts = np.arange(8 - depth, -1, -depth, dtype=np.uint8)
            pixels = ((pixels[..., None] >> shifts) & np.uint8(2**depth - 1)).reshape(len(pixels), -1)
        # Four bytes at once: a colour at a time takes four times as long.
        colours = self._table(2**depth).view(np.uint32)[:, 0][pixels[:, : self.width]]
        mode = "RGBA" if self.transparency else "RGBX"  # averages of the latter need no weighing by alpha
        return Image.frombuffer(mode, size, colours.tobytes(), "raw", mode, 0, 1)

    def _table(self, size: int) -> NDArray[np.uint8]:
        """Return the colour of each sample, uint8 (size, 4)."""
        table = np.full((256, 4), 255, np.uint8)
        if self.colour_type == _PALETTE:
            table[: len(self.palette), :3] = self.palette[:256]
            alpha = np.frombuffer(self.transparency, np.uint8)[:256]
            table[: len(alpha), 3] = alpha
        else:
            table[:size, :3] = np.linspace(0, 255, size).round()[:, None]
            if self.transparency:
                table[int(self._clear_sample()[0]) % size, 3] = 0
        return table

    def _clear_sample(self) -> NDArray[np.uint8]:
        """Return the one grey or colour that is transparent, as bytes."""
        samples = np.frombuffer(self.transparency, ">u2")
        return (samples >> 8 if self.depth == 16 else samples).astype(np.uint8)


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield kind and content of each chunk up to the end; raise `ValueError` for a damaged one."""
    view, place = memoryview(data), len(SIGNATURE)
    while True:
        length, kind = struct.unpack_from(">I4s", view, place)
        end = place + 8 + length
        (checksum,) = struct.unpack_from(">I", view, end)
        if zlib.crc32(view[place + 4 : end]) != checksum:
            raise ValueError("a chunk is damaged")
        if kind == b"IEND":
            return
        yield kind, view[place + 8 : end]
        place = end + 4


def _exif(content: bytes) -> Image.Exif:
    tags = Image.Exif()
    tags.load(content)
    return tags


class _Inflated:
    """The compressed content of the chunks IDAT, inflated no further than it is asked for."""

    def __init__(self, compressed: tuple[memoryview, ...]) -> None:
        self._pieces = (
            content[start : start + _PIECE]
            for content in compressed
            for start in range(0, len(content), _PIECE)
        )
        self._decoder = zlib.decompressobj()

    def read(self, count: int) -> bytearray:
        """Return the next `count` bytes; raise `ValueError` or `zlib.error` if they are not there."""
        found = bytearray()
        while len(found) < count:
            if self._decoder.eof:
                raise ValueError("rows are missing")
            piece = self._decoder.unconsumed_tail or next(self._pieces, b"")
            if not piece:
                raise ValueError("rows are missing")
            found += self._decoder.decompress(piece, count - len(found))
        return found


def _unfiltered(
    filtered: NDArray[np.uint8], above: NDArray[np.uint8], width: int, channels: int
) -> NDArray[np.uint8]:
    """Return the rows, uint8 (rows, width · channels), of filtered ones that follow the row `above`.

    Parameters
    ----------
    filtered
        uint8 (rows, 1 + width · channels): the number of the row's filter, then its bytes.
    """
    first = np.concatenate([np.zeros(1, np.uint8), above])  # filter 0: as it is
    content = zlib.compress(np.vstack([first, filtered]).tobytes(), 0)
    header = struct.pack(">IIBBBBB", width, 1 + len(filtered), 8, _COLOUR_TYPES[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", content), (b"IEND", b""))
    file = SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    with Image.open(io.BytesIO(file), formats=("PNG",)) as strip:
        if strip.mode != _MODES[channels]:
            raise ValueError(f"Pillow read a strip as {strip.mode}")
        return np.asarray(strip).reshape(1 + len(filtered), -1)[1:]
