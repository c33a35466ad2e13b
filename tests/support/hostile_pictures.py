"""Pictures that are small as files and large when decoded, and large ones of cameras and scanners."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from core.handwriting.png import SIGNATURE
from tests.support.picture_samples import file_of

SIDE = 5_000


def hostile_pictures() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each; made one at a time, since making them takes memory."""
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        yield f"white_{mode}.png", file_of(_seven(mode, SIDE))
    yield "white_16.png", png_of(SIDE, SIDE, 16, 0, b"\xff" * 2 * SIDE)
    yield "white_rgba16.png", png_of(SIDE, SIDE, 16, 6, b"\xff" * 8 * SIDE)
    yield "interlaced_16.png", png_of(2_000, 2_000, 16, 6, b"\xff" * 16_000, interlaced=True)
    yield "interlaced.png", png_of(SIDE, SIDE, 8, 2, b"\xff" * 3 * SIDE, interlaced=True)
    yield "row.png", png_of(16_384, 1_525, 16, 6, b"\xff" * 8 * 16_384)
    yield "bomb.png", png_of(2**31 - 1, 2**31 - 1, 16, 6, b"")
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "turned.jpg", file_of(_seven("RGB", SIDE), "JPEG", exif=exif, quality=60)
    yield "grey.jpg", file_of(_seven("L", SIDE), "JPEG", quality=60)
    yield "progressive.jpg", file_of(_photo(4_000, 3_000), "JPEG", quality=60, progressive=True)
    yield "progressive_444.jpg", file_of(_seven("RGB", SIDE), "JPEG", progressive=True, subsampling=0)
    yield "phone.jpg", file_of(_photo(4_000, 3_000), "JPEG", quality=80)
    yield "scan.png", file_of(_photo(4_000, 3_000).convert("L").quantize(8))
    yield "screen.webp", file_of(_photo(1_080, 2_340), "WEBP", lossless=True, method=0)
    yield "screen.gif", file_of(_photo(3_000, 2_000).quantize(64), "GIF")
    yield "white.bmp", file_of(_seven("1", 2_400), "BMP")
    yield "bomb.gif", file_of(_seven("L", SIDE), "GIF")
    yield "bomb.webp", file_of(_seven("RGB", 4_000), "WEBP", method=0)


def png_of(
    width: int, height: int, depth: int, colour_type: int, row: bytes, *, interlaced: bool = False
) -> bytes:
    """Return a PNG whose rows, or those of its seven passes, are all `row`, as far as each goes."""
    packer = zlib.compressobj(9)
    packed = b""
    bits = depth * {2: 3, 4: 2, 6: 4}.get(colour_type, 1)
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    for left, top, across, down in passes if row else ():
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        line = b"\0" + row[: (columns * bits + 7) // 8]
        packed += b"".join(packer.compress(line) for _ in range(rows))
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, interlaced)
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in ((b"IHDR", header), (b"IDAT", packed + packer.flush()), (b"IEND", b""))
    )


# Adam7: first column, first row, step in columns, step in rows.
_PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
)  # fmt: skip


def _seven(mode: str, side: int) -> Image.Image:
    picture = Image.new(mode if mode != "P" else "L", (side, side), "white")
    points = [(0.25 * side, 0.2 * side), (0.7 * side, 0.2 * side), (0.4 * side, 0.8 * side)]
    ImageDraw.Draw(picture).line(points, fill="black", width=side // 14, joint="curve")
    return picture.convert(mode)


def _photo(width: int, height: int) -> Image.Image:
    """A digit on paper with the light and the grain of a camera."""
    light = np.linspace(190, 240, width, dtype=np.float32)[None, :]
    grain = np.random.default_rng(1).integers(-6, 7, (height, width), dtype=np.int8)
    grey = (light + grain).astype(np.uint8)
    picture = Image.fromarray(grey)
    points = [(0.3 * width, 0.2 * height), (0.7 * width, 0.2 * height), (0.45 * width, 0.8 * height)]
    ImageDraw.Draw(picture).line(points, fill=40, width=width // 18, joint="curve")
    return picture.convert("RGB")
