"""Runs beside each other in a table: a column each, a row for every setting that differs and every figure.

In HTML, because a column carries the look of its run's line, and a wide table scrolls in a place of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate

from core.figures.run_colours import RunStyle

_STYLE = """<style>
.side-by-side { overflow-x: auto; max-width: 100%; }
.side-by-side table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0; }
.side-by-side caption { position: absolute; clip-path: inset(50%); }
.side-by-side :is(th, td) { padding: 0.3rem 0.7rem; text-align: left; vertical-align: top; border: 0;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent);
  white-space: nowrap; font-weight: 400; }
.side-by-side thead th { min-width: 7rem; max-width: 16rem; white-space: normal; overflow-wrap: anywhere;
  vertical-align: bottom; font-weight: 600; }
.side-by-side thead i { display: block; width: 44px; height: 3px; margin-bottom: 0.3rem; }
.side-by-side :is(thead td, tbody th) { position: sticky; left: 0; background: light-dark(#FFFFFF, #14191F); }
.side-by-side tbody th { max-width: 11rem; white-space: normal; }
.side-by-side td.same { opacity: 0.7; }
.side-by-side td b { text-decoration: underline; }
.side-by-side small { margin-left: 0.4em; opacity: 0.75; font-size: 0.8em; }
@media (width < 700px) {
  .side-by-side thead th { max-width: 9rem }
  .side-by-side :is(th, td) { padding-inline: 0.4rem }
  .side-by-side tbody th { max-width: 7rem }
}
.side-by-side tr.first-figure > * { border-top: 2px solid color-mix(in srgb, currentColor 35%, transparent); }
</style>"""


@dataclass(frozen=True)
class Column:
    """One run, or several seeds of one setting: its name and its line's look."""

    name: str
    style: RunStyle


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and in small letters beside it.

    Attributes
    ----------
    is_best
        Whether no other cell of its row is better; told in words beside it, for ears.
    is_same
        Whether it says what the first cell says.
    """

    text: str
    notes: tuple[str, ...] = ()
    is_best: bool = False
    is_same: bool = False


@dataclass(frozen=True)
class Row:
    """One setting or figure: its title and a cell for each column."""

    title: str
    cells: tuple[Cell, ...]


def side_by_side_table(
    columns: Sequence[Column], settings: Sequence[Row], figures: Sequence[Row], *, caption: str, best: str
) -> str:
    """Return the table as HTML; whatever the words hold stays text.

    Parameters
    ----------
    settings, figures
        The rows; a line parts them.
    caption, best
        What the table is and what is said of the best cell, for those who do not see it.
    """
    head = "".join(f'<th scope="col">{_swatch(one.style)}{escape(one.name)}</th>' for one in columns)
    body = "".join(_row(row, best) for row in settings)
    body += "".join(_row(row, best, is_first=not place) for place, row in enumerate(figures))
    return (
        f'{_STYLE}<div class="side-by-side" tabindex="0" role="group" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody>"
        "</table></div>"
    )


def _row(row: Row, best: str, *, is_first: bool = False) -> str:
    cells = "".join(_cell(cell, best) for cell in row.cells)
    mark = ' class="first-figure"' if is_first else ""
    return f'<tr{mark}><th scope="row">{escape(row.title)}</th>{cells}</tr>'


def _cell(cell: Cell, best: str) -> str:
    text = escape(cell.text)
    if cell.is_best:
        text = f'<b title="{escape(best)}">{text}</b>'
    notes = "".join(f"<small>{escape(note)}</small>" for note in cell.notes)
    mark = ' class="same"' if cell.is_same else ""
    return f"<td{mark}>{text}{notes}</td>"


def _swatch(style: RunStyle) -> str:
    """Return a piece of the run's line; as a background, as Streamlit shows no SVG."""
    colour, lengths = escape(style.colour), [int(length) for length in style.dash.split(",") if length]
    if not lengths:
        return f'<i style="background:{colour}"></i>'
    ends = list(accumulate(lengths))
    parts = [
        f"{'transparent' if place % 2 else colour} {end - length}px {end}px"
        for place, (length, end) in enumerate(zip(lengths, ends, strict=True))
    ]
    return f'<i style="background:repeating-linear-gradient(90deg,{", ".join(parts)})"></i>'
