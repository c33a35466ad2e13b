"""What a process has exactly one of."""

import sys
import threading
from collections.abc import Iterator

import pytest

import core.once
from core.once import forget_all, kept, once


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


def test_threads_that_ask_at_once_get_the_same_thing() -> None:
    made: list[object] = []
    all_ask = threading.Barrier(8)

    @once
    def thing(name: str) -> object:
        made.append(name)
        return object()

    found: list[object] = []

    def ask() -> None:
        all_ask.wait()
        found.append(thing("one"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["one"]
    assert len(found) == 8
    assert len(set(map(id, found))) == 1
    assert thing("other") is not found[0]


def test_what_fails_is_tried_again_by_the_next_to_ask() -> None:
    trouble = [OSError("the disk is full")]

    @once
    def thing() -> str:
        if trouble:
            raise trouble.pop()
        return "made"

    with pytest.raises(OSError, match="full"):
        thing()
    assert thing() == "made"


def test_what_was_made_is_known_without_making_it() -> None:
    @once
    def thing(name: str) -> str:
        return name * 2

    assert kept(thing) == []
    thing("a")
    thing("b")
    assert sorted(kept(thing)) == ["aa", "bb"]


def test_making_one_thing_does_not_keep_others_waiting() -> None:
    is_asked, may_go_on = threading.Event(), threading.Event()

    @once
    def slow() -> str:
        is_asked.set()
        assert may_go_on.wait(30)
        return slow_needs()

    @once
    def slow_needs() -> str:
        return "made"

    thread = threading.Thread(target=slow)
    thread.start()
    assert is_asked.wait(30)
    assert slow_needs() == "made"
    may_go_on.set()
    thread.join()


def test_the_same_thing_is_there_after_the_module_is_loaded_anew() -> None:
    def make() -> object:
        return object()

    kept = once(make)()
    # As a server does that watches files: it forgets the modules of all files of a project.
    del sys.modules["core.once"]
    try:
        from core.once import once as once_anew

        assert once_anew is not once
        assert once_anew(make)() is kept
    finally:
        sys.modules["core.once"] = core.once
