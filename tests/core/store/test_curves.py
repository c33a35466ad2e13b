"""What RunStore promises about curves. DIGITLAB_TEST_DATABASE tries it on another database."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.store import CurvePoint, Progress, Request, RunStore
from tests.support.store_samples import (
    claimed,
    empty_artifacts,
    empty_database,
    holding,
    training,
    validation,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


def test_curves_come_back_in_the_order_of_steps(store: RunStore) -> None:
    run_id = claimed(store)
    assert len(store.curve(run_id)) == 0
    assert store.curve(run_id).training_loss.dtype == np.float64
    holding(store, run_id, "anna").record([training(20, 0.2, 0.92), validation(20, 0.7)], None)
    holding(store, run_id, "anna").record([training(10, 0.1, 0.91)], Progress(2, 20, 50, 100.0, None))
    curve = store.curve(run_id)
    np.testing.assert_array_equal(curve.training_epochs, [0.1, 0.2])
    np.testing.assert_array_equal(curve.training_loss, [0.1, 0.2])
    np.testing.assert_array_equal(curve.training_accuracy, [0.91, 0.92])
    np.testing.assert_array_equal(curve.validation_epochs, [0.2])
    np.testing.assert_array_equal(curve.validation_loss, [0.7])
    np.testing.assert_array_equal(curve.validation_accuracy, [0.8])
    assert len(curve) == 3
    run = store.get(run_id)
    assert (run.epoch, run.step, run.steps_per_epoch) == (2, 20, 50)
    assert (run.images_per_second, run.seconds_left) == (100.0, None)


def test_nan_and_infinity_and_numpy_numbers_survive(store: RunStore) -> None:
    run_id = claimed(store)
    numbers = CurvePoint(np.int64(3), np.float32(0.5), np.float32(0.25), np.float64(1), "training")  # type: ignore[arg-type]
    points = [training(1, float("nan"), float("nan")), training(2, float("inf")), numbers]
    holding(store, run_id, "anna").record(points, None)
    curve = store.curve(run_id)
    np.testing.assert_array_equal(curve.training_loss, [np.nan, np.inf, 0.25])
    np.testing.assert_array_equal(curve.training_accuracy, [np.nan, 0.9, 1.0])


def test_a_point_told_twice_is_there_once_with_its_last_value(store: RunStore) -> None:
    run_id = claimed(store)
    holding(store, run_id, "anna").record([training(1, 0.9), training(2, 0.8), validation(2)], None)
    holding(store, run_id, "anna").record([training(2, 0.5), training(2, 0.4), training(3, 0.3)], None)
    np.testing.assert_array_equal(store.curve(run_id).training_loss, [0.9, 0.4, 0.3])
    assert len(store.curve(run_id).validation_loss) == 1


def test_a_long_batch_is_written_whole_and_can_be_written_again(store: RunStore) -> None:
    run_id = claimed(store)
    for loss in (0.1, 0.2):
        holding(store, run_id, "anna").record([training(step, loss) for step in range(1, 1_202)], None)
        np.testing.assert_array_equal(store.curve(run_id).training_loss, np.full(1_201, loss))


def test_rewind_forgets_what_came_after_this_run_only(store: RunStore) -> None:
    run_id, other = claimed(store), claimed(store)
    for each in (run_id, other):
        holding(store, each, "anna").record([training(10), training(20), validation(20), training(30)], None)
    holding(store, run_id, "anna").rewind(20)
    np.testing.assert_array_equal(store.curve(run_id).training_epochs, [0.1, 0.2])
    np.testing.assert_array_equal(store.curve(run_id).validation_epochs, [0.2])
    assert len(store.curve(other)) == 4


def test_the_curve_version_changes_with_the_curve_only(store: RunStore) -> None:
    run_id = claimed(store)
    versions = [store.get(run_id).curve_version]
    holding(store, run_id, "anna").record([training(1)], None)
    versions.append(store.get(run_id).curve_version)
    holding(store, run_id, "anna").record([training(1, 0.4)], None)
    versions.append(store.get(run_id).curve_version)
    holding(store, run_id, "anna").rewind(0)
    versions.append(store.get(run_id).curve_version)
    assert len(set(versions)) == 4
    holding(store, run_id, "anna").record([], None)
    holding(store, run_id, "anna").record([], Progress(1, 2, 3, None, None))
    store.ask(run_id, Request.STOP)
    assert store.get(run_id).curve_version == versions[-1]


def test_four_threads_record_without_losing_a_point(store: RunStore) -> None:
    run_ids = [claimed(store) for _ in range(4)]
    start = threading.Barrier(5)

    def work(run_id: str) -> None:
        start.wait()
        for step in range(1, 31):
            holding(store, run_id, "anna").record(
                [training(step, step / 7)], Progress(1, step, 30, None, None)
            )

    def look() -> None:
        start.wait()
        for run_id in run_ids * 15:
            run, curve = store.get(run_id), store.curve(run_id)
            assert len(curve.training_loss) >= run.step

    with ThreadPoolExecutor(5) as pool:
        futures = [pool.submit(work, run_id) for run_id in run_ids] + [pool.submit(look)]
        for future in futures:
            future.result()
    for run_id in run_ids:
        np.testing.assert_array_equal(store.curve(run_id).training_loss, np.arange(1, 31) / 7)
        assert store.get(run_id).step == 30
