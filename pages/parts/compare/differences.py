"""What made the difference: the settings in which the compared runs differ, and what came of each."""

from collections.abc import Sequence

import streamlit as st

from core.config.differences import SettingRow, side_by_side
from core.evaluation.luck import Interval, points_of
from core.evaluation.run_figures import FigureRow, figure_rows
from core.evaluation.seed_groups import SeedGroup, seed_groups
from core.figures.html.side_by_side import Cell, Column, Row, side_by_side_table
from core.figures.run_colours import run_styles
from core.numbers import NO_VALUE, duration, percent
from core.sentences import say
from core.store import Run
from pages.parts.compare.luck import show_luck
from pages.parts.compare.names import runs_names
from pages.parts.compare.readable import readable_runs
from pages.parts.compare.repeat import follow_repeated
from pages.parts.shared.language import _, grouped

_TITLES = {
    "test_accuracy": say("Test accuracy"),
    "test_loss": say("Test loss"),
    "best_accuracy": say("Best validation accuracy"),
    "train_seconds": say("Training time"),
    "parameters": say("Weights"),
}


def show_what_differs(runs: Sequence[Run]) -> None:
    """Show both: what differs, and whether that may be luck."""
    found = readable_runs(runs)
    if not found:
        st.info(_("Choose runs in the table below to see what made the difference."), icon=":material/rule:")
        return
    groups = seed_groups(found)
    follow_repeated()
    show_differences(groups)
    show_luck(groups)


def show_differences(groups: Sequence[SeedGroup]) -> None:
    """Show the settings that differ and the figures, a column a group, the best of each row marked."""
    styles = run_styles([run for group in groups for run in group.runs])
    columns = [
        Column(name, styles[group.first.id]) for name, group in zip(runs_names(groups), groups, strict=True)
    ]
    settings = [_setting(row) for row in _rows_of(groups)]
    if len(groups) > 1 and not settings:
        st.caption(_("The settings are the same: these runs went different ways with them."))
    figures = [_figures(row, groups) for row in figure_rows(groups)]
    st.html(
        side_by_side_table(
            columns, settings, figures, caption=_("What differs and what came of it"), best=_("best")
        )
    )
    st.caption(
        _(
            "Underlined: the best. Beside it: how much more or less than the first. "
            "Of several seeds: their mean, ± its 95 % interval."
        )
    )


def _rows_of(groups: Sequence[SeedGroup]) -> list[SettingRow]:
    """Return the settings that differ; the seed is one only where each column has one."""
    elsewhere = {place for place, group in enumerate(groups) if group.first.imported}
    rows = side_by_side([group.first.config for group in groups], elsewhere)
    is_single = all(len(group.runs) == 1 for group in groups)
    return [row for row in rows if is_single or row.setting != "seed"]


def _setting(row: SettingRow) -> Row:
    first = row.values[0]
    cells = [Cell(_(value), is_same=bool(place) and value == first) for place, value in enumerate(row.values)]
    return Row(_(row.title), tuple(cells))


def _figures(row: FigureRow, groups: Sequence[SeedGroup]) -> Row:
    cells = []
    for place, (interval, group) in enumerate(zip(row.intervals, groups, strict=True)):
        if interval is None:
            cells.append(Cell(NO_VALUE))
            continue
        notes = []
        if place and (difference := row.difference(place)) is not None and row.figure != "parameters":
            notes.append(_change(row.figure, difference))
        if interval.count < len(group.runs):
            one_seed = _("of 1 seed")
            notes.append(one_seed if interval.count == 1 else _("of {count} seeds", count=interval.count))
        text = _value(row.figure, interval)
        cells.append(Cell(text, tuple(notes), is_best=place in row.best))
    return Row(_(_TITLES[row.figure]), tuple(cells))


def _value(figure: str, found: Interval) -> str:
    has_half = found.count > 1 and figure != "parameters"
    if figure in ("test_accuracy", "best_accuracy"):
        return percent(found.mean) + (f" ± {points_of(found.half)}" if has_half else "")
    if figure == "test_loss":
        return f"{found.mean:.4f}" + (f" ± {found.half:.4f}" if has_half else "")
    if figure == "train_seconds":
        return duration(found.mean)
    return grouped(found.mean)


def _change(figure: str, difference: float) -> str:
    """Return how much more or less than the first it is, with its sign."""
    if figure in ("test_accuracy", "best_accuracy"):
        return _("{change} points", change=_signed(points_of(difference)))
    if figure == "test_loss":
        return _signed(f"{difference:.4f}".replace("-", "\N{MINUS SIGN}"))
    sign = "+" if difference >= 0 else "\N{MINUS SIGN}"
    return f"{sign}{duration(abs(difference))}"


def _signed(number: str) -> str:
    return number if number.startswith("\N{MINUS SIGN}") else f"+{number}"
