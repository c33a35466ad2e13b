"""How large the file is that holds a network, and what eight bits a weight cost it on MNIST's test images."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.app import temporary_home
from benchmarks.result import Result
from core.data.library import DatasetLibrary
from core.errors import DigitLabError
from core.prediction.forward import DenseLayer, outputs_of
from core.prediction.onnx_layers import layers_of
from core.prediction.packed import Bits, as_with_8_bits
from core.prediction.refusal import digits_refusal
from core.settings import get_settings
from pages.parts.draw.pocket.maker import PocketMaker
from pages.parts.shared.judging import Judging
from tests.support.serve import ROOT

NAMES = ("pocket_kb", "pocket_8_bits_kb", "pocket_8_bits_points_lost")

MOST_KB, MOST_KB_WITH_8_BITS, MOST_POINTS_LOST = 700.0, 180.0, 0.1


def run() -> Iterator[Result]:
    """Yield the sizes (KB) for recipe `two-128`, 118,282 parameters, and the points of accuracy lost.

    Raises
    ------
    DigitLabError
        If it cannot be trained.
    """
    with temporary_home(needs_mnist=True) as (home, environment):
        onnx = _trained(home / "network.onnx", environment)
    judging = Judging(1.0, digits_refusal(), "", is_digits=True)
    names = [str(digit) for digit in range(10)]
    kinds: tuple[tuple[str, Bits, float], ...] = (
        (NAMES[0], 32, MOST_KB),
        (NAMES[1], 8, MOST_KB_WITH_8_BITS),
    )
    for name, bits, most in kinds:
        file = PocketMaker(onnx, bits, judging, "two-128", names, "")()
        yield Result(name, len(file) / 1000, "KB", most).with_ratio()
    layers = layers_of(onnx)
    lost = 100 * (_accuracy(layers) - _accuracy(as_with_8_bits(layers)))
    yield Result(NAMES[2], lost, "points", MOST_POINTS_LOST)


def _accuracy(layers: tuple[DenseLayer, ...]) -> float:
    settings = get_settings()
    mnist = DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout).open("mnist")
    read = outputs_of(layers, np.asarray(mnist.test_images))[-1].argmax(axis=1)
    return float((read == mnist.test_labels).mean())


def _trained(path: Path, environment: dict[str, str]) -> bytes:
    command = [sys.executable, "-m", "core.training", "--recipe", "two-128", "--onnx", str(path)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DigitLabError(f"The network for the pocket could not be trained: {done.stderr[-500:]}")
    return path.read_bytes()
