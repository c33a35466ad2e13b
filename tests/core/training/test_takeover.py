"""A run whose database was away: nobody could be heard, and the worker that has it lives."""

from types import SimpleNamespace

import pytest
from sqlalchemy import update

from core.store import RunStatus, RunStore
from core.store.clock import now
from core.store.tables import runs
from core.training import job
from tests.support.job_samples import SHORT
from tests.support.store_samples import holding


def silent_for_a_minute(store: RunStore) -> str:
    run_id = store.create(SHORT, workspace="red").id
    store.claim(run_id, "other")
    with store.database.transaction(write=True) as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(heartbeat_at=now() - 60))
    return run_id


@pytest.mark.parametrize("beats_after", [1, 2])
def test_a_worker_that_is_heard_again_keeps_its_run(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, beats_after: int
) -> None:
    run_id = silent_for_a_minute(store)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) >= beats_after:
            holding(store, run_id, "other").record([], None)

    # By this clock every sleep is a second long.
    clock = SimpleNamespace(sleep=sleep, monotonic=lambda: float(len(slept)))
    monkeypatch.setattr(job, "time", clock)
    assert job._wait_for_silence(store, run_id) is False
    assert store.get(run_id).attempts == 1


def test_one_that_stays_silent_loses_it(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = silent_for_a_minute(store)
    slept: list[float] = []
    clock = SimpleNamespace(sleep=slept.append, monotonic=lambda: float(len(slept)))
    monkeypatch.setattr(job, "time", clock)
    assert job._wait_for_silence(store, run_id) is True
    assert len(slept) == 3
    assert store.get(run_id).status is RunStatus.RUNNING
