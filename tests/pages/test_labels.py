"""What runs are called: never two alike, in words, and in the clock of the browser."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import streamlit as st

from core.config import HiddenLayer, TrainingConfig
from core.store import SHARED_WORKSPACE, Progress, Run, RunStatus, RunStore
from pages.parts.shared.runs.labels import (
    browser_zone,
    local_time,
    run_label,
    run_labels,
    run_title,
    run_titles,
)
from tests.pages.samples import MINE
from tests.support.store_samples import holding

OTHERS = ("b" * 24, "c" * 24)


def ended(store: RunStore, workspace: str = MINE, **config: object) -> Run:
    layers = (HiddenLayer(units=128), HiddenLayer(units=64))
    run = store.create(TrainingConfig(**{"hidden_layers": layers, **config}), workspace=workspace)
    store.claim(run.id, "worker")
    return holding(store, run.id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.97654, test_loss=0.1)


def test_a_label_is_number_layers_and_accuracy(store: RunStore) -> None:
    run = ended(store)
    assert run_label(run, MINE) == "#1 · 128-64 · 97.65 %"
    assert run_title(run, MINE) == "#1 · 128-64"
    assert run_label(ended(store, dataset="pen-strokes"), MINE) == "#2 · 128-64 · Pen strokes · 97.65 %"
    assert run_label(ended(store, hidden_layers=()), MINE) == "#3 · no hidden layer · 97.65 %"


def test_a_run_is_called_by_what_differs_from_the_one_before(store: RunStore) -> None:
    first, second, third = ended(store), ended(store, learning_rate=0.01), ended(store, learning_rate=0.01)
    ended(store, OTHERS[0], epochs=9)
    assert list(run_labels([first, second, third], MINE).values()) == [
        "#1 · 128-64 · 97.65 %",
        "#2 · learning rate 0.01 (was 0.001) · 97.65 %",
        "#3 · as #2 · 97.65 %",
    ]
    # As well where the one before is not on the list, and not where its owner has called it something.
    assert run_titles([second], MINE) == {second.id: "#2 · learning rate 0.01 (was 0.001)"}
    assert run_title(replace(second, name="fast"), MINE, first) == "#2 · fast"


def test_runs_of_one_second_with_equal_settings_and_results_do_not_look_alike(store: RunStore) -> None:
    runs = [ended(store, workspace) for workspace in (MINE, MINE, SHARED_WORKSPACE, *OTHERS)]
    labels = run_labels(runs, MINE)
    assert len(set(labels.values())) == len(runs)
    assert not any(workspace in label for workspace in OTHERS for label in labels.values())


def test_how_a_run_stands_is_said_once_and_in_words(store: RunStore) -> None:
    run = store.create(TrainingConfig(), workspace=MINE)
    assert run_label(run, MINE) == "#1 · 128-128 · waiting"
    store.claim(run.id, "worker")
    assert run_label(store.get(run.id), MINE) == "#1 · 128-128 · training"
    holding(store, run.id, "worker").record([], Progress(4, 30, 100, None, None))
    stopped = holding(store, run.id, "worker").finish(RunStatus.STOPPED, test_accuracy=0.9, test_loss=0.3)
    assert run_label(stopped, MINE) == "#1 · 128-128 · 90.00 % · stopped after epoch 3"


@pytest.mark.parametrize("zone", ["America", "Mars/Olympus", "../../etc", "a" * 5_000, "\0", "", None])
def test_a_time_zone_that_is_none_is_utc(monkeypatch: pytest.MonkeyPatch, zone: str | None) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(timezone=zone))
    assert browser_zone() is UTC
    assert local_time(datetime(2026, 11, 25, 14, 5, tzinfo=UTC)) == "25 Nov 14:05 UTC"


def test_times_are_those_of_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(timezone="Asia/Kolkata"))
    assert browser_zone() == ZoneInfo("Asia/Kolkata")
    assert local_time(datetime(2026, 11, 25, 14, 5, tzinfo=UTC)) == "25 Nov 19:35"
