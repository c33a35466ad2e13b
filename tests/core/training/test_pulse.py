"""The pulse: what is recorded reaches the store with its beats, once and in order."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import ClaimLost, StorageFull, StoreGone, StoreUnavailable
from core.settings import get_settings
from core.store import Claim, LayerVitals, Progress, Request, RunStore
from core.training import persistence
from core.training import pulse as pulse_module
from core.training.pulse import Pulse
from tests.support.dataset_samples import wait_until
from tests.support.store_samples import claimed, training, validation

HOURS = 3_600.0


@pytest.fixture
def store(home: Path) -> Iterator[RunStore]:
    """An empty store."""
    store = RunStore.from_settings(get_settings())
    yield store
    store.close()


@pytest.fixture
def run_id(store: RunStore) -> str:
    """A run that `anna` has claimed."""
    return claimed(store)


def progress(step: int) -> Progress:
    return Progress(1, step, 100, None, None)


def steps(store: RunStore, run_id: str) -> list[int]:
    return [round(100 * epoch) for epoch in store.curve(run_id).training_epochs]


def test_what_is_recorded_is_written_without_being_waited_for(store: RunStore, run_id: str) -> None:
    with Pulse(Claim(store.database, run_id, "anna")) as pulse:
        for step in range(1, 6):
            pulse.record([training(step)], progress(step), [LayerVitals(step, step / 100, 1, 0.5, None)])
        wait_until(lambda: store.get(run_id).step == 5)
    assert steps(store, run_id) == [1, 2, 3, 4, 5]
    assert [layer.step for layer in store.vitals(run_id)] == [1, 2, 3, 4, 5]


def test_the_first_points_do_not_wait_for_a_beat(
    store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_module, "SECONDS_A_BEAT", HOURS)
    with Pulse(Claim(store.database, run_id, "anna")) as pulse:
        pulse.record([training(1)], progress(1))
        wait_until(lambda: store.get(run_id).step == 1)
        pulse.record([training(2)], progress(2))
        assert store.get(run_id).step == 1
        pulse.flush()
        assert steps(store, run_id) == [1, 2]


def test_each_beat_hears_what_people_ask(store: RunStore, run_id: str) -> None:
    with Pulse(Claim(store.database, run_id, "anna")) as pulse:
        assert pulse.request is Request.NONE
        store.ask(run_id, Request.PAUSE)
        wait_until(lambda: pulse.request is Request.PAUSE)


def test_a_write_that_fails_is_tried_again_and_loses_nothing(
    store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    record, is_full = Claim.record, threading.Event()
    is_full.set()

    def record_if_there_is_room(*arguments: Any, **more: Any) -> Request:
        if is_full.is_set():
            raise StorageFull("The disk is full.")
        return record(*arguments, **more)

    monkeypatch.setattr(Claim, "record", record_if_there_is_room)
    with caplog.at_level(logging.WARNING), Pulse(Claim(store.database, run_id, "anna")) as pulse:
        pulse.record([training(1)], progress(1))
        wait_until(lambda: "The disk is full." in caplog.text)
        pulse.record([training(2)], progress(2))
        with pytest.raises(StorageFull):
            pulse.flush()
        assert steps(store, run_id) == []
        is_full.clear()
        wait_until(lambda: steps(store, run_id) == [1, 2])
        assert store.get(run_id).step == 2


def test_a_database_that_does_not_answer_is_not_waited_for_twice(
    store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, is_free, has_begun = Claim.record, threading.Event(), threading.Event()

    def record_when_free(*arguments: Any, **more: Any) -> Request:
        has_begun.set()
        assert is_free.wait(60)
        return record(*arguments, **more)

    monkeypatch.setattr(pulse_module, "SECONDS_TO_WRITE", 0.01)
    monkeypatch.setattr(Claim, "record", record_when_free)
    with Pulse(Claim(store.database, run_id, "anna")) as pulse:
        pulse.record([training(1)], progress(1))
        assert has_begun.wait(60)
        with pytest.raises(StoreUnavailable, match="does not answer"):
            pulse.flush()
        wait_until(lambda: pulse.is_cut_off)
        monkeypatch.setattr(pulse_module, "SECONDS_TO_WRITE", HOURS)  # a wait would never end
        pulse._writing_since = -2 * HOURS
        with pytest.raises(StoreUnavailable, match="does not answer"):
            pulse.flush()
        is_free.set()
        wait_until(lambda: steps(store, run_id) == [1])
        assert not pulse.is_cut_off


def test_what_is_kept_for_a_store_in_trouble_is_bounded(
    store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_module, "MOST_KEPT", 40)
    monkeypatch.setattr(pulse_module, "SECONDS_A_BEAT", HOURS)
    pulse = Pulse(Claim(store.database, run_id, "anna"))  # which never gets to write until it is entered
    for step in range(1, 301):
        points = [training(step), validation(step)] if step % 100 == 0 else [training(step)]
        pulse.record(points, progress(step), [LayerVitals(step, step / 100, 1, 0.5, None)])
        assert len(pulse._points) <= 41
    with pulse:
        pulse.flush()
    curve = store.curve(run_id)
    assert curve.validation_epochs.tolist() == [1, 2, 3]
    kept = steps(store, run_id)
    assert 10 <= len(kept) <= 41
    assert kept[-1] == 300
    assert store.get(run_id).step == 300
    assert 10 <= len(store.vitals(run_id)) <= 41


def test_trouble_and_checkpoints_are_told_with_a_beat(store: RunStore, run_id: str) -> None:
    with Pulse(Claim(store.database, run_id, "anna")) as pulse:
        pulse.say("The disk is full.")
        wait_until(lambda: store.get(run_id).trouble == "The disk is full.")
        pulse.say(None)
        pulse.saved(7)
        pulse.flush()
        run = store.get(run_id)
        assert (run.checkpoint_step, run.trouble) == (7, None)


def test_a_database_that_is_gone_for_good_ends_the_run(
    store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persistence, "PATIENCE_WITHOUT_DATABASE", 0.0)
    file = store.database.file
    assert file is not None
    with Pulse(Claim(store.database, run_id, "anna")) as pulse:
        wait_until(lambda: pulse.request is Request.NONE)
        file.rename(file.with_suffix(".away"))
        wait_until(lambda: _has_ended(pulse, StoreGone))


def test_a_run_taken_over_is_left_alone(store: RunStore, run_id: str) -> None:
    with Pulse(Claim(store.database, run_id, "anna")) as pulse:
        pulse.record([training(1)], progress(1))
        wait_until(lambda: store.get(run_id).step == 1)
        store.claim(run_id, "bert")
        pulse.record([training(2)], progress(2))
        with pytest.raises(ClaimLost):
            pulse.flush()
        wait_until(lambda: _has_ended(pulse, ClaimLost))
    assert steps(store, run_id) == [1]


def _has_ended(pulse: Pulse, kind: type[Exception]) -> bool:
    try:
        return pulse.request is None
    except kind:
        return True
