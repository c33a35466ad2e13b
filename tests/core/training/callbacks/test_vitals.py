"""How the hidden units fare: what counts as dead and as saturated, when it is measured, what it costs."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from core.config import Activation, HiddenLayer
from core.data.dataset import Dataset
from core.store import LayerVitals, RunStore
from core.training.callbacks.place import Place
from core.training.callbacks.vitals import SAMPLE_IMAGES, Vitals, measure, sample
from core.training.course import Position
from tests.support.job_samples import Train
from tests.support.network_pool import POOL
from tests.support.training_samples import course_of, fit, same_bits, small_config

STEPS_PER_CHUNK = 3  # of 10 an epoch: 600 images in batches of 64


def vitals_of(config: Any, dataset: Dataset, start: Position | None = None) -> list[Any]:
    """Return the two callbacks that it takes, `Vitals` last."""
    place = Place(course_of(config, dataset, STEPS_PER_CHUNK, start=start))
    return [place, Vitals(config, place, np.asarray(dataset.train_images))]


def columns(*units: list[float]) -> np.ndarray[Any, Any]:
    """Return outputs, (images, units), of which each unit's are given."""
    return np.array(units, dtype=np.float32).T


def test_a_unit_that_never_fires_is_dead() -> None:
    outputs = columns([0, 0, 0], [0, 0, 1e-6], [0, 0, 0], [2, 0, 0])
    assert measure(outputs, "relu") == (0.5, None)


@pytest.mark.parametrize(
    ("activation", "low", "high"), [("tanh", -0.991, 0.991), ("sigmoid", 0.0045, 0.9955)]
)
def test_a_unit_at_its_limit_for_nearly_all_images_is_saturated(
    activation: Activation, low: float, high: float
) -> None:
    off = 0.98 if activation == "tanh" else 0.99
    outputs = columns(
        [high] * 10,
        [low] * 8 + [off] * 2,  # eight of ten will do
        [low, high] * 4 + [off] * 2,
        [high] * 7 + [off] * 3,
        [off] * 10,
    )
    assert measure(outputs, activation) == (None, pytest.approx(3 / 5))


@pytest.mark.parametrize("activation", ["elu", "gelu", "linear"])
def test_other_units_have_neither_share(activation: Activation) -> None:
    assert measure(columns([0, 0], [1, 1]), activation) == (None, None)


def test_the_sample_is_spread_over_the_rows() -> None:
    for count in (7, SAMPLE_IMAGES, SAMPLE_IMAGES + 1, 9_000):
        rows = np.arange(count, dtype=np.int32)
        taken = sample(rows, SAMPLE_IMAGES)
        assert min(count, SAMPLE_IMAGES / 2) <= len(taken) <= SAMPLE_IMAGES
        assert taken[-1] == rows[-1 - (count - 1) % -(-count // SAMPLE_IMAGES)]


def test_the_shares_are_those_of_the_weights(dataset: Dataset) -> None:
    layers = (HiddenLayer(units=40), HiddenLayer(units=30, activation="tanh", dropout=0.5))
    config = small_config(hidden_layers=layers, initializer="wide")
    vitals = vitals_of(config, dataset)
    model, _ = fit(config, dataset, callbacks=vitals)
    first, second, *_ = (layer.get_weights() for layer in model.layers if layer.name.startswith("hidden"))
    pixels = np.asarray(dataset.train_images).reshape(-1, 784) / np.float64(255)
    fires = np.maximum(pixels @ first[0] + first[1], 0)
    limits = np.abs(np.tanh(fires @ second[0] + second[1]))
    *_, relu, tanh = vitals[-1].take()
    assert relu == LayerVitals(20, 2.0, 1, float(np.mean(fires.max(axis=0) == 0)), None)
    assert tanh == LayerVitals(20, 2.0, 2, None, float(np.mean((limits > 0.99).mean(axis=0) >= 0.8)))
    assert tanh.saturated is not None
    assert tanh.saturated > 0.3
    assert vitals[-1].take() == []


def test_measured_after_the_first_chunk_and_every_epoch(dataset: Dataset) -> None:
    config = small_config(batch_normalization=True, hidden_layers=(HiddenLayer(), HiddenLayer(units=8)))
    vitals = vitals_of(config, dataset)
    fit(config, dataset, steps=STEPS_PER_CHUNK, callbacks=vitals)
    places = [(layer.step, layer.epoch, layer.layer) for layer in vitals[-1].take()]
    moments = [(3, 0.3), (10, 1.0), (20, 2.0)]
    assert places == [(*moment, layer) for moment, layer in product(moments, (1, 2))]


def test_a_run_that_goes_on_is_measured_at_the_end_of_its_epochs_only(dataset: Dataset) -> None:
    config = small_config()
    start = Position(epochs=0, chunks=1, steps_per_chunk=STEPS_PER_CHUNK)
    vitals = vitals_of(config, dataset, start)
    fit(config, dataset, steps=STEPS_PER_CHUNK, start=start, callbacks=vitals)
    assert [layer.step for layer in vitals[-1].take()] == [10, 20]


def test_nothing_is_measured_where_nothing_can_be_found(dataset: Dataset) -> None:
    for hidden in ((), (HiddenLayer(units=5, activation="gelu"),)):
        vitals = vitals_of(small_config(hidden_layers=hidden), dataset)
        fit(small_config(hidden_layers=hidden), dataset, callbacks=vitals)
        assert vitals[-1].take() == []


def test_a_diverged_network_tells_nothing(dataset: Dataset) -> None:
    config = small_config()
    model = POOL.take(config, dataset)
    vitals = vitals_of(config, dataset)
    vitals[-1].set_model(model)
    vitals[-1].on_train_begin()
    model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])
    vitals[-1].on_epoch_end(0)
    assert vitals[-1].take() == []


@pytest.mark.xla
def test_looking_changes_nothing(dataset: Dataset) -> None:
    layers = (HiddenLayer(units=20, dropout=0.3), HiddenLayer(units=10, activation="sigmoid"))
    config = small_config(hidden_layers=layers, batch_normalization=True)
    network = POOL.take(config, dataset)
    states = []
    for callbacks in (vitals_of(config, dataset), ()):
        # One compiled network begins anew: that this changes no bit test_programs.py holds.
        network.restart(config)
        fit(config, dataset, model=network, callbacks=callbacks)
        states.append([variable.numpy() for variable in (*network.variables, *network.optimizer.variables)])
    assert same_bits(*states)


def test_a_run_keeps_its_vitals(store: RunStore, train: Train) -> None:
    run = train(small_config(epochs=3))
    kept = store.vitals(run.id)
    # The first chunk is the whole first epoch here: measured twice, kept once.
    assert [layer.epoch for layer in kept] == [1.0, 2.0, 3.0]
    assert all(layer.dead is not None and 0 <= layer.dead <= 1 for layer in kept)
