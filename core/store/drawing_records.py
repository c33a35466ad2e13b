"""What the store hands out and takes of drawings."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class NewDrawing:
    """A drawing to be kept.

    Attributes
    ----------
    image
        uint8 (28, 28) as networks see it: 0 paper, 255 ink.
    label
        The digit that it is meant to be.
    strokes
        How it was drawn, as JSON; None where that is not known.
    is_held_back
        Whether it is kept from training; None lets the store decide.
    """

    image: NDArray[np.uint8]
    label: int
    strokes: str | None = None
    is_held_back: bool | None = None


@dataclass(frozen=True, eq=False)
class KeptDrawing:
    """A drawing of a workspace: as `NewDrawing`, with its id and when it was first kept.

    `strokes` is None too where they were not asked for.
    """

    id: str
    workspace: str
    label: int
    image: NDArray[np.uint8]
    strokes: str | None
    is_held_back: bool
    created_at: datetime


@dataclass(frozen=True, eq=False)
class DrawingSet:
    """Drawings as arrays, read-only, a row each.

    Attributes
    ----------
    ids
        Of the drawings.
    images
        uint8 (n, 28, 28), 0 paper, 255 ink.
    labels
        uint8 (n,).
    held_back
        bool (n,): kept from training, to be measured with.
    """

    ids: tuple[str, ...]
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    held_back: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of drawings."""
        return len(self.ids)
