"""Those who look at a run share one reading, and a reading fetches only what is new."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event

from core.errors import RunNotFound, RunUnreadable, StoreError
from core.store import LayerVitals, Progress, Request, RunStore
from core.store.recording import MAX_POINTS
from core.store.watching import Watched, Watcher
from tests.support.store_samples import (
    CONFIG,
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


@contextmanager
def counted(store: RunStore) -> Iterator[list[int]]:
    """Yield a list that grows by the number of rows of each SELECT."""
    rows: list[int] = []

    def heard(connection, cursor, statement, *_: object) -> None:  # type: ignore[no-untyped-def]
        if statement.startswith("SELECT"):
            rows.append(len(statement))

    event.listen(store._database.engine, "after_cursor_execute", heard)
    try:
        yield rows
    finally:
        event.remove(store._database.engine, "after_cursor_execute", heard)


def assert_same_as_read_anew(watched: Watched, store: RunStore, run_id: str) -> None:
    curve = store.curve(run_id)
    for name in vars(curve):
        np.testing.assert_array_equal(getattr(watched.curve, name), getattr(curve, name))
    assert watched.vitals == store.vitals(run_id)
    assert watched.run == store.get(run_id)


def test_whatever_happens_to_a_curve_a_viewer_sees_what_is_there(store: RunStore) -> None:
    run_id = claimed(store)
    watcher = Watcher(store, fresh_seconds=0)
    random = np.random.default_rng(5)
    step = 0
    for _ in range(60):
        match random.integers(5):
            case 0:
                step = int(random.integers(0, step + 1))
                holding(store, run_id, "anna").rewind(step)
            case 1:
                holding(store, run_id, "anna").record(
                    [training(int(random.integers(1, step + 2)), 9.0)], None
                )
            case 2:
                step += int(random.integers(1, 5))
                layers = [LayerVitals(step, step / 100, layer, 0.25, None) for layer in (1, 2)]
                holding(store, run_id, "anna").record(
                    [validation(step)], Progress(1, step, 900, None, 3.0), layers
                )
            case _:
                new = [training(step + further, random.normal()) for further in (1, 2, 5)]
                step += 5
                holding(store, run_id, "anna").record(new, None)
        if random.integers(2):
            assert_same_as_read_anew(watcher.look(run_id), store, run_id)
    more = [training(step + further) for further in range(1, MAX_POINTS + 200)]
    holding(store, run_id, "anna").record(more, None)
    assert len(watcher.look(run_id).curve.training_loss) < MAX_POINTS
    assert_same_as_read_anew(watcher.look(run_id), store, run_id)


def test_a_reading_fetches_only_what_is_new(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = claimed(store)
    holding(store, run_id, "anna").record([training(step) for step in range(1, 1_001)], None)
    _, known = store.watch(run_id)
    holding(store, run_id, "anna").record([training(1_001), training(1_002), validation(1_002)], None)
    read: list[int] = []
    from core.store import curves

    real = curves.curve_from_rows

    def spied(run_id: str, *kinds: list[object]) -> object:
        read.append(sum(len(rows) for rows in kinds))
        return real(run_id, *kinds)

    monkeypatch.setattr(curves, "curve_from_rows", spied)
    _, known = store.watch(run_id, known)
    assert read == [3]
    assert len(known.curve) == 1_003
    with counted(store) as statements:
        assert store.watch(run_id, known)[1] is known
    assert len(statements) == 1


def test_ten_who_look_at_once_read_once(store: RunStore) -> None:
    run_id = claimed(store)
    holding(store, run_id, "anna").record([training(1)], None)
    watcher = Watcher(store, fresh_seconds=60)
    together = threading.Barrier(10)

    def look(_: int) -> Watched:
        together.wait()
        return watcher.look(run_id)

    with counted(store) as statements, ThreadPoolExecutor(10) as pool:
        seen = list(pool.map(look, range(10)))
    assert len(statements) == 4  # the run, both kinds of points, the vitals
    assert all(one is seen[0] for one in seen)


def test_all_who_wait_share_one_reading_of_the_queue(store: RunStore) -> None:
    waiting = [store.create(CONFIG, workspace="red").id for _ in range(3)]
    watcher = Watcher(store, fresh_seconds=60)
    with counted(store) as statements:
        places = [watcher.queue_place(run_id) for run_id in waiting]
    assert places == [store.queue_place(run_id) for run_id in waiting]
    assert sorted(place or 0 for place in places) == [1, 2, 3]
    assert len(statements) == 1
    store.ask(waiting[0], Request.PAUSE)
    watcher.expire()
    assert watcher.queue_place(waiting[0]) is None
    newcomer = store.create(CONFIG, workspace="red").id
    assert watcher.queue_place(newcomer) == store.queue_place(newcomer) == 3


def test_what_somebody_asked_is_seen_at_once(store: RunStore) -> None:
    run_id = claimed(store)
    watcher = Watcher(store, fresh_seconds=60)
    watcher.look(run_id)
    store.ask(run_id, Request.PAUSE)
    assert watcher.look(run_id).run.request is Request.NONE
    watcher.expire()
    assert watcher.look(run_id).run.request is Request.PAUSE


def test_what_is_made_of_a_curve_is_made_once_a_version(store: RunStore) -> None:
    run_id = claimed(store)
    holding(store, run_id, "anna").record([training(1)], None)
    watcher = Watcher(store, fresh_seconds=0)
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [watcher.look(run_id).made("count", make) for _ in range(3)] == [1, 1, 1]
    holding(store, run_id, "anna").record([], Progress(1, 2, 3, None, None))  # the curve is as it was
    assert watcher.look(run_id).made("count", make) == 1
    assert watcher.look(run_id).made("another", make) == 2
    holding(store, run_id, "anna").record([training(2)], None)
    assert watcher.look(run_id).made("count", make) == 3
    # Whatever a browser asks for, no more than so many are kept.
    for key in range(100):
        watcher.look(run_id).made(key, make)
    assert len(watcher.look(run_id)._made) <= 32


def test_it_is_known_how_long_nothing_was_recorded(store: RunStore) -> None:
    run_id = claimed(store)
    watcher = Watcher(store, fresh_seconds=0)
    assert watcher.look(run_id).unchanged_seconds == float("inf")  # it may have been silent for hours
    holding(store, run_id, "anna").record([training(1)], None)
    changed = watcher.look(run_id)
    assert changed.unchanged_seconds < 60
    store.ask(run_id, Request.PAUSE)
    assert watcher.look(run_id).changed_at == changed.changed_at


def test_only_so_many_runs_are_kept(store: RunStore) -> None:
    first, second, third = (claimed(store) for _ in range(3))
    watcher = Watcher(store, runs=2, fresh_seconds=60)
    kept = watcher.look(first)
    watcher.look(second)
    assert watcher.look(first) is kept
    watcher.look(third)  # in place of the second
    assert watcher.look(first) is kept
    with counted(store) as statements:
        watcher.look(second)
    assert statements


def test_trouble_is_told_to_all_and_over_when_it_is_over(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = claimed(store)
    watcher = Watcher(store, fresh_seconds=60)
    with pytest.raises(RunNotFound):
        watcher.look("0" * 12)
    asked: list[str] = []
    with monkeypatch.context() as patch:

        def locked(run_id: str, known: object) -> None:
            asked.append(run_id)
            raise StoreError("The database is in use.")

        patch.setattr(store, "watch", locked)
        for _ in range(5):
            with pytest.raises(StoreError, match="in use"):
                watcher.look(run_id)
        assert asked == [run_id]
    watcher.expire()
    assert watcher.look(run_id).run.id == run_id


def test_a_damaged_point_is_an_error_of_its_run(store: RunStore) -> None:
    if store._database.file is None:
        pytest.skip("only SQLite lets a word into a column of numbers")
    run_id = claimed(store)
    holding(store, run_id, "anna").record([training(1)], None)
    watcher = Watcher(store, fresh_seconds=0)
    watcher.look(run_id)
    with store._database.transaction(write=True) as connection:
        connection.exec_driver_sql("UPDATE points SET loss = 'much'")
        connection.exec_driver_sql("UPDATE runs SET curve_version = 9, curve_rewritten = 9")
    with pytest.raises(RunUnreadable, match="damaged"):
        watcher.look(run_id)
