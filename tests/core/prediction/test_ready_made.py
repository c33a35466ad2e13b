"""The network that comes with Digit Lab: small, of its recipe, and good at what it is for."""

from pathlib import Path

import numpy as np
import pytest

from core.data.library import DatasetLibrary
from core.errors import ModelError
from core.prediction import ready_made
from core.recipes import READY_MADE, get_recipe


def test_it_is_small_and_has_the_layers_of_its_recipe() -> None:
    assert ready_made.FILE.stat().st_size <= 500_000
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
    assert (probabilities.argmax(axis=1) == dataset.test_labels).mean() > 0.98
    # A part at a time is as good as all at once.
    at_once = ready_made.ready_made_network().predict(np.asarray(dataset.test_images[:1_500]))
    np.testing.assert_allclose(probabilities[:1_500], at_once.probabilities, atol=1e-6)


def test_a_file_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ready_made, "FILE", tmp_path / "gone.onnx")
    with pytest.raises(ModelError, match="ready-made network cannot be read"):
        ready_made.ready_made_network()
