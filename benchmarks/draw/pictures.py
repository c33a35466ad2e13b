"""Photographs of digits: of each kind of paper so many of ten read right, a page's seconds, formats.

The digits are made by `tests.support.photo_samples`; the network is the one that comes along.
"""

import time
from collections.abc import Collection, Iterator

import numpy as np
from PIL import Image

from benchmarks.result import Result
from core.errors import PictureError
from core.handwriting.mnist_form import to_network_input
from core.handwriting.segments import segments
from core.handwriting.upload import read_upload
from core.prediction.network import Network
from core.prediction.ready_made import read_all, ready_made_network
from tests.support.format_samples import every_format
from tests.support.number_samples import page_of_digits
from tests.support.photo_samples import READABLE, picture
from tests.support.picture_samples import file_of


def _name(kind: str) -> str:
    return "pictures_" + kind.replace(",", "").replace(" ", "_")


KINDS = {_name(kind): kind for kind in READABLE}
NAMES = (
    *KINDS,
    "pictures_right",
    "page_of_digits_right",
    "page_of_digits_seconds",
    "picture_formats_verdicts",
)

LEAST_RIGHT = 9.0  # of ten
PAGE = (20, 10)  # lines, digits in each
MOST_SECONDS = 2.0


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the wanted results."""
    network = ready_made_network()
    right = []
    for name, kind in KINDS.items():
        if name in wanted or "pictures_right" in wanted:
            right.append(sum(_read(network, picture(kind, digit)) == str(digit) for digit in range(10)))
            yield Result(name, right[-1], "of 10", LEAST_RIGHT)
    if len(right) == len(KINDS):
        yield Result("pictures_right", 10 * sum(right) / len(right), "%")
    if {"page_of_digits_right", "page_of_digits_seconds"} & set(wanted):
        yield from _page(network)
    if "picture_formats_verdicts" in wanted:
        verdicts = {_read_file(network, name, data) for name, data in every_format()}
        yield Result("picture_formats_verdicts", len(verdicts), "", 1.0)


def _page(network: Network) -> Iterator[Result]:
    shown, labels = page_of_digits(*PAGE)
    data = file_of(shown, "JPEG", quality=90)
    began = time.monotonic()
    found = segments(read_upload(data, "page.jpg").ink)
    answers = read_all(network, np.stack([to_network_input(each.ink) for each in found])).argmax(axis=1)
    seconds = time.monotonic() - began
    right = int((answers == labels.ravel()).sum()) if len(answers) == labels.size else 0
    yield Result("page_of_digits_right", 100 * right / labels.size, "%")
    yield Result("page_of_digits_seconds", seconds, "s", MOST_SECONDS)


def _read(network: Network, shown: Image.Image) -> str:
    return _read_file(network, "picture.png", file_of(shown))


def _read_file(network: Network, name: str, data: bytes) -> str:
    """Return what is read, nothing if the picture is refused; several digits one after another."""
    try:
        found = segments(read_upload(data, name).ink)
    except PictureError:
        return ""
    images = np.stack([to_network_input(each.ink) for each in found])
    return "".join(map(str, read_all(network, images).argmax(axis=1)))
