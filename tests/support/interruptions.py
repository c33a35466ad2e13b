"""Runs that are killed, paused, stopped and stepped through at exact places."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat

import pytest

from core.store import Request
from core.training import job

# What the callbacks hear, one a chunk and one more at each end of an epoch; or the worker's death.
Heard = Request | None
Script = Callable[[Iterable[Heard]], None]


class Killed(BaseException):
    """As if the process had ended here: nothing in the job catches it."""


def after(count: int, request: Heard) -> Iterator[Heard]:
    """Yield nothing for so many times, then the request for good; None is the worker's death."""
    return chain(repeat(Request.NONE, count), repeat(request))


def script_requests(patch: pytest.MonkeyPatch) -> Script:
    """Return a function that decides what the callbacks of the next runs hear, in order."""

    def script(heard: Iterable[Heard]) -> None:
        coming = iter(heard)

        class Scripted(job.Pulse):
            @property
            def request(self) -> Request:
                request = next(coming)
                if request is None:
                    raise Killed
                return request

        patch.setattr(job, "Pulse", Scripted)

    return script
