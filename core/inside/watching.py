"""The networks that are being looked into: read once for all who look, as many as there is room for."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.inside.diagram import Choice, Diagram, draw
from core.inside.pictures import FixedPictures
from core.inside.reading import Reading, read_network

_Made = TypeVar("_Made")
Weights = Sequence[NDArray[np.float32]]
# Pictures for which the choice of units is remembered: the ten, and drawings.
_MOST_CHOICES = 64
_MOST_MADE = 64


class WeightsSource(Protocol):
    """Where weights come from: the store of runs. Weights are those of Keras' `get_weights`."""

    def live_stamp(self, run_id: str) -> str | None:
        """Return what changes whenever the live weights do, their version; None where there are none."""

    def live_weights(self, run_id: str, newer_than: str | None = None) -> tuple[str, int, Weights] | None:
        """Return version, optimizer step and weights as they are now; None without any or newer ones."""

    def weights_at(self, run_id: str, epoch: int) -> Weights:
        """Return the weights at the end of an epoch; 0 is the untrained network."""

    def epochs_kept(self, run_id: str) -> list[int]:
        """Return the epochs that `weights_at` can give, ascending."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A network at one moment, and what was made of it so far.

    Attributes
    ----------
    version
        Another one for other weights.
    epoch
        At the end of which it is as it is; None while its run goes on.
    step
        Optimizer steps so far; None where `epoch` is told.
    """

    version: str
    epoch: int | None
    step: int | None
    reading: Reading
    _choices: "OrderedDict[bytes, Choice]" = field(repr=False)
    _made: dict[Hashable, object] = field(default_factory=dict, repr=False)

    def draw(self, image: NDArray[np.uint8]) -> Diagram:
        """Return the diagram for a picture, uint8 (28, 28), with units in the places they had before.

        Raises
        ------
        ModelError
            If the picture has another type or shape.
        """
        name = image.tobytes()
        # Two sessions may draw the same picture at the same moment: both choices are good.
        return self.made(("diagram", name), lambda: self._draw(image, name))

    def _draw(self, image: NDArray[np.uint8], name: bytes) -> Diagram:
        diagram = draw(self.reading, image, self._choices.get(name, ()))
        self._choices[name] = diagram.choice
        while len(self._choices) > _MOST_CHOICES:
            try:
                self._choices.popitem(last=False)
            except KeyError:  # another session was quicker
                break
        return diagram

    def made(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return `make()`, called once for these weights, whoever looks; `key` holds all it depends on."""
        try:
            return self._made[key]  # type: ignore[return-value]
        except KeyError:
            if len(self._made) >= _MOST_MADE:
                self._made.clear()
            return self._made.setdefault(key, make())  # type: ignore[return-value]


class _Place:
    """What was read last of one run, now or at an epoch, and the lock of whoever reads it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.looked_at = float("-inf")
        self.was_finished = False
        self.seen: Seen | None = None
        self.choices: OrderedDict[bytes, Choice] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes of the weights that it holds."""
        if self.seen is None:
            return 0
        return sum(layer.kernel.nbytes for layer in self.seen.reading.layers)


class InsideWatcher:
    """The networks being looked into; for any number of threads.

    Parameters
    ----------
    source
        Where their weights are.
    most_bytes
        Of weights kept in memory; those looked at least recently are let go. The one being looked at
        is kept whatever it takes.
    fresh_seconds
        How long a reading of a run that goes on holds.
    """

    def __init__(
        self, source: WeightsSource, *, most_bytes: int = 100_000_000, fresh_seconds: float = 0.4
    ) -> None:
        self._source = source
        self._most_bytes = most_bytes
        self._fresh_seconds = fresh_seconds
        self._guard = threading.Lock()
        self._places: OrderedDict[tuple[str, int | None], _Place] = OrderedDict()

    def look(
        self,
        run_id: str,
        config: TrainingConfig,
        pictures: FixedPictures,
        epoch: int | None = None,
        *,
        is_finished: bool = False,
    ) -> Seen | None:
        """Return the network of a run as it is now or was at the end of an epoch; None if none is kept yet.

        Parameters
        ----------
        is_finished
            Whether the run has come to its end: then its last epoch is what it is now.

        Raises
        ------
        ModelError
            If the weights are another network's, no numbers, or not kept of that epoch.
        StoreError
            If they cannot be read.
        """
        place = self._place(run_id, epoch)
        with place.lock:
            if epoch is not None:
                if place.seen is None:
                    place.seen = self._at(run_id, epoch, config, pictures, place.choices)
            elif (
                place.was_finished != is_finished or time.monotonic() - place.looked_at >= self._fresh_seconds
            ):
                place.seen = self._now(run_id, config, pictures, place, is_finished)
                place.looked_at, place.was_finished = time.monotonic(), is_finished
            seen = place.seen
        self._make_room()
        return seen

    def _now(
        self,
        run_id: str,
        config: TrainingConfig,
        pictures: FixedPictures,
        place: _Place,
        is_finished: bool,
    ) -> Seen | None:
        known = place.seen
        # The live weights of a run that has ended are those of a moment before.
        kept = self._source.epochs_kept(run_id) if is_finished else []
        if kept and known is not None and known.epoch == kept[-1]:
            return known
        if kept:
            return self._at(run_id, kept[-1], config, pictures, place.choices)
        stamp = self._source.live_stamp(run_id)
        if stamp is None or (known is not None and known.version == stamp):
            return known
        newer = self._source.live_weights(run_id)
        if newer is None:
            return known
        version, step, weights = newer
        return Seen(version, None, step, read_network(config, weights, pictures), place.choices)

    def _at(
        self,
        run_id: str,
        epoch: int,
        config: TrainingConfig,
        pictures: FixedPictures,
        choices: "OrderedDict[bytes, Choice]",
    ) -> Seen:
        reading = read_network(config, self._source.weights_at(run_id, epoch), pictures)
        return Seen(f"epoch {epoch}", epoch, None, reading, choices)

    def _place(self, run_id: str, epoch: int | None) -> _Place:
        with self._guard:
            place = self._places.setdefault((run_id, epoch), _Place())
            self._places.move_to_end((run_id, epoch))
            return place

    def _make_room(self) -> None:
        with self._guard:
            held = sum(place.size for place in self._places.values())
            while len(self._places) > 1 and (held > self._most_bytes or len(self._places) > 256):
                _, place = self._places.popitem(last=False)
                held -= place.size
