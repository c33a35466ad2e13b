"""The networks of a run's epochs: which stay, what is read of them, and what damage is told as."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.arrays import as_npz
from core.config import HiddenLayer, TrainingConfig
from core.errors import ModelError, RunNotFound
from core.store import RunStore
from core.store.files import LIVE_FILE, snapshot_file
from core.store.snapshots import MOST_SNAPSHOTS, plan_snapshots, thinned
from core.weights import SEED_SHAPE, state_bytes, variables, weight_bytes, weight_shapes
from tests.support.store_samples import OTHER_ARTIFACTS, empty_artifacts, empty_database

CONFIG = TrainingConfig(
    hidden_layers=(HiddenLayer(units=3, dropout=0.2), HiddenLayer(units=2)), batch_normalization=True
)
LARGE = TrainingConfig(hidden_layers=(HiddenLayer(units=2_048), HiddenLayer(units=1_024)))


@pytest.fixture(params=["folder", "object store"] if not OTHER_ARTIFACTS else ["other"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RunStore]:
    in_memory = f"memory://{tmp_path.name}"
    artifacts = in_memory if request.param == "object store" else empty_artifacts(tmp_path)
    opened = RunStore(empty_database(tmp_path), artifacts)
    yield opened
    opened.close()


def network(seed: float = 0.0) -> dict[str, Any]:
    """Return the arrays of a snapshot of `CONFIG`, each filled with a number of its own."""
    found = {}
    for number, one in enumerate(variables(CONFIG)):
        value = np.full(one.shape, seed + number, np.float32 if one.is_weight else np.int64)
        found[f"variable_{number}"] = value
    # As a worker writes kernels that lie transposed, and behind them what the optimizer keeps.
    found["variable_0"] = np.asfortranarray(found["variable_0"])
    return found | {"variable_99": np.zeros(5, np.float32), "seconds": np.float64(1)}


def put(store: RunStore, run_id: str, name: str, data: bytes) -> None:
    (store.folder(run_id) / name).write_bytes(data)


def test_epochs_are_listed_and_read_with_numpy_alone(store: RunStore) -> None:
    run_id = store.create(CONFIG, workspace="red").id
    assert store.epochs_kept(run_id) == []
    for epoch in (10, 0, 2):
        put(store, run_id, snapshot_file(epoch), as_npz(network(epoch)))
    put(store, run_id, "checkpoint.npz", b"")
    assert store.epochs_kept(run_id) == [0, 2, 10]
    weights = store.weights_at(run_id, 2)
    assert [array.shape for array in weights] == weight_shapes(CONFIG)
    assert SEED_SHAPE not in [array.shape for array in weights[:6]]  # the seed of the dropout is left out
    assert [float(array.flat[0]) for array in weights] == [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16]
    assert not any(array.flags.writeable for array in weights)


@pytest.mark.parametrize(
    "damage",
    [
        {"variable_0": None},
        {"variable_0": np.zeros((784, 4), np.float32)},
        {"variable_0": np.zeros((784, 3), np.float64)},
        {"variable_0": np.zeros((10_000, 1_000), np.float32)},
    ],
)
def test_a_snapshot_of_another_network_is_told(store: RunStore, damage: dict[str, Any]) -> None:
    run_id = store.create(CONFIG, workspace="red").id
    arrays = {name: array for name, array in (network() | damage).items() if array is not None}
    put(store, run_id, snapshot_file(1), as_npz(arrays))
    with pytest.raises(ModelError, match=r"epoch_0001\.npz of this run is damaged"):
        store.weights_at(run_id, 1)


def test_damaged_and_missing_files_are_told(store: RunStore) -> None:
    run_id = store.create(CONFIG, workspace="red").id
    whole = as_npz(network())
    for data in (b"", b"no zip", whole[:-50], whole[:300] + bytes([whole[300] ^ 255]) + whole[301:]):
        put(store, run_id, snapshot_file(1), data)
        with pytest.raises(ModelError, match="is damaged"):
            store.weights_at(run_id, 1)
    with pytest.raises(ModelError, match="epoch 2 of this run is not kept"):
        store.weights_at(run_id, 2)
    with pytest.raises(RunNotFound):
        store.epochs_kept("../../etc")


def live(step: int, seed: float) -> bytes:
    shapes = weight_shapes(CONFIG)
    arrays = {f"weight_{number}": np.full(shape, seed, np.float32) for number, shape in enumerate(shapes)}
    return as_npz({"step": np.array(step, np.int64)} | arrays)


def test_live_weights_are_read_again_only_when_they_are_new(store: RunStore) -> None:
    run_id = store.create(CONFIG, workspace="red").id
    assert store.live_weights(run_id) is None
    put(store, run_id, LIVE_FILE, live(7, 0.5))
    found = store.live_weights(run_id)
    assert found is not None
    version, step, weights = found
    assert (step, [array.shape for array in weights]) == (7, weight_shapes(CONFIG))
    assert store.live_weights(run_id, version) is None
    put(store, run_id, LIVE_FILE, live(9, 1.5))
    newer = store.live_weights(run_id, version)
    assert newer is not None
    assert (newer[1], float(newer[2][0][0, 0])) == (9, 1.5)
    put(store, run_id, LIVE_FILE, live(-1, 0.0))
    with pytest.raises(ModelError, match=r"live\.npz of this run is damaged"):
        store.live_weights(run_id)


def test_what_stays_is_even_and_keeps_its_ends_however_often_it_is_thinned() -> None:
    for most in (2, 3, 8, 22):
        kept: list[int] = []
        for epoch in range(201):
            kept = thinned([*kept, epoch], most)
            assert kept == thinned(range(epoch + 1), most)
            assert min(most // 2 + 1, epoch + 1) <= len(kept) <= most
            assert (kept[0], kept[-1]) == (0, epoch)
            gaps = set(np.diff(kept[:-1]).tolist())
            assert len(gaps) <= 1
    assert thinned([0, 1, 2], 1) == [2]
    assert thinned([0, 1, 2], 0) == []
    assert thinned(range(3, 40), 5)[0] == 3  # a fork begins at its epoch


def test_a_plan_never_asks_for_more_bytes_than_are_allowed() -> None:
    usual = plan_snapshots(TrainingConfig(), 32_000_000)
    assert (usual.are_whole, usual.has_live, usual.sentence) == (True, True, None)
    assert 20 <= usual.most <= MOST_SNAPSHOTS
    assert plan_snapshots(CONFIG, 32_000_000).most == MOST_SNAPSHOTS
    for most_bytes in (0, 10_000_000, 20_000_000, 50_000_000, 70_000_000, 200_000_000):
        plan = plan_snapshots(LARGE, most_bytes)
        size = state_bytes(LARGE) if plan.are_whole else weight_bytes(LARGE)
        assert plan.most * size <= most_bytes
        assert (plan.sentence is None) == plan.are_whole
    assert plan_snapshots(LARGE, 10_000_000).most == 0
    assert plan_snapshots(LARGE, 20_000_000).most == 1
    assert "the last epoch's weights" in str(plan_snapshots(LARGE, 20_000_000).sentence)
