"""What is saved is what is loaded, in mid-epoch too; other files are refused."""

import io
from typing import Any

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.data.dataset import Dataset
from core.errors import ModelError
from core.training.checkpoint import Checkpoint, Record, StoppingState, load_checkpoint, save_checkpoint
from core.training.course import Position
from core.training.engine.model import ChunkedNetwork
from tests.support.network_pool import POOL
from tests.support.training_samples import Weights, fit, same_bits, small_config

POSITION = Position(epochs=3, chunks=2, steps_per_chunk=3)
STOPPING = StoppingState(
    ended=True,
    by="patience",
    reason="Stopped early.",
    waited=2,
    best=Record(epoch=2, value=0.5),
    kept=Record(epoch=1, value=float("inf")),
    is_reached=True,
    note="Trained further.",
)


@pytest.fixture(scope="module")
def other(dataset: Dataset) -> ChunkedNetwork:
    """A network of another seed that has been trained for an epoch, so that its metrics hold something."""
    config = small_config(seed=1)
    return fit(config, dataset, model=ChunkedNetwork(config, dataset), epochs=1)[0]


def variables_of(model: ChunkedNetwork) -> list[Any]:
    """All that training changes: weights, states of the dropout seeds, moments of the optimizer."""
    return [*model.variables, *model.optimizer.variables]


def state(model: ChunkedNetwork) -> Weights:
    """Return the values of these."""
    return [variable.numpy() for variable in variables_of(model)]


def repacked(data: bytes, **changes: Any) -> bytes:
    """The checkpoint with some arrays changed, or left out where the change is None."""
    with np.load(io.BytesIO(data), allow_pickle=False) as saved:
        arrays = {name: saved[name] for name in saved.files} | changes
    buffer = io.BytesIO()
    np.savez(buffer, **{name: array for name, array in arrays.items() if array is not None})
    return buffer.getvalue()


@pytest.fixture(scope="module")
def checkpoint(other: ChunkedNetwork, dataset: Dataset) -> bytes:
    """The state of a network with other weights than `network`'s."""
    kept = POOL.take(small_config(seed=9), dataset).get_weights()
    return save_checkpoint(other, Checkpoint(POSITION, 7.25, STOPPING, (*kept,)))


@pytest.fixture
def network(dataset: Dataset) -> ChunkedNetwork:
    return POOL.take(small_config(seed=2), dataset)


def test_what_is_saved_is_what_is_loaded(
    network: ChunkedNetwork, other: ChunkedNetwork, checkpoint: bytes, dataset: Dataset
) -> None:
    loaded = load_checkpoint(network, checkpoint)
    assert (loaded.position, loaded.seconds, loaded.stopping) == (POSITION, 7.25, STOPPING)
    assert same_bits([*loaded.kept_weights], POOL.take(small_config(seed=9), dataset).get_weights())
    assert same_bits(list(loaded.metrics), [variable.numpy() for variable in other.metrics_variables])
    assert any(value != 0 for value in loaded.metrics)
    assert same_bits(state(network), state(other))


def test_a_whole_epoch_has_no_running_sums(network: ChunkedNetwork, other: ChunkedNetwork) -> None:
    whole = Checkpoint(Position(4), seconds=1.5)
    assert load_checkpoint(network, save_checkpoint(other, whole)) == whole


def test_a_checkpoint_of_an_earlier_version_knows_nothing_of_stopping(
    network: ChunkedNetwork, other: ChunkedNetwork
) -> None:
    saved = save_checkpoint(other, Checkpoint(Position(4), seconds=1.5))
    assert load_checkpoint(network, repacked(saved, stopping=None)) == Checkpoint(Position(4), seconds=1.5)


def test_matrices_are_saved_in_the_form_that_keras_gives_them(dataset: Dataset) -> None:
    # The second kernel is square: its shape would not tell.
    config = small_config(hidden_layers=(HiddenLayer(units=12), HiddenLayer(units=12)))
    model, _ = fit(config, dataset)
    with np.load(io.BytesIO(save_checkpoint(model, Checkpoint(Position(2)))), allow_pickle=False) as saved:
        kernels = {
            number: saved[f"variable_{number}"]
            for number, variable in enumerate(variables_of(model))
            if variable.name == "kernel"
        }
    assert [kernel.shape for kernel in kernels.values()] == [(784, 12), (12, 12), (12, 10)]
    for kernel, array in zip(kernels.values(), model.plain_model().get_weights()[::2], strict=True):
        np.testing.assert_array_equal(kernel, array)


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
    foreign = POOL.take(TrainingConfig.build(small_config(seed=1).model_dump() | other), dataset)
    assert_refused(network, save_checkpoint(foreign, Checkpoint(Position(1))))
    before = state(foreign)
    with pytest.raises(ModelError):
        load_checkpoint(foreign, save_checkpoint(network, Checkpoint(Position(1))))
    assert same_bits(state(foreign), before)


@pytest.mark.parametrize(
    "changes",
    [
        {"position": None},
        {"position": np.array([1, 2])},
        {"position": np.array("three")},
        {"position": np.array([3, -1, 3])},
        {"position": np.array([3, 2, 0])},
        {"position": np.array([3, 0, 3])},
        {"seconds": None},
        {"seconds": np.float64("nan")},
        {"seconds": np.float64(-1)},
        {"stopping": np.array("{}]")},
        {"stopping": np.array('{"waited": "often"}')},
        {"stopping": np.zeros(3)},
        {"kept_0": None},
        {"kept_1": np.zeros((1, 12), np.float32)},
        {"metric_1": None},
        {"metric_0": np.zeros(2, np.float32)},
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
    for length in rng.integers(1, len(checkpoint), 20):
        assert_refused(network, checkpoint[:length])
    refused = 0
    # The directory of the archive and the headers of its arrays are where a flipped bit does most.
    places = [
        *range(0, 200, 2),
        *range(len(checkpoint) - 300, len(checkpoint), 2),
        *rng.integers(0, len(checkpoint), 50),
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
            for variable, value in zip(variables_of(network), before, strict=True):
                variable.assign(value)
    assert refused > len(places) / 2
