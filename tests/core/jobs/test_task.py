"""What a worker does around a job, with the process' end written down instead of made."""

import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

import core.jobs.task
from core.jobs.kinds import JobKind
from core.jobs.task import run_on_worker

DONE: list[str] = []


class Ended(BaseException):
    """Stands for the end of the process."""


def job(run_id: str) -> None:
    """Note that it was called."""
    DONE.append(run_id)


def tidy_up() -> None:
    """Note that it was called, too."""
    DONE.append("tidied up")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A Dask worker with nothing to do; `later` holds what it was asked to call later."""

    def end(code: int) -> None:
        raise Ended

    later: list[Callable[[], Any]] = []
    loop = SimpleNamespace(
        add_callback=lambda function, *arguments: function(*arguments),
        call_later=lambda seconds, function, *arguments: later.append(lambda: function(*arguments)),
    )
    found = SimpleNamespace(nanny="tls://…", loop=loop, state=SimpleNamespace(tasks={}), later=later)
    DONE.clear()
    monkeypatch.setattr(core.jobs.task, "get_worker", lambda: found)
    monkeypatch.setattr(core.jobs.task, "WORKER_MODULE", __name__)
    monkeypatch.setattr(core.jobs.task, "KINDS", {"note": JobKind(__name__, "job")})
    monkeypatch.setattr(os, "_exit", end)
    return found


def grown(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Have this process hold `size` bytes."""
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=size))
    monkeypatch.setattr(core.jobs.task.psutil, "Process", lambda: process)


def test_a_worker_of_ordinary_size_does_the_job_and_stays(
    worker: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(monkeypatch, core.jobs.task.RENEW_BYTES)
    run_on_worker("note", "a run")
    for function in worker.later:
        function()
    assert DONE == ["a run", "tidied up"]


def test_a_worker_grown_large_makes_way_before_it_touches_the_next_run(
    worker: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(monkeypatch, core.jobs.task.RENEW_AT_ONCE_BYTES + 1)
    with pytest.raises(Ended):
        run_on_worker("note", "a run")
    assert DONE == ["tidied up"]


def test_what_an_earlier_run_has_left_is_no_reason_to_make_way(
    worker: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = iter([core.jobs.task.RENEW_AT_ONCE_BYTES + 1, core.jobs.task.RENEW_AT_ONCE_BYTES])
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=next(sizes)))
    monkeypatch.setattr(core.jobs.task.psutil, "Process", lambda: process)
    run_on_worker("note", "a run")
    assert DONE == ["tidied up", "a run"]


def test_a_worker_grown_a_little_makes_way_when_it_rests(
    worker: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(monkeypatch, core.jobs.task.RENEW_BYTES + 1)
    run_on_worker("note", "a run")
    assert DONE == ["a run"]  # whoever hands out runs hears of it before this worker tidies up
    tidy, rest = worker.later
    tidy()
    assert DONE == ["a run", "tidied up"]
    worker.state.tasks["another"] = object()
    rest()  # not yet: there is something to do
    worker.state.tasks.clear()
    with pytest.raises(Ended):
        rest()


def test_a_worker_whom_nobody_would_start_anew_stays(
    worker: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.nanny = None
    grown(monkeypatch, 2 * core.jobs.task.RENEW_AT_ONCE_BYTES)
    run_on_worker("note", "a run")
    assert DONE == ["a run"]
