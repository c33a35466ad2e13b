"""A run that was interrupted ends with the very bits of one that was not; other files are refused."""

import io
from typing import Any

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.data.dataset import Dataset
from core.errors import ModelError
from core.training.callbacks import Checkpoints
from core.training.checkpoint import load_checkpoint, save_checkpoint
from core.training.engine import ChunkedNetwork
from tests.core.training_samples import Weights, fit, same_bits, small_config

CONFIG = small_config(
    hidden_layers=(HiddenLayer(units=32, dropout=0.2),), epochs=12, learning_rate=0.01, validation_split=0.1
)


def state(model: ChunkedNetwork) -> Weights:
    """All that training changes: weights, states of the dropout seeds, moments of the optimizer."""
    return [variable.numpy() for variable in [*model.variables, *model.optimizer.variables]]


def repacked(data: bytes, **changes: Any) -> bytes:
    """The checkpoint with some arrays changed, or left out where the change is None."""
    with np.load(io.BytesIO(data), allow_pickle=False) as saved:
        arrays = {name: saved[name] for name in saved.files} | changes
    buffer = io.BytesIO()
    np.savez(buffer, **{name: array for name, array in arrays.items() if array is not None})
    return buffer.getvalue()


def test_an_interrupted_run_ends_with_the_same_bits(dataset: Dataset) -> None:
    saved: list[bytes] = []
    uninterrupted, history = fit(CONFIG, dataset, callbacks=[Checkpoints(saved.append, CONFIG.epochs)])
    assert len(saved) == CONFIG.epochs - 1  # the last epoch's weights are the model itself
    # It has learnt: equal bits of an untrained network would prove nothing.
    assert history.history["loss"][-1] < 0.5 < history.history["loss"][0]
    assert history.history["val_accuracy"][-1] > 0.6

    resumed = ChunkedNetwork(CONFIG.model_copy(update={"seed": 99}), dataset)
    assert not same_bits(state(resumed), state(ChunkedNetwork(CONFIG, dataset)))
    assert load_checkpoint(resumed, saved[4]) == 5
    fit(CONFIG, dataset, model=resumed, first_epoch=5)
    assert same_bits(state(resumed), state(uninterrupted))


def test_a_stopped_epoch_is_no_checkpoint(dataset: Dataset) -> None:
    saved: list[bytes] = []
    callback = Checkpoints(saved.append, epochs=5)
    model = ChunkedNetwork(CONFIG, dataset)
    callback.set_model(model)
    callback.on_epoch_end(0)
    model.stop_training = True
    callback.on_epoch_end(1)
    model.stop_training = False
    callback.on_epoch_end(4)  # the last one
    assert [load_checkpoint(model, data) for data in saved] == [1]


@pytest.fixture(scope="module")
def checkpoint(dataset: Dataset) -> bytes:
    """The state of a network with other weights than `network`'s."""
    return save_checkpoint(ChunkedNetwork(small_config(seed=1), dataset), epochs_done=3)


@pytest.fixture
def network(dataset: Dataset) -> ChunkedNetwork:
    return ChunkedNetwork(small_config(seed=2), dataset)


def test_what_is_saved_is_what_is_loaded(
    network: ChunkedNetwork, checkpoint: bytes, dataset: Dataset
) -> None:
    assert load_checkpoint(network, checkpoint) == 3
    assert same_bits(state(network), state(ChunkedNetwork(small_config(seed=1), dataset)))


def assert_refused(network: ChunkedNetwork, data: bytes) -> None:
    before = state(network)
    with pytest.raises(ModelError, match="The run starts anew"):
        load_checkpoint(network, data)
    assert same_bits(state(network), before)


@pytest.mark.parametrize(
    "other",
    [
        {"hidden_layers": (HiddenLayer(units=13),)},
        {"hidden_layers": (HiddenLayer(units=12), HiddenLayer(units=12))},
        {"hidden_layers": ()},
        {"hidden_layers": (HiddenLayer(units=12, dropout=0.5),)},
        {"optimizer": "sgd"},
        {"optimizer": "rmsprop"},
    ],
    ids=["units", "more layers", "fewer layers", "dropout", "fewer moments", "other moments"],
)
def test_a_checkpoint_of_another_network_is_refused(
    network: ChunkedNetwork, dataset: Dataset, other: dict[str, Any]
) -> None:
    foreign = ChunkedNetwork(TrainingConfig.build(small_config(seed=1).model_dump() | other), dataset)
    assert_refused(network, save_checkpoint(foreign, 1))
    before = state(foreign)
    with pytest.raises(ModelError):
        load_checkpoint(foreign, save_checkpoint(network, 1))
    assert same_bits(state(foreign), before)


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs_done": None},
        {"epochs_done": np.array([1, 2])},
        {"epochs_done": np.array("three")},
        {"epochs_done": np.int64(-1)},
        {"variable_0": None},
        {"variable_0": np.full((784, 12), "x")},
        {"variable_0": np.zeros((784, 12), np.complex64)},
        {"variable_1": np.zeros((1, 12), np.float32)},
        {"variable_9999": np.zeros(1, np.float32)},
    ],
    ids=lambda changes: f"{next(iter(changes))} {next(iter(changes.values()))!s:.12}",
)
def test_a_checkpoint_with_something_wrong_is_refused(
    network: ChunkedNetwork, checkpoint: bytes, changes: dict[str, Any]
) -> None:
    assert_refused(network, repacked(checkpoint, **changes))


def test_a_pickle_is_never_opened(network: ChunkedNetwork, checkpoint: bytes) -> None:
    assert_refused(network, repacked(checkpoint, variable_0=np.array([{}], dtype=object)))


def test_a_damaged_file_is_refused_wherever_the_damage_is(network: ChunkedNetwork, checkpoint: bytes) -> None:
    before = state(network)
    rng = np.random.default_rng(0)
    assert_refused(network, b"")
    assert_refused(network, b"not a checkpoint")
    for length in rng.integers(1, len(checkpoint), 40):
        assert_refused(network, checkpoint[:length])
    refused = 0
    # The directory of the archive and the headers of its arrays are where a flipped bit does most.
    places = [
        *range(200),
        *range(len(checkpoint) - 800, len(checkpoint)),
        *rng.integers(0, len(checkpoint), 200),
    ]
    for place in places:
        damaged = bytearray(checkpoint)
        damaged[place] ^= 1 << int(rng.integers(8))
        try:
            load_checkpoint(network, bytes(damaged))
        except ModelError:
            refused += 1
            assert same_bits(state(network), before)
        else:  # a time stamp or another byte that means nothing
            network.set_weights(before[: len(network.variables)])
            for variable, value in zip(
                network.optimizer.variables, before[len(network.variables) :], strict=True
            ):
                variable.assign(value)
    assert refused > len(places) / 2
