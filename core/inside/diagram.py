"""The diagram of a network for one picture: the units that matter most, their outputs, their lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.config import CLASS_COUNT
from core.inside.reading import Reading, outputs_for
from core.prediction.forward import Numbers, scaled

# Units of a layer that fit on a screen and can be told apart.
MOST_UNITS = 24
# Lines between two layers, half of them for each sign as far as there are any.
MOST_EDGES = 32
# A unit that is not shown takes the place of one that is when it is so many times as strong. Else every
# update would change a few, and nobody could follow any.
_CLEARLY_STRONGER = 2.0
_MOST_EXCHANGED = 2

# For each hidden layer the units on show, in the order of their places.
Choice = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class Column:
    """One layer as it is drawn.

    Attributes
    ----------
    units
        Which are shown, (n,), in the order of their places.
    in_all
        How many the layer has.
    values
        What they put out, (n,).
    dead, saturated
        Whether they are, (n,).
    edges_from, edges_to, edges
        Lines from the column before: the places of both ends and the weight, strongest last. For the first
        column they come from the picture, (n,): what all its pixels together add to each unit.
    """

    units: NDArray[np.intp]
    in_all: int
    values: Numbers
    dead: NDArray[np.bool_]
    saturated: NDArray[np.bool_]
    edges_from: NDArray[np.intp]
    edges_to: NDArray[np.intp]
    edges: Numbers


@dataclass(frozen=True, eq=False)
class Diagram:
    """A network and what it makes of a picture, uint8 (28, 28): its columns, the last with ten probabilities.

    `outputs` has what every unit of each layer puts out, (1, units).
    """

    image: NDArray[np.uint8]
    choice: Choice
    columns: tuple[Column, ...]
    outputs: tuple[Numbers, ...]

    @property
    def probabilities(self) -> Numbers:
        """The ten probabilities."""
        return np.asarray(self.outputs[-1][0])


def strengths(reading: Reading, outputs: Sequence[Numbers]) -> list[Numbers]:
    """Return for each hidden layer how much its units, (units,), matter for one picture.

    That is the size of what a unit hands on times the length of its vector of weights that lead on.
    """
    return [
        np.abs(after.inputs(values)[0]) * reach
        for values, after, reach in zip(outputs, reading.layers[1:], reading.reach, strict=False)
    ]


def choose(strength: Numbers, before: Sequence[int] = (), *, most: int = MOST_UNITS) -> tuple[int, ...]:
    """Return the units of a layer to show: all where they are few, else those that matter most.

    Parameters
    ----------
    strength
        How much each unit, (units,), matters now.
    before
        Those shown up to now. They keep their places, but for at most two at a time of which others have
        become at least twice as strong.
    """
    if len(strength) <= most:
        return tuple(range(len(strength)))
    strongest = np.argsort(-strength, kind="stable")
    if len(before) != most or max(before) >= len(strength):
        return tuple(sorted(strongest[:most].tolist()))
    shown = list(before)
    waiting = [unit for unit in strongest[: most + _MOST_EXCHANGED].tolist() if unit not in shown]
    for unit in waiting[:_MOST_EXCHANGED]:
        place = min(range(most), key=lambda at: strength[shown[at]])
        if strength[unit] > _CLEARLY_STRONGER * strength[shown[place]]:
            shown[place] = unit
    return tuple(shown)


def draw(reading: Reading, image: NDArray[np.uint8], before: Choice = ()) -> Diagram:
    """Return the diagram of a network for a picture, uint8 (28, 28).

    Parameters
    ----------
    before
        The choice of the diagram that is on show for the same picture, so that its units keep their places.

    Raises
    ------
    ModelError
        If the picture has another type or shape.
    """
    outputs = outputs_for(reading, image)
    found = strengths(reading, outputs)
    kept = before if len(before) == len(found) else ((),) * len(found)
    choice = tuple(choose(strength, old) for strength, old in zip(found, kept, strict=True))
    shown = [np.array(units, dtype=np.intp) for units in choice] + [np.arange(CLASS_COUNT)]
    columns = []
    for number, (layer, units) in enumerate(zip(reading.layers, shown, strict=True)):
        if number == 0:
            weights = scaled(image[np.newaxis])[0] @ layer.kernel[:, units]
            ends = np.zeros(len(units), np.intp), np.arange(len(units))
        else:
            between = layer.kernel[np.ix_(shown[number - 1], units)]
            ends = strongest_edges(between)
            weights = between[ends]
        columns.append(
            Column(
                units,
                layer.units,
                outputs[number][0, units],
                _marked(reading.dead, number, units),
                _marked(reading.saturated, number, units),
                *ends,
                weights,
            )
        )
    return Diagram(image, choice, tuple(columns), outputs)


def strongest_edges(between: Numbers, *, most: int = MOST_EDGES) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return both ends of the strongest of the weights (from, to), strongest last; none that are 0.

    Half of them are of each sign, unless one sign has fewer.
    """
    flat = between.ravel()
    order = np.argsort(np.abs(flat), kind="stable")[::-1]
    signs = np.sign(flat[order])
    positive, negative = order[signs > 0], order[signs < 0]
    half = most // 2
    up = min(len(positive), max(half, most - len(negative)))
    down = min(len(negative), most - up)
    chosen = np.concatenate([positive[:up], negative[:down]])
    chosen = chosen[np.argsort(np.abs(flat[chosen]), kind="stable")]
    rows, columns = np.unravel_index(chosen, between.shape)
    return np.asarray(rows, np.intp), np.asarray(columns, np.intp)


def _marked(
    marks: tuple[NDArray[np.bool_] | None, ...], number: int, units: NDArray[np.intp]
) -> NDArray[np.bool_]:
    if number < len(marks) and (of_layer := marks[number]) is not None:
        return np.asarray(of_layer[units])
    return np.zeros(len(units), np.bool_)
