"""Whatever stands in a row: it is read, or it is a sentence about this one run."""

import json
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.errors import RunUnreadable
from core.store.records import Run
from core.store.rows import curve_from_rows, run_from_row, vitals_from_rows
from core.store.tables import runs
from tests.support.store_samples import CONFIG

DEEP = 200_000

HEALTHY: dict[str, Any] = {
    "id": "0123456789ab",
    "workspace": "red",
    "status": "paused",
    "config": CONFIG.to_json(),
    "recipe": None,
    "created_at": 1.8e9,
    "started_at": 1.8e9,
    "finished_at": None,
    "request": "none",
    "epoch": 2,
    "step": 3,
    "steps_per_epoch": 10,
    "images_per_second": 1e5,
    "seconds_left": 2.5,
    "train_seconds": 1.0,
    "total_seconds": 2.0,
    "test_accuracy": None,
    "test_loss": None,
    "message": None,
    "attempts": 1,
    "curve_version": 4,
    "curve_rewritten": 1,
    "fruitless_attempts": 1,
    "rate_changes": "[[1.25, 0.001, 0.0001]]",
    "number": 3,
    "name": "my best",
    "starred": 1,
    "cost_seconds": 12.0,
    "checkpoint_step": 23,
    "trouble": None,
    "deleted_at": None,
    "parent": None,
    "parent_number": 2,
    "fork_epoch": 1,
    "note": "as in the book",
    "tags": '["odd"]',
    "experiment": "ba9876543210",
    "trial": 4,
    "imported": 0,
    "best_accuracy": 0.97,
    "best_epoch": 2.0,
}
# What a damaged disk, another program or somebody with a database browser may have left.
STRANGE: list[Any] = [
    *(None, "", "x", b"", b"\xff\x00", -1, 2**70, -(2**70), 0.5, 1e300, -1e300),
    *(float("nan"), float("inf"), float("-inf"), "9" * 5_000, "\x00", "\ud800", "NaN", "null", "{}", "[]"),
    *("[" * DEEP, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP, "[[1,2]]", "[[1,2,3,4]]", "[1]", "[[null,1,1]]"),
    *('[["a",1,2]]', "[[1e999,1,1]]", '{"epochs": 0}', '{"hidden_layers": ' + "[" * DEEP, "1" * 1_000_000),
]


def outcome(read: Callable[[], Any]) -> tuple[Any, str]:
    """Return what was read, or the sentence that says why not."""
    try:
        return read(), ""
    except RunUnreadable as error:
        return None, str(error)


def read(**changes: Any) -> Run:
    return run_from_row(SimpleNamespace(**(HEALTHY | changes)))


@pytest.mark.parametrize("column", sorted(HEALTHY.keys() - {"id"}))
def test_any_value_in_any_column_is_read_or_is_a_sentence(column: str) -> None:
    healthy = read()
    for value in STRANGE:
        run, sentence = outcome(partial(read, **{column: value}))
        if run is None:
            assert sentence.startswith("What the database says about run 0123456789ab is damaged.")
            continue
        # What is read can be shown and reckoned with.
        assert run == healthy or getattr(run, column) != getattr(healthy, column)
        assert 0 <= run.cost_left < float("inf")
        for seconds in (run.images_per_second, run.seconds_left, run.train_seconds, run.total_seconds):
            assert seconds is None or 0 <= seconds < float("inf")
        assert all(np.isfinite([rate.epoch, rate.before, rate.after]).all() for rate in run.rate_changes)


def test_every_column_of_a_run_is_tried() -> None:
    unread = {"claimed_by", "heartbeat_at", "queued_at", "address"}
    assert set(runs.c.keys()) - unread == HEALTHY.keys()


@pytest.mark.parametrize("value", STRANGE)
def test_any_value_in_a_point_is_read_or_is_a_sentence(value: Any) -> None:
    for place in range(3):
        row = [0.5, 0.4, 0.9]
        row[place] = value
        curve, sentence = outcome(partial(curve_from_rows, "0123456789ab", [row], []))
        if curve is None:
            assert "The curve of run 0123456789ab is damaged" in sentence
        else:
            assert curve.training_loss.dtype == np.float64


@pytest.mark.parametrize("value", STRANGE)
def test_any_value_in_vitals_is_read_or_is_a_sentence(value: Any) -> None:
    healthy = {"step": 1, "epoch": 0.5, "layer": 1, "dead": 0.25, "saturated": None}
    for column in healthy:
        row = SimpleNamespace(**(healthy | {column: value}))
        layers, sentence = outcome(partial(vitals_from_rows, "0123456789ab", [row]))
        if layers is None:
            assert "hidden units of run 0123456789ab is damaged" in sentence
        else:
            assert np.isfinite(layers[0].epoch)


def test_notes_of_learning_rates_are_read_up_to_a_bound() -> None:
    noted = json.dumps([[epoch / 4, 0.1, 0.01] for epoch in range(1_000)])
    assert len(read(rate_changes=noted).rate_changes) == 1_000
