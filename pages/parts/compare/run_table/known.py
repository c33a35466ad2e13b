"""What a session knows of its table of runs, from one run of the page to the next."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import streamlit as st

from pages.parts.shared import state


@dataclass(frozen=True)
class AllRuns:
    """All runs as the browser has them.

    Attributes
    ----------
    asked_for
        By which browser, in which language.
    block
        As `blocks.pack` makes it.
    read_at
        By the database's clock.
    alive
        The ids of the runs that waited or trained then.
    unreadable
        How many runs are missing because they are damaged.
    """

    asked_for: tuple[str, ...]
    block: bytes
    read_at: float
    alive: frozenset[str]
    unreadable: int

    @cached_property
    def name(self) -> str:
        """By which the browser knows whether it has them."""
        return hashlib.sha256(self.block).hexdigest()[:16]


@dataclass(frozen=True)
class Deleted:
    """Runs that were deleted together.

    Attributes
    ----------
    run_ids
        At least one.
    moment
        When, on the monotonic clock.
    chosen
        The ids of the runs that were chosen before, those among them.
    """

    run_ids: list[str]
    moment: float
    chosen: tuple[str, ...] = ()


@dataclass
class Known:
    """What a session knows of its table.

    Attributes
    ----------
    everything
        None before the table is first shown.
    touched
        The ids of the runs that may look otherwise since then.
    chosen_at, handled
        When the choice was made by the browser's clock, and the number of what it asked for last.
    deleted
        What can be had back.
    experiments
        The names of experiments by their ids; None where a run says it is of one that is not listed.
    problem
        Why something could not be done, until it has been told.
    opened
        The page on which a run is to be opened, and its parameters.
    """

    everything: AllRuns | None = None
    touched: set[str] = field(default_factory=set)
    chosen_at: int = 0
    handled: int = 0
    deleted: list[Deleted] = field(default_factory=list)
    experiments: dict[str, str | None] = field(default_factory=dict)
    problem: str | None = None
    opened: tuple[str, dict[str, str]] | None = None


def known() -> Known:
    """Return what this session knows."""
    found: Known = st.session_state.setdefault(state.TABLE_KNOWN, Known())
    return found
