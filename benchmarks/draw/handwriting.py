"""How well networks read handwriting from elsewhere: ready-made, `reads-your-hand`, `two-128` beside them.

Read are MNIST's own test images; the 1,797 digits that scikit-learn ships (UCI, from 13 writers' forms, 8×8);
2,000 of MNIST's test images thinned to lines and drawn again with three pens; and the same stretched to the
squares of a form and scanned with 16×16 black or white dots. No network has learnt from any of these.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from core.data.dataset import Dataset
from core.data.handwriting import mixture
from core.data.handwriting.rewriting import lines_of
from core.data.library import DatasetLibrary
from core.handwriting.mnist_form import to_network_input
from core.prediction import ready_made
from core.prediction.network import Network
from core.settings import get_settings

_RECIPES = ("reads-your-hand", "two-128")
_SETS = ("mnist", "uci", "lines", "forms")
_NETWORKS = ("ready_made", *(recipe.replace("-", "_") for recipe in _RECIPES))
NAMES = (
    "handwriting_mixed_seconds",
    "reads_your_hand_seconds",
    *(f"{network}_on_{each}" for network in _NETWORKS for each in _SETS),
)

# Per cent; MNIST's and those of scanned forms are what is required.
_REFERENCES = {"mnist": 98.8, "uci": 95.0}
_SECONDS_ALLOWED = 60.0
_REDRAWN = 2_000
_SIDE = 280
# Half widths on the sheet: a ball pen, the Draw page's pen, a marker.
_PENS = (3, 11, 18)
_FORM_DOTS = 16

Images = NDArray[np.uint8]
Read = Callable[[Network], float]


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield accuracies (%), the seconds of the recipe in all, and those of mixing the dataset."""
    with temporary_home() as (_, environment), tempfile.TemporaryDirectory() as folder:
        settings = get_settings()
        mnist = DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout).open("mnist")
        if "handwriting_mixed_seconds" in wanted:
            began = time.perf_counter()
            mixture.generate(mnist, 2 * len(mnist.train_images))
            yield Result("handwriting_mixed_seconds", time.perf_counter() - began, "s", _SECONDS_ALLOWED)
        sets = _sets(mnist)
        yield from _read(ready_made.ready_made_network(), "ready_made", sets, wanted)
        for recipe, name in zip(_RECIPES, _NETWORKS[1:], strict=True):
            if not any(each.startswith(name) for each in wanted):
                continue
            file = Path(folder) / f"{recipe}.onnx"
            told: dict[str, Any] = run_json(
                environment, "core.training", "--recipe", recipe, "--onnx", str(file), "--json"
            )
            if name == "reads_your_hand" and "reads_your_hand_seconds" in wanted:
                yield Result("reads_your_hand_seconds", told["total_seconds"], "s", _SECONDS_ALLOWED)
            yield from _read(Network(file.read_bytes()), name, sets, wanted)


def _read(
    network: Network, name: str, sets: dict[str, tuple[Images, Images]], wanted: Collection[str]
) -> Iterator[Result]:
    for each, (images, labels) in sets.items():
        if f"{name}_on_{each}" not in wanted:
            continue
        right = ready_made.read_all(network, images).argmax(axis=1) == labels
        # The plain network is there to compare with: nothing is required of it.
        reference = None if name == "two_128" else _REFERENCES.get(each)
        yield Result(f"{name}_on_{each}", 100 * float(right.mean()), "%", reference)


def _sets(mnist: Dataset) -> dict[str, tuple[Images, Images]]:
    """Return the images that are read, with their labels; UCI's are left out without scikit-learn."""
    some = np.asarray(mnist.test_images[:_REDRAWN])
    labels = np.asarray(mnist.test_labels[:_REDRAWN])
    lines = lines_of(some)
    sets = {
        "mnist": (np.asarray(mnist.test_images), np.asarray(mnist.test_labels)),
        "uci": uci_digits(),
        "lines": (
            np.stack([to_network_input(_drawn(line, pen)) for pen in _PENS for line in lines]),
            np.tile(labels, len(_PENS)),
        ),
        "forms": (np.stack([to_network_input(_scanned(image)) for image in some]), labels),
    }
    return {name: found for name, found in sets.items() if found is not None}


def uci_digits() -> tuple[Images, Images] | None:
    """Return scikit-learn's digits as networks are shown them, (1797, 28, 28) and (1797,), or None."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        print("UCI's digits are left out: scikit-learn is not installed.", file=sys.stderr)
        return None
    found = load_digits()
    ink = (found.images / 16).astype(np.float32)  # how many of 4×4 dots are black
    return np.stack([to_network_input(each) for each in ink]), found.target.astype(np.uint8)


def _drawn(line: NDArray[np.bool_], half: int) -> NDArray[np.float32]:
    """Draw along the pixels of a line with a round pen on a large sheet."""
    sheet = Image.new("L", (_SIDE, _SIDE))
    pen = ImageDraw.Draw(sheet)
    step = _SIDE / len(line)
    points = {(int(row), int(column)) for row, column in np.argwhere(line)}
    for row, column in points:
        x, y = (column + 0.5) * step, (row + 0.5) * step
        pen.ellipse((x - half, y - half, x + half, y + half), fill=255)
        for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
            if (row + down, column + right) in points:
                pen.line((x, y, x + right * step, y + down * step), fill=255, width=2 * half)
    return np.asarray(np.asarray(sheet) / 255, np.float32)


def _scanned(image: Images) -> NDArray[np.float32]:
    """Fill a square with a digit, narrow ones as far as they go, and scan it in black or white."""
    rows, columns = np.nonzero(image > 60)
    digit = Image.fromarray(image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    width, height = digit.size
    least = round(height / 2.5)
    if width < least:
        wider = Image.new("L", (least, height))
        wider.paste(digit, ((least - width) // 2, 0))
        digit = wider
    square = digit.resize((_FORM_DOTS, _FORM_DOTS), Image.Resampling.BILINEAR)
    return (np.asarray(square) > 110).astype(np.float32)
