"""What is deleted, restored, starred and cleared away."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from core.errors import RunNotFound, StoreError
from core.settings import Settings
from core.store import Progress, RunStatus, RunStore, write_atomically
from core.store.files import snapshot_file
from core.store.retention import Removed, sweep
from core.store.tables import runs
from tests.support.store_samples import (
    CONFIG,
    OTHER_ARTIFACTS,
    claimed,
    empty_artifacts,
    empty_database,
    folders,
    holding,
    training,
)

DAY = 24 * 3_600
MB = 1_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


def ended(store: RunStore, workspace: str = "red", size: int = 100, age_days: float = 0.0) -> str:
    """Return a run that ended so long ago and keeps so many bytes."""
    run_id = claimed(store, workspace=workspace)
    holding(store, run_id, "anna").record([training(1)], Progress(1, 1, 1, None, None))
    write_atomically(store.folder(run_id) / "network.onnx", bytes(size))
    holding(store, run_id, "anna").finish(RunStatus.FINISHED)
    shift(store, run_id, "finished_at", age_days * DAY)
    return run_id


def shift(store: RunStore, run_id: str, column: str, seconds: float) -> None:
    """Make a moment of a run earlier."""
    with store.database.transaction(write=True) as connection:
        values = {column: runs.c[column] - seconds}
        assert connection.execute(update(runs).where(runs.c.id == run_id).values(values)).rowcount == 1


def ids(store: RunStore) -> set[str]:
    return {run.id for run in store.list_runs()}


def test_a_deleted_run_is_on_no_list_and_can_be_had_back(store: RunStore) -> None:
    run_id = ended(store)
    before = store.get(run_id)
    assert store.delete(run_id).deleted_at is not None
    assert ids(store) == set()
    with pytest.raises(RunNotFound, match="has been deleted"):
        store.get(run_id)
    with pytest.raises(RunNotFound):
        store.extend(run_id, 9)
    assert sweep(store, Settings()) == Removed()
    assert store.restore(run_id) == before
    assert len(store.curve(run_id)) == 1


def test_a_run_that_is_trained_is_stopped_first_and_a_waiting_one_leaves_the_queue(store: RunStore) -> None:
    running, waiting = claimed(store), store.create(CONFIG, workspace="red").id
    with pytest.raises(StoreError, match=r"Run #1 is being trained\. Stop it first, then delete it\."):
        store.delete(running)
    store.delete(waiting)
    assert store.queue() == []
    assert [run.id for run in store.orphans(0)] == [running]
    with pytest.raises(RunNotFound):
        store.claim(waiting, "anna")
    assert store.restore(waiting).status is RunStatus.PAUSED


def test_ten_minutes_after_its_deletion_a_run_is_gone_and_its_number_is_not_given_again(
    store: RunStore,
) -> None:
    kept, gone = ended(store), ended(store)
    store.delete(gone)
    shift(store, gone, "deleted_at", 601)
    with pytest.raises(RunNotFound) as deleted:
        store.restore(gone)
    shift(store, gone, "deleted_at", 100)
    removed = sweep(store, Settings())
    assert (removed.deleted, removed.size) == ([gone], 100)
    assert folders(store) == {kept}
    assert len(store.curve(gone)) == 0
    with pytest.raises(RunNotFound, match="There is no run") as removed_for_good:
        store.restore(gone)
    assert str(removed_for_good.value) == str(deleted.value)  # one address, one sentence
    assert store.create(CONFIG, workspace="red").number == 3


def test_a_workspace_keeps_so_many_bytes_oldest_go_first(store: RunStore) -> None:
    oldest, starred, old = (ended(store, size=MB, age_days=days) for days in (5, 4, 3))
    young, other = ended(store, size=MB), ended(store, "blue", size=MB, age_days=60)
    store.star(starred, True)
    paused = claimed(store)
    write_atomically(store.folder(paused) / "checkpoint.npz", bytes(MB))
    holding(store, paused, "anna").finish(RunStatus.PAUSED)
    alive = claimed(store)
    write_atomically(store.folder(alive) / "checkpoint.npz", bytes(MB))
    shift(store, alive, "created_at", 50 * DAY)
    # Six times a megabyte of red, and four are kept.
    removed = sweep(store, Settings(max_workspace_bytes=4 * MB))
    assert removed == Removed(no_room=[oldest, old], size=2 * MB)
    assert ids(store) == {starred, young, other, paused, alive}
    # One that is paused goes only when all ended ones have; starred and living ones never.
    removed = sweep(store, Settings(max_workspace_bytes=MB))
    assert removed.no_room == [young, paused]
    assert ids(store) == {starred, other, alive}
    assert folders(store) == {starred, other, alive}


def test_all_workspaces_together_keep_so_many_bytes(store: RunStore) -> None:
    names = ["red", "blue", "green"]
    made = [ended(store, name, size=MB, age_days=9 - number) for number, name in enumerate(names)]
    assert sweep(store, Settings(max_total_bytes=int(1.5 * MB))).no_room == made[:2]


def test_runs_are_kept_for_so_many_days_but_for_starred_ones(store: RunStore) -> None:
    old, starred, young = (ended(store, age_days=days) for days in (91, 91, 89))
    store.star(starred, True)
    assert sweep(store, Settings()).too_old == [old]
    assert store.star(starred, False).starred is False
    assert sweep(store, Settings()).too_old == [starred]
    assert ids(store) == {young}


def test_a_clock_set_back_removes_nothing(store: RunStore) -> None:
    run_id = ended(store, age_days=-1_000)
    assert sweep(store, Settings()) == Removed()
    assert ids(store) == {run_id}


@pytest.mark.skipif(
    bool(OTHER_ARTIFACTS), reason="an object store keeps nothing of what was not written whole"
)
def test_what_killed_processes_left_is_cleared_away_once_nobody_can_be_writing(
    store: RunStore, tmp_path: Path
) -> None:
    run_id = ended(store)
    empty, full, strangers = (tmp_path / "runs" / name for name in ("0" * 12, "f" * 12, "my notes"))
    stale, fresh = (tmp_path / "runs" / run_id / f".checkpoint.npz.{n * 8}" for n in "ab")
    for folder in (empty, full, strangers):
        folder.mkdir()
    for file in (stale, fresh, full / "network.onnx", strangers / "a.txt"):
        file.write_bytes(b"12345")
    hours_ago = os.stat(fresh).st_mtime - 2 * 3_600
    for path in (stale, empty, full / "network.onnx", strangers / "a.txt"):
        os.utime(path, (hours_ago, hours_ago))
    removed = sweep(store, Settings())
    assert set(removed.leftovers) == {stale.name, empty.name}
    assert fresh.exists()
    # Files of an unknown run are kept as long as runs are: a database that was moved away may come back.
    assert folders(store) == {run_id, full.name, strangers.name}
    long_ago = hours_ago - 91 * DAY
    os.utime(full / "network.onnx", (long_ago, long_ago))
    assert sweep(store, Settings()).leftovers == [full.name]
    assert folders(store) == {run_id, strangers.name}


def test_a_folder_that_cannot_be_removed_is_tried_again(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = ended(store, age_days=91)

    def refuse(*_arguments: object) -> None:
        raise StoreError("The disk cannot be written.")

    with monkeypatch.context() as patch:
        patch.setattr("core.store.retention.remove", refuse)
        assert sweep(store, Settings()) == Removed()
    assert folders(store) == {run_id}
    assert ids(store) == set()
    assert sweep(store, Settings()).deleted == [run_id]
    assert folders(store) == set()


def test_an_object_store_is_swept_like_a_folder(tmp_path: Path) -> None:
    store = RunStore(empty_database(tmp_path), "memory://digitlab-retention/runs")
    old, young = ended(store, size=MB, age_days=2), ended(store, size=MB)
    assert sweep(store, Settings(max_workspace_bytes=MB)) == Removed(no_room=[old], size=MB)
    assert store.folder(young).joinpath("network.onnx").exists()
    assert not store.folder(old).joinpath("network.onnx").exists()
    store.close()


def test_a_store_without_any_file_is_swept(store: RunStore) -> None:
    assert sweep(store, Settings()) == Removed()


def test_the_networks_of_epochs_of_old_runs_make_room_before_a_run_is_removed(store: RunStore) -> None:
    old, starred, young = (ended(store, size=MB, age_days=days) for days in (3, 2, 1))
    store.star(starred, True)
    for run_id in (old, starred, young):
        for epoch in (0, 1):
            write_atomically(store.folder(run_id) / snapshot_file(epoch), bytes(MB))
    removed = sweep(store, Settings(max_workspace_bytes=7 * MB))
    assert (removed.snapshots, removed.no_room, removed.size) == ([old], [], 2 * MB)
    assert [store.epochs_kept(run_id) for run_id in (old, starred, young)] == [[], [0, 1], [0, 1]]
    removed = sweep(store, Settings(max_total_bytes=4 * MB))
    assert (removed.snapshots, removed.no_room, removed.size) == ([young], [old], 3 * MB)
    assert ids(store) == {starred, young}
    # What belongs to a run goes with it.
    store.delete(young)
    shift(store, young, "deleted_at", DAY)
    assert sweep(store, Settings()).deleted == [young]
