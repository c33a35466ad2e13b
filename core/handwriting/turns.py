"""One at a time, in the order of coming: what costs memory is never done by ten visitors at once."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import PictureError
from core.sentences import say

TOO_MANY = say(
    "Many people are handing in pictures at this moment: wait ten seconds, then choose yours again."
)


class Turns:
    """A queue before something that only one may use.

    Parameters
    ----------
    most_waiting
        Who comes while so many wait is sent away.
    patience
        Seconds after which one who waits is sent away.
    """

    def __init__(self, most_waiting: int, patience: float) -> None:
        self._most_waiting = most_waiting
        self._patience = patience
        self._queue: deque[object] = deque()  # whose turn it is, then those who wait
        self._moved = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until those who came before are done, and keep the others waiting.

        Raises
        ------
        PictureError
            If too many wait already, or it takes too long.
        """
        ticket = object()
        with self._moved:
            if len(self._queue) > self._most_waiting:
                raise PictureError(TOO_MANY)
            self._queue.append(ticket)
            try:
                if not self._moved.wait_for(lambda: self._queue[0] is ticket, self._patience):
                    raise PictureError(TOO_MANY)
            except BaseException:
                self._leave(ticket)
                raise
        try:
            yield
        finally:
            with self._moved:
                self._leave(ticket)

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return max(0, len(self._queue) - 1)

    def _leave(self, ticket: object) -> None:
        self._queue.remove(ticket)
        self._moved.notify_all()
