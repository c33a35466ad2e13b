"""How large a JPEG or a WebP is, told by its markers alone, before any decoder sees the file.

Formats: ITU-T T.81, annex B; https://developers.google.com/speed/webp/docs/riff_container
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from PIL import ExifTags, Image

_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
# In the compressed part of a scan, what looks like one of these markers is not its end.
_END_OF_SCAN = re.compile(rb"\xff(?=[^\x00\xd0-\xd7\xff])", re.DOTALL)
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_STAND_ALONE = {0x01, *range(0xD0, 0xD9)}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}

_VP8_START_CODE = b"\x9d\x01\x2a"
_VP8L_SIGNATURE = b"\x2f"


@dataclass(frozen=True)
class JpegHeader:
    """What the markers of a JPEG say.

    Attributes
    ----------
    width, height
        In pixels.
    sampling
        Horizontal and vertical sampling of each component.
    scans
        How often the decoder goes over the picture.
    is_whole_at_once
        Whether one scan brings all components, so that no more than some rows must be kept.
    """

    width: int
    height: int
    sampling: tuple[tuple[int, int], ...]
    scans: int
    is_whole_at_once: bool

    @property
    def coefficient_bytes(self) -> int:
        """What a decoder keeps of a picture that comes in several scans: two bytes a coefficient."""
        widest = max(horizontal for horizontal, _ in self.sampling)
        tallest = max(vertical for _, vertical in self.sampling)
        shares = sum(horizontal * vertical for horizontal, vertical in self.sampling) / (widest * tallest)
        return int(2 * self.width * self.height * shares)


def jpeg_header(data: bytes) -> JpegHeader:
    """Return what the markers of a JPEG say; raise `ValueError` or `struct.error` if they make no sense."""
    frame: tuple[int, int, tuple[tuple[int, int], ...]] | None = None
    scans, components_of_first, place = 0, 0, 2
    progressive = False
    while marker := _JPEG_MARKER.search(data, place):
        kind, place = marker[1][0], marker.end()
        if kind == _END_OF_IMAGE:
            break
        if kind in _STAND_ALONE:
            continue
        (length,) = struct.unpack_from(">H", data, place)
        if kind in _FRAMES and frame is None:
            height, width, components = struct.unpack_from(">HHB", data, place + 3)
            each = (data[place + 9 + 3 * number] for number in range(components))
            frame = (width, height, tuple((byte >> 4, byte & 15) for byte in each))
            progressive = kind not in (0xC0, 0xC1)
        place += length
        if kind == _START_OF_SCAN:
            scans += 1
            components_of_first = components_of_first or data[place - length + 2]
            ending = _END_OF_SCAN.search(data, place)
            place = ending.start() if ending else len(data)
    if frame is None or not frame[2] or not all(h and v for h, v in frame[2]) or not frame[0] * frame[1]:
        raise ValueError("a JPEG without a frame")
    at_once = not progressive and components_of_first == len(frame[2])
    return JpegHeader(*frame, scans, at_once)


def webp_size(data: bytes) -> tuple[int, int]:
    """Return width and height of a WebP; raise `ValueError` or `struct.error` if it has none."""
    kind, body = data[12:16], data[20:30]
    if kind == b"VP8X":
        low, middle, high, *others = body[4:10]
        return 1 + (low | middle << 8 | high << 16), 1 + (others[0] | others[1] << 8 | others[2] << 16)
    if kind == b"VP8 " and body[3:6] == _VP8_START_CODE:
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and body[:1] == _VP8L_SIGNATURE:
        (bits,) = struct.unpack("<I", body[1:5])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    raise ValueError("a WebP without a picture")


def orientation_of(read_exif: Callable[[], Image.Exif]) -> int:
    """Return how the camera was held, 1 to 8 as EXIF counts; 1, upright, where that cannot be read.

    Parameters
    ----------
    read_exif
        Gives what a picture says of the camera; a picture whose EXIF is damaged is still a picture.
    """
    try:
        return int(read_exif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # Pillow has a class of its own for every kind of damage
        return 1
