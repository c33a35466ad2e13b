"""Which images are kept for validation and in which order the others are seen: by seed alone."""

from typing import Any

import numpy as np
import pytest

from core.config import TrainingConfig
from core.data.split import check_validation, epoch_order, split_rows, validation_count
from core.errors import ConfigError


@pytest.mark.parametrize(
    ("count", "share", "held_out"), [(60_000, 0.1, 6_000), (60_000, 0.2, 12_000), (7, 0.5, 3), (600, 0.0, 0)]
)
def test_the_split_is_disjoint_complete_and_of_the_size_asked(
    count: int, share: float, held_out: int
) -> None:
    training, validation = split_rows(count, share, seed=4)
    assert len(validation) == held_out
    assert np.array_equal(np.sort(np.concatenate([training, validation])), np.arange(count))
    assert training.dtype == validation.dtype == np.int32


def test_the_split_is_by_seed_and_not_the_first_or_last_images() -> None:
    splits = [split_rows(1_000, 0.1, seed)[1] for seed in (0, 0, 1)]
    assert np.array_equal(splits[0], splits[1])
    assert not np.array_equal(splits[0], splits[2])
    # A hundred rows out of all thousand: some in each quarter.
    assert (np.histogram(splits[0], bins=4, range=(0, 1_000))[0] > 5).all()


@pytest.mark.parametrize("asked", [{"early_stopping": "loss"}, {"stop_at_accuracy": 0.9}])
def test_a_share_of_no_image_is_no_validation(asked: dict[str, Any]) -> None:
    config = TrainingConfig.build({"validation_split": 0.00001} | asked)
    assert (validation_count(config, 60_000), validation_count(config, 100_000)) == (0, 1)
    with pytest.raises(
        ConfigError, match=r"a validation split of 0\.00001 of 60,000 training images is none"
    ):
        check_validation(config, 60_000)
    check_validation(config, 100_000)
    check_validation(TrainingConfig(validation_split=0.0), 60_000)  # nothing waits for it


def test_each_epoch_sees_every_training_row_once_in_an_order_of_its_own() -> None:
    rows, _ = split_rows(600, 0.2, seed=9)
    orders = [epoch_order(rows, 9, epoch) for epoch in range(5)]
    for order in orders:
        assert np.array_equal(np.sort(order), rows)
        assert order.dtype == np.int32
    assert len({order.tobytes() for order in orders}) == 5
    assert np.array_equal(epoch_order(rows, 9, 3), orders[3])
    assert not np.array_equal(epoch_order(rows, 8, 3), orders[3])


def test_the_split_and_no_epoch_share_a_random_stream() -> None:
    # The permutation that divides the rows must not be the order of some epoch again.
    training, validation = split_rows(500, 0.5, seed=0)
    rows = np.arange(500, dtype=np.int32)
    for epoch in range(200):
        assert not np.array_equal(np.sort(epoch_order(rows, 0, epoch)[: len(validation)]), validation)
    assert len(training) == len(validation)
