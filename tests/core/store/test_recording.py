"""How a long curve is thinned: bounded, even, with its ends, and exact where it is young."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.config.training import MAX_EPOCHS
from core.store import LayerVitals, RunStore
from core.store.recording import LIVE_POINTS, MAX_POINTS, OLD_POINTS, steps_too_many
from tests.support.store_samples import (
    claimed,
    empty_artifacts,
    empty_database,
    holding,
    training,
    validation,
)

STRIDE = 7  # steps from one training point to the next


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


def record(store: RunStore, run_id: str, first: int, last: int) -> None:
    """Record the training points number `first` to `last`, some hundreds at a time."""
    for start in range(first, last + 1, 400):
        numbers = range(start, min(start + 400, last + 1))
        holding(store, run_id, "anna").record([training(STRIDE * number, number) for number in numbers], None)


def steps_of(store: RunStore, run_id: str) -> np.ndarray:
    return np.round(store.curve(run_id).training_epochs * 100).astype(int)  # as `training` makes them


def test_a_curve_is_kept_whole_up_to_the_bound(store: RunStore) -> None:
    run_id = claimed(store)
    record(store, run_id, 1, MAX_POINTS)
    np.testing.assert_array_equal(steps_of(store, run_id), STRIDE * np.arange(1, MAX_POINTS + 1))
    assert store.get(run_id).curve_rewritten == 0


def test_a_long_curve_is_bounded_even_and_exact_at_its_end(store: RunStore) -> None:
    run_id = claimed(store)
    points = 12_345
    record(store, run_id, 1, points)
    holding(store, run_id, "anna").record([validation(STRIDE * points)], None)
    curve, steps = store.curve(run_id), steps_of(store, run_id)
    assert 1_000 < len(steps) <= MAX_POINTS
    assert steps[0] == STRIDE
    np.testing.assert_array_equal(
        steps[-LIVE_POINTS:], STRIDE * np.arange(points - LIVE_POINTS + 1, points + 1)
    )
    np.testing.assert_array_equal(curve.training_loss, steps / STRIDE)  # each as it was measured
    old = np.diff(steps[: len(steps) - MAX_POINTS // 2])
    assert old[1:].max() <= 2 * np.median(old)
    assert store.get(run_id).curve_rewritten > 0
    assert len(curve.validation_loss) == 1


def test_validation_needs_no_thinning() -> None:
    assert MAX_EPOCHS < MAX_POINTS


def test_a_resumed_run_leaves_no_hole_and_no_step_twice(store: RunStore) -> None:
    run_id = claimed(store)
    killed_at, checkpoint = 9_000, 8_700  # within the live part, as checkpoints are
    record(store, run_id, 1, killed_at)
    holding(store, run_id, "anna").rewind(STRIDE * checkpoint)
    assert steps_of(store, run_id)[-1] == STRIDE * checkpoint
    record(store, run_id, checkpoint + 1, 9_500)
    steps = steps_of(store, run_id)
    assert len(set(steps)) == len(steps) <= MAX_POINTS
    np.testing.assert_array_equal(steps[-LIVE_POINTS:], STRIDE * np.arange(9_501 - LIVE_POINTS, 9_501))
    # Before the live part there is a point in every stretch of steps: nothing was thinned out wholly.
    assert np.diff(steps).max() <= 2 * 2 * STRIDE * 9_500 / OLD_POINTS


@pytest.mark.parametrize("seed", range(20))
def test_thinning_holds_its_bounds_whatever_the_steps(seed: int) -> None:
    random = np.random.default_rng(seed)
    steps = np.cumsum(random.integers(1, random.integers(2, 5_000), MAX_POINTS + random.integers(1, 3_000)))
    steps += random.integers(0, 10**7)
    kept = np.setdiff1d(steps, steps_too_many(steps))
    assert len(kept) <= OLD_POINTS + LIVE_POINTS + 1
    assert kept[0] == steps[0]
    np.testing.assert_array_equal(kept[-LIVE_POINTS:], steps[-LIVE_POINTS:])


def test_the_version_tells_growth_from_other_changes(store: RunStore) -> None:
    run_id = claimed(store)

    def rewritten() -> bool:
        run = store.get(run_id)
        return run.curve_rewritten == run.curve_version

    def vitals(step: int, dead: float) -> LayerVitals:
        return LayerVitals(step, step / 100, 1, dead, None)

    holding(store, run_id, "anna").record([training(5), validation(5)], None, [vitals(5, 0.1)])
    holding(store, run_id, "anna").record([training(7)], None)
    holding(store, run_id, "anna").record(
        [validation(6)], None, [vitals(6, 0.2)]
    )  # each behind those of its kind
    assert not rewritten()
    for points, layers in (
        ([training(7, 0.1)], []),  # another value
        ([training(6)], []),  # in between
        ([], [vitals(6, 0.3)]),
    ):
        holding(store, run_id, "anna").record([training(store.get(run_id).curve_version + 100)], None)
        assert not rewritten()
        holding(store, run_id, "anna").record(points, None, layers)
        assert rewritten()


def test_a_run_knows_the_best_of_its_validation_points(store: RunStore) -> None:
    def best() -> tuple[float | None, float | None]:
        run = store.get(run_id)
        return run.best_accuracy, run.best_epoch

    run_id = claimed(store)
    claim = holding(store, run_id, "anna")
    claim.record([training(50, accuracy=0.99), validation(100, accuracy=float("nan"))], None)
    assert best() == (None, None)
    claim.record([validation(200, accuracy=0.9), validation(300, accuracy=0.9)], None)
    assert best() == (0.9, 2.0)  # the first of them
    claim.record([validation(400, accuracy=0.95), training(401, accuracy=1.0)], None)
    claim.record([validation(500, accuracy=0.93)], None)
    assert best() == (0.95, 4.0)
    claim.rewind(300)  # it goes on from there, and may do worse this time
    assert best() == (0.9, 2.0)
