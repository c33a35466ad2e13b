"""Which colour and which dash a run has wherever several are drawn together.

The colours are those of Okabe and Ito, see `core.figures.palette`, but for yellow, of which nothing is seen
on white (1.3:1). What they have black is the colour of the text: on the dark theme black is not seen. Dashes
tell apart what has one colour, which would end after seven runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.figures.palette import AGAINST, FOR, READING, RIGHT, TRAINING, WRONG
from core.store import Run

INK = "currentColor"  # the theme's colour of text, as CSS and SVG call it
COLOURS = (TRAINING, AGAINST, RIGHT, WRONG, READING, FOR, INK)
# In pixels drawn and left out, for a line two pixels wide, as SVG has them; none is solid.
DASHES = ("", "8,4", "2,3", "8,3,2,3", "14,5", "14,4,3,4")


@dataclass(frozen=True)
class RunStyle:
    """The colour of a run, of CSS, and its dash, of SVG: empty where the line is solid."""

    colour: str
    dash: str


STYLES = tuple(RunStyle(colour, dash) for dash in DASHES for colour in COLOURS)


def run_styles(runs: Sequence[Run]) -> dict[str, RunStyle]:
    """Return the style of each run by its id.

    A run has the style of its number wherever it is drawn. Only where a run of a lower number that is
    drawn beside it has that already, one of another browser or one long before, it has the next that is free:
    no two of as many runs as there are `STYLES` look alike.
    """
    found: dict[str, RunStyle] = {}
    taken: set[int] = set()
    for run in sorted({run.id: run for run in runs}.values(), key=lambda run: (run.number, run.id)):
        place = (run.number - 1) % len(STYLES)
        if len(taken) < len(STYLES):
            while place in taken:
                place = (place + 1) % len(STYLES)
        taken.add(place)
        found[run.id] = STYLES[place]
    return found
