"""The rows of a training, cut into batches and chunks: each once, in order, of equal length."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.config import HiddenLayer
from core.data.split import epoch_order
from core.training.course import Course, Position
from core.training.engine.chunks import (
    SECONDS_A_CHUNK,
    as_chunks,
    batch_parts,
    steps_per_chunk,
    training_chunks,
    validation_chunk,
)
from tests.support.training_samples import small_config


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"batch_size": 15}, [15]),
        ({"batch_size": 17}, [8, 9]),
        ({"batch_size": 95, "hidden_layers": (HiddenLayer(units=65),)}, [95]),
        ({"batch_size": 96, "hidden_layers": (HiddenLayer(units=256), HiddenLayer(units=65))}, [48, 48]),
        ({"batch_size": 1_024, "hidden_layers": (HiddenLayer(units=257),)}, [1_024]),
        ({"batch_size": 128, "batch_normalization": True}, [128]),
    ],
)
def test_batches_are_halved_where_that_is_faster(changes: dict[str, Any], parts: list[int]) -> None:
    assert batch_parts(small_config(**changes)) == parts


def test_training_chunks_hold_every_row_once_an_epoch_in_its_order() -> None:
    config = small_config(batch_size=7, seed=5, epochs=3)
    rows = np.arange(3, 103, dtype=np.int32)
    per_epoch = len(as_chunks(rows, 7, 4))
    course = Course(100, 7, 3, 4)
    stream = [chunk for chunk, _ in training_chunks(rows, config, course)]
    assert len(stream) == 3 * per_epoch
    assert all(chunk.shape == (4, 7) and chunk.dtype == np.int32 for chunk in stream)
    for epoch in range(3):
        fed = np.concatenate([c.ravel() for c in stream[epoch * per_epoch : (epoch + 1) * per_epoch]])
        assert np.array_equal(fed[fed >= 0], epoch_order(rows, 5, epoch))
        assert np.array_equal(np.flatnonzero(fed < 0), np.arange(100, len(fed)))  # padding at the end only
    later = [chunk for chunk, _ in training_chunks(rows, config, replace(course, start=Position(2)))]
    assert np.array_equal(later, stream[2 * per_epoch :])


@pytest.mark.parametrize("count", [1, 999, 1_000, 1_001, 6_000])
def test_the_validation_chunk_holds_every_row_once(count: int) -> None:
    rows = np.arange(count, dtype=np.int32) + 17
    chunk = validation_chunk(rows)
    assert np.array_equal(chunk[chunk >= 0], rows)
    assert (chunk >= 0).any(axis=1).all()  # a batch of nothing has no mean


@pytest.mark.parametrize("batch_size", [1, 40, 128, 4_096])
@pytest.mark.parametrize("units", [1, 128, 2_048])
@pytest.mark.parametrize("count", [7, 54_000])
def test_chunks_are_equal_and_of_the_length_that_a_page_needs(
    batch_size: int, units: int, count: int
) -> None:
    config = small_config(batch_size=batch_size, hidden_layers=(HiddenLayer(units=units),))
    steps = steps_per_chunk(config, count)
    steps_per_epoch = -(-count // batch_size)
    assert 1 <= steps <= steps_per_epoch
    chunks = -(-steps_per_epoch // steps)
    assert chunks * steps - steps_per_epoch < chunks  # less than one step of padding a chunk
    operations = steps * min(batch_size, count) * 6 * config.parameters
    assert steps == 1 or operations <= SECONDS_A_CHUNK * 1.5e11
