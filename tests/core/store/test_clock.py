"""Times are told and compared by the database's clock alone."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from core.store import RunStatus, RunStore
from tests.support.store_samples import CONFIG, OTHER_DATABASE, claimed, empty_database, holding

pytestmark = pytest.mark.skipif(bool(OTHER_DATABASE), reason="sets SQLite's clock")

UNIX_EPOCH = 2_440_587.5  # as a Julian day
HOUR = 3_600.0


class Clock:
    """The clock of a database that stands still until it is set."""

    def __init__(self, store: RunStore) -> None:
        self.seconds = 1_800_000_000.0
        event.listen(store._database.engine, "connect", self._replace)

    def _replace(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.create_function("julianday", 1, lambda _now: UNIX_EPOCH + self.seconds / 86_400)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), str(tmp_path / "runs"))
    store.close()  # so that all connections have the clock of the test
    yield store
    store.close()


@pytest.fixture
def clock(store: RunStore) -> Clock:
    return Clock(store)


def orphans(store: RunStore, older_than: float) -> list[str]:
    return [run.id for run in store.orphans(older_than)]


def test_no_time_is_told_by_the_machine_of_app_or_worker(
    store: RunStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's machine is a day ahead: nobody notices."""
    monkeypatch.setattr("time.time", lambda: clock.seconds + 24 * HOUR)
    run_id = store.create(CONFIG, workspace="red").id
    claim = store.claim(run_id, "anna")
    claim.record([], None)
    assert orphans(store, 10) == []
    run = claim.finish(RunStatus.FINISHED)
    times = [run.created_at, run.started_at, run.finished_at]
    assert [moment and moment.timestamp() for moment in times] == pytest.approx([clock.seconds] * 3, abs=0.01)


def test_a_heartbeat_and_not_the_age_makes_an_orphan(store: RunStore, clock: Clock) -> None:
    run_id = claimed(store)
    clock.seconds += 100
    holding(store, run_id, "anna").record([], None)
    clock.seconds += 30
    assert orphans(store, 31) == []
    assert orphans(store, 29) == [run_id]


def test_a_run_of_before_the_clock_was_set_back_is_taken_up(store: RunStore, clock: Clock) -> None:
    """The app was away meanwhile, so the last heartbeat lies an hour in the future."""
    running, queued = claimed(store), store.create(CONFIG, workspace="red").id
    clock.seconds -= HOUR
    assert set(orphans(store, 10)) == {running, queued}
    store.claim(running, "bert")
    assert orphans(store, 10) == [queued]


def test_a_living_run_is_no_orphan_when_the_clock_is_set_back_a_little(store: RunStore, clock: Clock) -> None:
    claimed(store)
    clock.seconds -= 1  # as time servers do
    assert orphans(store, 10) == []
