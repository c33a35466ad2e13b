"""Programs: a run that reuses a compiled one ends as a run that compiles its own."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.config import HiddenLayer
from core.data.dataset import Dataset
from core.training.engine import programs
from core.training.engine.model import ChunkedNetwork
from core.training.engine.programs import Programs, program_key
from tests.support.training_samples import Weights, fit, same_bits, small_config

pytestmark = pytest.mark.xla

FIRST = small_config(
    hidden_layers=(HiddenLayer(units=12, dropout=0.2),), l2=0.001, augmentation_shift=1.0, epochs=2
)


@pytest.fixture(scope="module")
def first(dataset: Dataset) -> tuple[ChunkedNetwork, Weights]:
    """A network that has been trained already, and its weights then."""
    network, _ = fit(FIRST, dataset, model=ChunkedNetwork(FIRST, dataset))
    return network, network.get_weights()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"seed": 11, "learning_rate": 0.02, "epochs": 3},
        {"l2": 0.1, "l1": 0.01, "initializer": "he"},
    ],
    ids=str,
)
def test_a_reused_program_ends_with_the_bits_of_a_fresh_one(
    dataset: Dataset, first: tuple[ChunkedNetwork, Weights], changes: dict[str, Any]
) -> None:
    network, weights = first
    cache = Programs()
    cache.give_back(FIRST, network)
    config = FIRST.model_copy(update=changes)
    again = cache.take(config, dataset)
    assert again is network
    traced = again.train_step.experimental_get_tracing_count()
    fit(config, dataset, model=again)
    assert again.train_step.experimental_get_tracing_count() == traced
    if changes:
        fresh, _ = fit(config, dataset, model=ChunkedNetwork(config, dataset))
        weights = fresh.get_weights()
        np.testing.assert_array_equal(
            again.plain_model().get_weights()[0], fresh.plain_model().get_weights()[0]
        )
    assert same_bits(again.get_weights(), weights)


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 32},
        {"hidden_layers": (HiddenLayer(units=13, dropout=0.2),)},
        {"hidden_layers": (HiddenLayer(units=12, dropout=0.3),)},
        {"optimizer": "sgd"},
        {"momentum": 0.1},
        {"label_encoding": "one-hot"},
        {"input_form": "flat"},
        {"l2": 0.0},
        {"dataset": "mnist"},
        {"label_noise": 0.1},
        {"label_smoothing": 0.1},
        {"gradient_clipping": 1.0},
        {"batch_normalization": True},
    ],
    ids=str,
)
def test_another_shape_is_another_program(changes: dict[str, Any]) -> None:
    assert program_key(FIRST.model_copy(update=changes)) != program_key(FIRST)


def test_wrong_labels_belong_to_their_seed() -> None:
    noisy = FIRST.model_copy(update={"label_noise": 0.1})
    assert program_key(noisy) != program_key(noisy.model_copy(update={"seed": 11}))


def test_a_network_in_use_or_of_other_images_is_not_given_out(dataset: Dataset) -> None:
    # Under a name of its own: its images come anew, and those of other tests stay.
    renewed = replace(dataset, name="renewed")
    cache, kept = Programs(), ChunkedNetwork(FIRST, renewed)
    cache.give_back(FIRST, kept)
    assert cache.take(FIRST, renewed) is kept
    assert cache.take(FIRST, renewed) is not kept
    cache.give_back(FIRST, kept)
    assert (
        cache.take(FIRST, replace(renewed, train_images=255 - np.asarray(dataset.train_images))) is not kept
    )


def test_only_so_many_are_kept(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MAX_PROGRAMS", 2)
    cache = Programs()
    configs = [small_config(hidden_layers=(HiddenLayer(units=units),)) for units in (3, 4, 5)]
    for config in configs:
        cache.give_back(config, ChunkedNetwork(config, dataset))
    assert len(cache) == 2
    monkeypatch.setattr(programs, "MAX_PARAMETERS", 1)
    cache.give_back(configs[0], ChunkedNetwork(configs[0], dataset))
    assert len(cache) == 0
