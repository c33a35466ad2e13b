"""When a further worker pays."""

import pytest

from core.jobs import growth
from core.jobs.growth import PAYS_SECONDS, Growth, has_memory_for, workers_wanted

LONG, SHORT = 10 * PAYS_SECONDS, 0.2 * PAYS_SECONDS


@pytest.mark.parametrize(
    ("running", "waiting", "up", "most", "wanted"),
    [
        ([LONG], [], 1, 4, 1),
        ([LONG], [LONG], 1, 4, 2),
        ([LONG], [SHORT], 1, 4, 2),  # else it waits for the long one
        ([SHORT], [LONG], 1, 4, 1),  # it has a place in a moment
        ([SHORT], [SHORT], 1, 4, 1),
        ([SHORT], [SHORT] * 60, 1, 4, 4),
        ([LONG], [LONG, LONG], 1, 2, 2),
        ([LONG, LONG], [LONG], 2, 2, 2),
        ([], [LONG] * 5, 0, 4, 0),  # the first is not up yet
        ([LONG] * 2, [LONG], 1, 4, 2),  # a worker has died: Dask has another in its place
    ],
)
def test_a_further_worker_starts_where_more_would_be_waited_for_than_its_start_takes(
    running: list[float], waiting: list[float], up: int, most: int, wanted: int
) -> None:
    assert workers_wanted(running, waiting, up, most) == wanted


def test_a_further_worker_starts_where_more_runs_are_to_follow() -> None:
    assert workers_wanted([SHORT], [SHORT], 1, 4, has_more=True) == 2
    assert workers_wanted([SHORT], [], 1, 4, has_more=True) == 1


def test_runs_that_need_much_memory_train_side_by_side_only_where_there_is_so_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(growth, "memory_bytes", lambda: 5_000_000_000)
    large, small = 1_500_000_000, 50_000_000
    # Two workers, the app and the system leave 2 GB.
    assert has_memory_for([], large, 2)
    assert has_memory_for([large], small, 2)
    assert not has_memory_for([large], large, 2)
    assert has_memory_for([], 3 * large, 2), "who trains alone has the limit of a run"


def test_a_worker_that_does_not_come_up_is_asked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    growing = Growth()

    def look(up: int) -> int:
        growing.look([LONG], [LONG], up, 2, has_more=False)
        return growing.asked

    assert [look(1), look(1), look(2)] == [2, 2, 2]
    monkeypatch.setattr(growth, "MISSING_SECONDS", 0.0)
    assert [look(1), look(1), look(1)] == [1, 2, 1]


def test_further_workers_are_let_go_after_ten_idle_minutes_and_asked_for_anew_after_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(growth.time, "monotonic", lambda: clock[0])
    growing = Growth()

    def look(seconds: float, running: list[float], up: int, waiting: tuple[float, ...] = ()) -> int:
        clock[0] += seconds
        growing.look(running, waiting, up, 2, has_more=False)
        return growing.asked

    assert look(0.0, [LONG], 1, (LONG,)) == 2
    assert look(growth.MISSING_SECONDS - 1, [LONG], 1) == 2  # it may still come up
    assert look(1, [LONG], 1) == 1
    assert look(0.0, [LONG], 1, (LONG,)) == 2
    assert look(1, [LONG, LONG], 2) == 2
    assert look(growth.IDLE_SECONDS - 1, [], 2) == 2
    assert look(0.0, [SHORT], 2) == 2  # a run in between
    assert look(growth.IDLE_SECONDS - 1, [], 2) == 2
    assert look(1, [], 2) == 1
