"""The table of runs: chosen, searched, sorted, named and cleared away in the browser.

The browser gets all runs once, and from then on what has changed. Modules of the browser: run_table.js speaks
with Streamlit; table.js puts together tools.js (search, filters, what is done with many), lines.js (a run's
line or card) and menu.js; rows.js unpacks, filters, sorts and groups; cells.js writes figures.
"""

import json
import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from core.config.differences import COLUMNS, usual_in_words
from core.config.words import TITLES
from core.figures.run_colours import run_styles
from core.sentences import say
from core.store import Run
from core.store.listing import MOST_LISTED, Listing
from pages.parts.compare.choice import MOST_COMPARED
from pages.parts.compare.plain_table import show_plain_table
from pages.parts.compare.run_table.asked import follow_opened, show_undo, take_asked, take_choice
from pages.parts.compare.run_table.blocks import pack
from pages.parts.compare.run_table.known import AllRuns, known
from pages.parts.compare.run_table.words import table_words
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment, show_warning
from pages.parts.shared.language import _, language
from pages.parts.shared.live_chart import static_folder
from pages.parts.shared.live_chart.static_files import PROGRAM_LOADER, ensure_modules, ensure_words
from pages.parts.shared.workspace import visible_workspaces, workspace

__all__ = ["show_run_table", "show_undo"]

_HERE = Path(__file__).parent
# It speaks as the network diagram does.
_WORDS = _HERE.parents[1] / "shared" / "network_diagram" / "words.js"
MODULES = (_HERE / "run_table.js", *sorted(set(_HERE.glob("*.js")) - {_HERE / "run_table.js"}), _WORDS)
_component = st.components.v2.component("digit_lab_run_table", js=PROGRAM_LOADER)

# How often the table looks for news while a run waits or trains.
_NEWS_SECONDS = 1.5
# And else: another tab of this browser may begin or change some.
_QUIET_SECONDS = 10.0
# With more news than these all runs are sent again.
_MOST_NEWS = 300
# Streamlit loads what draws components after the words, and what stands below the table must not jump.
_PLACE = """<style>.st-key-table_place { min-height: 16rem }
.st-key-table_news { position: absolute; width: 0; height: 0; overflow: hidden }</style>"""
_KINDS = {
    "seeds": say("Seeds"),
    "duel": say("Duel"),
    "grid": say("Grid"),
    "study": say("Search"),
    # As the Tune page calls them.
    "learning-rate": say("Find a learning rate"),
    "batch-size": say("How large a batch?"),
    "width-depth": say("Wide or deep?"),
    "data-amount": say("How much data is enough?"),
}


def show_run_table(chosen: Sequence[Run]) -> None:
    """Show the runs of this browser and those that are chosen, whosever they are; several can be chosen."""
    follow_opened()
    problem, known().problem = known().problem, None
    # Always here: what comes and goes would move all that stands below, which is then made anew.
    with st.container(key="table_told"):
        for told in (problem, st.session_state.pop(state.TRAIN_PROBLEM, None)):
            if told is not None:
                show_warning(told)
        show_undo()
    files = _prepared(static_folder(), language())
    if files is None:
        show_plain_table(chosen)
        return
    everything = _everything(chosen)
    with st.container(key="table_place"):
        st.html(_PLACE)
        _part(
            state.RUN_TABLE,
            files,
            {"part": "all", "name": everything.name, "at": everything.read_at},
            everything.block,
            on_chosen_change=take_choice,
            on_asked_change=take_asked,
        )
    if everything.unreadable == 1:
        st.caption(
            _(
                "1 run cannot be read and is not listed: the database is damaged there. "
                "No other run is affected."
            )
        )
    elif everything.unreadable:
        st.caption(
            _(
                "{count} runs cannot be read and are not listed: the database is damaged there. "
                "No other run is affected.",
                count=everything.unreadable,
            )
        )
    # What was read for this, the part that moves shows at first.
    first = [_news(everything, chosen)]
    clock = _NEWS_SECONDS if _alive(first[0]) else _QUIET_SECONDS
    with st.container(key="table_news"):
        guarded_fragment(_bring, run_every=clock)(files, everything, chosen, first, _alive(first[0]))


def _bring(
    files: tuple[str, str],
    everything: AllRuns,
    chosen: Sequence[Run],
    first: list[Listing],
    alive: frozenset[str],
) -> None:
    """Tell the browser what has changed; where a run has ended or the first begins, the page comes anew."""
    is_first = bool(first)
    listing = first.pop() if first else _news(everything, chosen)
    now_alive = _alive(listing)
    # With the first that is begun elsewhere, too: from now on there are news more often.
    if alive - now_alive or (now_alive and not alive):
        st.rerun()
    found = {run.id for run in listing.runs}
    needed = {
        "part": "news",
        "at": listing.read_at,
        "chosen": list(st.session_state.get(state.CHOSEN_RUNS, ())),
        "chosen_at": known().chosen_at,
        "handled": known().handled,
        "most": MOST_COMPARED,
        "styles": {run: (style.colour, style.dash) for run, style in run_styles(chosen).items()},
        "titles": [_(TITLES[name]) for name in COLUMNS],
        "usual": [_(word) for word in usual_in_words()],
        "experiments": _experiments(listing, is_anew=is_first),
    }
    _part(state.RUN_TABLE_NEWS, files, needed, pack(listing.runs, workspace(), _, known().touched - found))


def _experiments(listing: Listing, *, is_anew: bool) -> list[tuple[str, str]]:
    """Return ids and names of experiments, read anew with the page and where a run is of one not met yet."""
    met = {run.experiment for run in listing.runs if run.experiment is not None}
    if is_anew or not met <= known().experiments.keys():
        listed = handles.store().listed_experiments(visible_workspaces())
        names = {one.id: _(one.name or _KINDS.get(one.kind, one.kind)) for one in listed}
        known().experiments = dict.fromkeys(met) | names
    return [(one, name) for one, name in known().experiments.items() if name is not None]


def _part(
    key: str, files: tuple[str, str], needed: dict[str, object], block: bytes, **callbacks: Any
) -> None:
    module, words = files
    failure = _("The table of runs did not load. Reload the page.") if needed["part"] == "all" else ""
    line = json.dumps({"module": module, "words": words, "failure": failure, **needed})
    _component(key=key, data=f"{line}\n".encode() + block, height="content", **callbacks)


def _everything(chosen: Sequence[Run]) -> AllRuns:
    """Return all runs: as this session read them last, unless the page is opened or much has changed."""
    before, touched = known().everything, known().touched
    asked_for = (*visible_workspaces(), language())
    is_open = state.RUN_TABLE in st.session_state
    if before is not None and is_open and before.asked_for == asked_for and len(touched) <= _MOST_NEWS:
        return before
    listing = handles.store().listing(visible_workspaces(), [run.id for run in chosen])
    own = sum(run.workspace in visible_workspaces() for run in listing.runs)
    unreadable = listing.count - own if own < MOST_LISTED else 0
    block = pack(listing.runs, workspace(), _)
    everything = AllRuns(asked_for, block, listing.read_at, _alive(listing), unreadable)
    known().everything, known().touched = everything, set(everything.alive)
    return everything


def _news(everything: AllRuns, chosen: Sequence[Run]) -> Listing:
    """Return the runs that may look otherwise than the browser has them."""
    also = known().touched | {run.id for run in chosen}
    listing = handles.store().news(visible_workspaces(), everything.read_at, also)
    known().touched.update(_alive(listing))  # how they end is news even after they have
    return listing


def _alive(listing: Listing) -> frozenset[str]:
    return frozenset(run.id for run in listing.runs if run.status.is_alive)


@lru_cache(maxsize=16)
def _prepared(folder: Path, _language: str) -> tuple[str, str] | None:
    """Return the first module and the file with the words; None where they cannot be written."""
    try:
        place = ensure_modules(folder, "run_table", {path.name: path.read_bytes() for path in MODULES})
        return f"{place}/{MODULES[0].name}", ensure_words(folder, "run_table", table_words())
    except OSError as error:
        logging.getLogger(__name__).warning("The table's modules cannot be put into %s: %s", folder, error)
        return None
