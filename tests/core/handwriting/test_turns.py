"""One at a time, in the order of coming, and not too many in the queue."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import PictureError
from core.handwriting.turns import Turns

PATIENCE = 30


def test_no_two_are_inside_at_once_and_all_get_their_turn():
    turns, inside, most = Turns(most_waiting=50, patience=PATIENCE), [], []

    def visit(number: int) -> int:
        with turns.turn():
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)
        return number

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(visit, range(50))) == list(range(50))
    assert set(most) == {1}


def test_who_comes_first_is_first_and_who_comes_to_a_full_queue_is_sent_away():
    turns, order = Turns(most_waiting=2, patience=PATIENCE), []

    def visit(name: str) -> None:
        with turns.turn():
            order.append(name)

    with ThreadPoolExecutor(2) as threads:
        with turns.turn():
            waiting = []
            for count, name in enumerate("ab", 1):
                waiting.append(threads.submit(visit, name))
                wait_for(lambda count=count: turns.waiting == count)
            with pytest.raises(PictureError, match="wait ten seconds, then choose yours again"), turns.turn():
                pass
        for one in waiting:
            one.result(PATIENCE)
    assert order == ["a", "b"]


def test_who_waits_too_long_is_sent_away_and_leaves_the_queue():
    turns = Turns(most_waiting=2, patience=0.01)
    with (
        turns.turn(),
        ThreadPoolExecutor(1) as threads,
        pytest.raises(PictureError, match="choose yours again"),
    ):
        threads.submit(turns.turn().__enter__).result(PATIENCE)
    with turns.turn():
        assert turns.waiting == 0


def test_a_mishap_inside_lets_the_next_one_in():
    turns = Turns(most_waiting=0, patience=PATIENCE)
    with pytest.raises(ZeroDivisionError), turns.turn():
        raise ZeroDivisionError
    with turns.turn():
        pass


def wait_for(condition) -> None:
    moment = threading.Event()
    for _ in range(1000):
        if condition():
            return
        moment.wait(0.01)
    raise AssertionError("it did not happen")
