"""The curves of the compared runs in one chart: live, by epoch, step or second, seeds as bands if wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.evaluation.seed_groups import SeedGroup, seed_groups
from core.figures.charts.overlay import OverlayLine, points_for, run_line, seeds_line
from core.figures.run_colours import RunStyle, run_styles
from core.store import Run, RunStatus
from core.store.watching import Watched
from pages.parts.compare.names import group_names
from pages.parts.compare.overlay_look import ask_look
from pages.parts.compare.readable import readable_runs
from pages.parts.compare.repeat import follow_repeated
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.language import _
from pages.parts.shared.overlay_chart import move_lines, overlay_chart

_REFRESH_SECONDS = 0.5


@dataclass(frozen=True)
class _Drawn:
    """What one line shows: a run or several seeds of a setting, its name and look, and how it is made."""

    runs: tuple[Run, ...]
    name: str
    style: RunStyle
    smoothing: float
    points: int

    @property
    def statuses(self) -> tuple[RunStatus, ...]:
        return tuple(run.status for run in self.runs)

    @property
    def is_alive(self) -> bool:
        return any(status.is_alive for status in self.statuses)


def show_overlay(runs: Sequence[Run]) -> None:
    """Show loss and accuracy of these runs."""
    found = readable_runs(runs)
    seeds = seed_groups(found)
    asked = ask_look(has_seeds=any(len(group.runs) > 1 for group in seeds))
    if not found:
        st.info(_("Choose runs in the table below to see their curves here."), icon=":material/show_chart:")
        return
    groups = seeds if asked.has_bands else [SeedGroup((run,)) for run in found]
    styles = run_styles(found)
    drawn = [
        _Drawn(group.runs, name, styles[group.first.id], asked.smoothing, points_for(len(groups)))
        for group, name in zip(groups, group_names(groups), strict=True)
    ]
    follow_repeated()
    alive = [one for one in drawn if one.is_alive]
    overlay_chart(
        [_line(one) for one in drawn], asked.look, key=state.OVERLAY, moving=[one.runs[0].id for one in alive]
    )
    guarded_fragment(_move, run_every=_REFRESH_SECONDS if alive else None)(alive)


def _move(alive: Sequence[_Drawn]) -> None:
    """Bring what still trains up to date; the whole page comes again where a run stands otherwise."""
    for one in alive:
        if one.statuses != tuple(handles.watcher().look(run.id).run.status for run in one.runs):
            st.rerun()
    move_lines([_line(one) for one in alive], key=state.OVERLAY)


def _line(drawn: _Drawn) -> OverlayLine:
    """Return a line, made once for each version of its curves, whoever looks."""
    watched = [handles.watcher().look(run.id) for run in drawn.runs]
    version = tuple((one.run.curve_version, one.run.status, one.run.images_per_second) for one in watched)
    ids = tuple(run.id for run in drawn.runs)
    depends_on = "overlay", ids, version, drawn.name, drawn.style, drawn.smoothing, drawn.points
    return watched[0].made(depends_on, lambda: _made(watched, drawn))


def _made(watched: Sequence[Watched], drawn: _Drawn) -> OverlayLine:
    name, style, weight, points = drawn.name, drawn.style, drawn.smoothing, drawn.points
    if len(watched) == 1:
        one = watched[0]
        return run_line(one.run, one.curve, name, style, smoothing=weight, max_points=points)
    members = [(one.run, one.curve) for one in watched]
    return seeds_line(members, name, style, smoothing=weight, max_points=points)
