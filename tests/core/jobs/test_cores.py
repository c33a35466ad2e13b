"""Who computes on which cores: real processes beside this one, and the cores that its threads have."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.jobs import cores
from core.jobs.cores import share_of, sharing_cores
from core.machine import allowed_cores
from tests.support.serve import wait_until

SECONDS = 20.0
needs_two_cores = pytest.mark.skipif(
    sys.platform != "linux" or len(allowed_cores()) < 2, reason="there is nothing to share"
)


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of notes on a machine where nobody else trains."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(cores, "SECONDS_A_LOOK", 0.01)
    return tmp_path / f"digitlab-cores-{os.getuid()}"


class Other:
    """A process that trains too, as far as its note says."""

    def __init__(self, notes: Path, number: int) -> None:
        self.process = subprocess.Popen(["sleep", "100"])
        notes.mkdir(exist_ok=True)
        pid = self.process.pid
        self.note = notes / f"{number:04d}-{pid}-{cores._started(pid)}"
        self.note.touch()

    def kill(self) -> None:
        """End it, with its note left where it is."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def others() -> Iterator[list[Other]]:
    found: list[Other] = []
    yield found
    for other in found:
        other.kill()


def cores_of_all_threads() -> set[frozenset[int]]:
    return {frozenset(os.sched_getaffinity(int(name))) for name in os.listdir("/proc/self/task")}


@pytest.mark.parametrize(("cores_there", "count"), [(1, 1), (2, 1), (2, 2), (8, 3), (7, 7), (64, 5)])
def test_shares_are_all_cores_and_no_core_twice(cores_there: int, count: int) -> None:
    shares = [share_of(range(cores_there), place, count) for place in range(count)]
    assert sorted(core for share in shares for core in share) == list(range(cores_there))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_more_than_there_are_cores_have_none_of_their_own() -> None:
    assert [share_of({3, 5}, place, 3) for place in range(3)] == [{3, 5}] * 3


def test_the_two_threads_of_a_physical_core_go_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "_TOPOLOGY", tmp_path)
    for core in range(8):
        folder = tmp_path / f"cpu{core}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{core % 4},{core % 4 + 4}\n")
    assert share_of(range(8), 0, 2) == {0, 4, 1, 5}
    assert share_of(range(8), 3, 4) == {3, 7}


@needs_two_cores
def test_who_trains_alone_has_all_cores_and_two_share_them_until_one_is_killed(
    notes: Path, others: list[Other]
) -> None:
    all_cores = allowed_cores()
    over = threading.Event()

    def stay() -> None:
        over.wait(SECONDS)

    threads = [threading.Thread(target=stay)]
    threads[0].start()
    with sharing_cores():
        assert cores_of_all_threads() == {all_cores}
        others.append(Other(notes, 1))
        mine = share_of(all_cores, 0, 2)
        wait_until(lambda: cores_of_all_threads() == {mine}, SECONDS, "the other's cores to be left to it")
        if len(mine) == 1:
            assert os.sched_getscheduler(0) == os.SCHED_BATCH, "threads of one core interrupt each other"
        threads.append(threading.Thread(target=stay))
        threads[1].start()
        others[0].kill()
        wait_until(lambda: cores_of_all_threads() == {all_cores}, SECONDS, "its cores to be taken back")
        assert [note.name[:4] for note in notes.iterdir()] == ["0000"], "nobody else clears up after it"
        others.append(Other(notes, 1))
        wait_until(lambda: cores_of_all_threads() == {mine}, SECONDS, "the next one to be noticed")
    assert (cores_of_all_threads(), os.sched_getscheduler(0)) == ({all_cores}, os.SCHED_OTHER)
    assert list(notes.iterdir()) == [others[1].note]
    over.set()
    for thread in threads:
        thread.join()


@needs_two_cores
def test_the_first_number_that_is_free_is_taken_and_of_two_alike_the_process_decides(
    notes: Path, others: list[Other]
) -> None:
    all_cores = allowed_cores()
    others.append(Other(notes, 0))
    with sharing_cores():
        # At once: a short run has ended by the time of the next look.
        assert cores_of_all_threads() == {share_of(all_cores, 1, 2)}
        others[0].note.rename(notes / others[0].note.name.replace("0000", "0001", 1))
        place = sorted([os.getpid(), others[0].process.pid], key=str).index(os.getpid())
        wait_until(
            lambda: cores_of_all_threads() == {share_of(all_cores, place, 2)},
            SECONDS,
            "the order to be settled",
        )


@needs_two_cores
def test_a_later_process_of_the_same_number_is_another_one(notes: Path) -> None:
    notes.mkdir()
    (notes / f"0000-{os.getpid()}-1").touch()
    (notes / "0000-999999999-1").touch()
    (notes / "what else there may be").touch()
    with sharing_cores():
        assert cores_of_all_threads() == {allowed_cores()}
    assert [note.name for note in notes.iterdir()] == ["what else there may be"]


@pytest.mark.skipif(sys.platform != "linux", reason="cores are shared on Linux only")
@pytest.mark.parametrize("trouble", ["another system", "a link to elsewhere", "no folder"])
def test_where_cores_cannot_be_shared_nothing_happens(
    notes: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    elsewhere = notes.parent / "elsewhere"
    elsewhere.mkdir()
    if trouble == "another system":
        monkeypatch.setattr(sys, "platform", "darwin")
    elif trouble == "a link to elsewhere":
        notes.symlink_to(elsewhere)
    else:
        notes.touch()
    before = allowed_cores()
    with sharing_cores():
        assert cores_of_all_threads() == {before}
        assert notes.is_dir() == (trouble == "a link to elsewhere"), "no note where nobody reads it"
    assert list(elsewhere.iterdir()) == []
