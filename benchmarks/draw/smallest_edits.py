"""The fewest pixels that turn a test digit into another: how often they are found, how many, how fast."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.result import Result
from core.data.library import DatasetLibrary
from core.errors import DigitLabError
from core.prediction.network import Network
from core.prediction.onnx_layers import layers_of
from core.prediction.ready_made import read_all
from core.prediction.smallest_edit import smallest_edit
from core.settings import get_settings
from tests.support.serve import ROOT

NAMES = (
    "smallest_edits_flipped",
    "smallest_edits_pixels",
    "smallest_edits_most_pixels",
    "smallest_edits_seconds",
    "smallest_edits_slowest_seconds",
)

IMAGES = 500
SEED = 13
LEAST_PERCENT = 95.0
MOST_SECONDS = 1.0
# As app.py sets it: the small products of one picture are no work for two threads.
_AS_IN_THE_APP = {"OPENBLAS_NUM_THREADS": "1"}


def run() -> Iterator[Result]:
    """Yield what 500 correctly read MNIST test images gave, each with another digit drawn by chance.

    Raises
    ------
    DigitLabError
        If there is no MNIST, or the network cannot be trained.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "network.onnx")
        home = {"DIGITLAB_HOME": folder}
        _call(home, "core.training", "--recipe", "two-128", "--onnx", file)
        measured = json.loads(_call(home | _AS_IN_THE_APP, "benchmarks.draw.smallest_edits", file))
    pixels, seconds = measured["pixels"], measured["seconds"]
    yield Result(NAMES[0], 100 * len(pixels) / IMAGES, "%", LEAST_PERCENT)
    yield Result.of(NAMES[1], pixels, "pixels")
    yield Result(NAMES[2], max(pixels), "pixels")
    yield Result.of(NAMES[3], seconds, "s")
    yield Result(NAMES[4], max(seconds), "s", MOST_SECONDS)


def _call(environment: dict[str, str], module: str, *arguments: str) -> str:
    """Run a module and return what it prints."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DigitLabError(f"{module} failed: {done.stderr[-500:]}")
    return done.stdout


def _measure(content: bytes) -> dict[str, list[float]]:
    """Return the pixels of each picture that was flipped, and the seconds of each picture."""
    settings = get_settings()
    mnist = DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout).open("mnist")
    network, layers = Network(content), layers_of(content)
    labels = np.asarray(mnist.test_labels)
    right = np.flatnonzero(read_all(network, mnist.test_images).argmax(axis=1) == labels)
    rng = np.random.default_rng(SEED)
    measured: dict[str, list[float]] = {"pixels": [], "seconds": []}
    for row in rng.choice(right, IMAGES, replace=False):
        target = int((labels[row] + rng.integers(1, 10)) % 10)
        began = perf_counter()
        edit = smallest_edit(layers, np.asarray(mnist.test_images[row]), target)
        measured["seconds"].append(perf_counter() - began)
        # ONNX Runtime has the last word, not the numbers by which it was found.
        if edit is not None and network.predict(edit.picture[np.newaxis]).probabilities.argmax() == target:
            measured["pixels"].append(len(edit.changes))
    return measured


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]).read_bytes())))
