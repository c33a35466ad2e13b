"""What the benchmarks of training compute from what they measure."""

import os
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.training.arithmetic import epoch_operations, layer_sizes
from benchmarks.training.comparison import difference, epoch_losses, saved_epochs
from benchmarks.training.growth import RUNS, config_of, growth
from benchmarks.training.learning import difference as deviations_apart
from benchmarks.training.memory import CONFIG, peak_mb
from core.config import HiddenLayer, TrainingConfig
from core.store import CurvePoint, Progress, Run, RunStatus, RunStore
from tests.support.store_samples import holding


def _counted(sizes: list[int], images: int) -> int:
    """Train one step by hand and count: two operations for each number multiplied and added."""
    random = np.random.default_rng(0)
    weights = [random.random(shape) for shape in pairwise(sizes)]
    counted = 0

    def product(left: Any, right: Any) -> Any:
        nonlocal counted
        counted += 2 * left.shape[0] * left.shape[1] * right.shape[1]
        return left @ right

    values = [random.random((images, sizes[0]))]
    for weight in weights:
        values.append(product(values[-1], weight))
    gradient = values[-1]
    for number in reversed(range(len(weights))):
        assert product(values[number].T, gradient).shape == weights[number].shape
        if number > 0:
            gradient = product(gradient, weights[number].T)
    return counted


@pytest.mark.parametrize("sizes", [[6, 3], [7, 5, 2], [784, 128, 128, 10]])
def test_operations_are_those_of_a_step_done_by_hand(sizes: list[int]) -> None:
    assert epoch_operations(sizes, 40) == _counted(sizes, 40)


def test_an_epoch_of_the_measured_network() -> None:
    sizes = layer_sizes(TrainingConfig(hidden_layers=(HiddenLayer(units=128), HiddenLayer(units=128))))
    assert sizes == [784, 128, 128, 10]
    assert epoch_operations(sizes, 60_000) == pytest.approx(30.4e9, rel=0.01)


def test_learning_is_compared_by_the_plain_ways_spread() -> None:
    # Sample deviation of 1, 2, 3 is 1.
    assert deviations_apart([4.0, 4.0, 4.0], [1.0, 2.0, 3.0]) == pytest.approx(2.0)


def test_the_memory_of_a_large_network_is_measured() -> None:
    assert CONFIG.parameters == pytest.approx(1.3e6, rel=0.03)


def test_the_runs_that_may_grow_differ_and_bring_new_shapes() -> None:
    configs = [config_of(number) for number in range(RUNS)]
    assert len({(config.seed, config.learning_rate) for config in configs}) == RUNS
    shapes = Counter(config.hidden_layers for config in configs)
    assert sorted(shapes.values()) == [1] * 5 + [15] * 3


def test_growth_is_of_the_saw_and_not_of_its_teeth() -> None:
    saw = [800.0 + 20 * (number % 11) for number in range(60)]
    for start in range(11):  # wherever a tooth falls
        assert growth(saw[start : start + 50]) == pytest.approx(0, abs=25)
    steady = [200.0] * 50
    assert growth(steady) == 0
    assert growth([reading + number for number, reading in enumerate(steady)]) == 25
    assert growth(steady[:25] + [150.0] * 25) == -50


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process")
def test_the_peak_is_what_a_process_once_held() -> None:
    before = peak_mb(os.getpid())
    assert np.ones(100_000_000, dtype=np.uint8).sum() == 100_000_000
    assert before <= peak_mb(os.getpid())
    assert peak_mb(os.getpid()) > 100


IMAGES = 100
STEPS = 10


def _run(store: RunStore, points: list[tuple[float, float]], weight: float = 1.0) -> Run:
    """Return a finished run of two epochs of ten steps with these (epoch, loss) points and this weight."""
    config = TrainingConfig(batch_size=10, epochs=2, validation_split=0.0)
    run = store.create(config, workspace="red")
    store.claim(run.id, "worker")
    curve = [CurvePoint(round(epoch * STEPS), epoch, loss, 0.5, "training") for epoch, loss in points]
    holding(store, run.id, "worker").record(curve, Progress(2, STEPS, STEPS, None, None))
    np.savez(
        str(store.folder(run.id) / "checkpoint.npz"),
        variable_0=np.full(3, weight, dtype=np.float32),
        position=np.array([1, 2, 3]),
    )
    holding(store, run.id, "worker").finish(RunStatus.FINISHED)
    return store.get(run.id)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(f"sqlite:///{tmp_path / 'runs.db'}", str(tmp_path / "runs"))


WHOLE = [(0.5, 4.0), (1.0, 2.0), (1.5, 1.0), (2.0, 0.5)]


def test_runs_whose_points_lie_elsewhere_but_sum_up_alike_are_equal(store: RunStore) -> None:
    whole = _run(store, WHOLE)
    other = _run(store, [(0.5, 4.0), (1.0, 2.0), (2.0, 0.75)])
    np.testing.assert_allclose(epoch_losses(store, other, IMAGES), [3.0, 0.75])
    assert difference(store, other, whole, IMAGES) == ""
    assert saved_epochs(store, whole) == 1.6


def test_a_bit_of_a_weight_is_a_difference(store: RunStore) -> None:
    whole = _run(store, WHOLE)
    other = _run(store, WHOLE, float(np.nextafter(np.float32(1), np.float32(2))))
    assert difference(store, other, whole, IMAGES) == "other weights"


def test_steps_missing_from_the_curve_are_a_difference(store: RunStore) -> None:
    whole = _run(store, WHOLE)
    other = _run(store, [(0.5, 4.0), (1.5, 1.0), (2.0, 0.5)])
    assert "missing or doubled" in difference(store, other, whole, IMAGES)
