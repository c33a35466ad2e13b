"""The network that comes with Digit Lab: small, of its recipe, and good at what it is for."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sklearn.datasets import load_digits

from core.data.library import DatasetLibrary
from core.errors import ModelError
from core.handwriting.mnist_form import to_network_input
from core.prediction import ready_made
from core.recipes import READY_MADE, get_recipe


def test_it_is_small_and_has_the_layers_of_its_recipe() -> None:
    assert ready_made.FILE.stat().st_size <= 1_000_000
    assert get_recipe("ready-made") is READY_MADE
    prediction = ready_made.ready_made_network().predict(np.zeros((1, 28, 28), np.uint8))
    widths = [layer.shape[1] for layer in prediction.activations]
    assert widths == [layer.units for layer in READY_MADE.config.hidden_layers]


def test_it_reads_nearly_all_of_mnist(mnist_source: Path | None, tmp_path: Path) -> None:
    if mnist_source is None:
        pytest.skip("no MNIST here")
    dataset = DatasetLibrary(tmp_path, mnist_source, 10.0).prepare(ready_made.DATASET)
    probabilities = ready_made.read_all(ready_made.ready_made_network(), dataset.test_images)
    assert probabilities.shape == (10_000, 10)
    assert (probabilities.argmax(axis=1) == dataset.test_labels).mean() >= 0.988
    # A part at a time is as good as all at once.
    at_once = ready_made.ready_made_network().predict(np.asarray(dataset.test_images[:1_500]))
    np.testing.assert_allclose(probabilities[:1_500], at_once.probabilities, atol=1e-6)


def test_it_reads_digits_of_forms_that_are_not_mnist_s() -> None:
    # 1,797 digits of 13 writers in 8×8 counts from 0 to 16; nobody has trained with them.
    found = load_digits()
    pictures = np.stack([to_network_input(each) for each in (found.images / 16).astype(np.float32)])
    read = ready_made.read_all(ready_made.ready_made_network(), pictures).argmax(axis=1)
    assert (read == found.target).mean() >= 0.95
    for digit in range(10):
        assert (read == digit)[found.target == digit].mean() > 0.85, digit


def test_it_reads_ones_with_flags_and_sevens_with_bars() -> None:
    sheets = {
        "0,60 30,30 50,0 50,140": 1,  # a long flag
        "20,30 50,0 50,140 15,140 85,140": 1,  # a flag and a foot
        "5,5 95,5 45,140 70,72 25,72 90,72": 7,
        "20,0 10,75 95,75 75,75 75,5 75,140": 4,  # open
        "80,20 45,5 15,35 45,70 80,45 80,20 80,140": 9,  # a straight leg
    }
    for text, digit in sheets.items():
        sheet = Image.new("L", (280, 280))
        points = [tuple(map(float, word.split(","))) for word in text.split()]
        for width in (8, 16, 24):
            at = [(80 + x, 60 + y) for x, y in points]
            ImageDraw.Draw(sheet).line(at, fill=255, width=width, joint="curve")
            ink = np.asarray(sheet, np.float32) / 255
            picture = to_network_input(ink)[None]
            read = ready_made.ready_made_network().predict(picture).probabilities
            assert read.argmax() == digit, (text, width)


def test_a_file_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ready_made, "FILE", tmp_path / "gone.onnx")
    with pytest.raises(ModelError, match="ready-made network cannot be read"):
        ready_made.ready_made_network()
