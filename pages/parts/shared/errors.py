"""An error anywhere on a page is a sentence, in one place and in one way.

What a fragment raises Streamlit catches itself and shows as a nameless box, so a
page's parts that run alone are `guarded_fragment`s. What only happens for a moment
passes by itself: a fragment with a clock comes again, and so does a page.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import DigitLabError, RunNotFound, StoreError
from core.sentences import say
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

_P = ParamSpec("_P")
RETRY_SECONDS = 5.0
_LOG = logging.getLogger(__name__)
UNEXPECTED = say(
    "Something went wrong here that should not. Your runs are safe. Load the page again; if it happens "
    "again, the log of the app says what it was."
)


def show_error(error: DigitLabError | str, place: DeltaGenerator | None = None) -> None:
    """Show what went wrong, in `place` or here; what the sentence quotes stays text."""
    (st if place is None else place).error(escape(_(str(error))), icon=":material/error:")


def show_warning(
    sentence: DigitLabError | str, place: DeltaGenerator | None = None, *, icon: str = ":material/warning:"
) -> None:
    """Show what is not as it was asked, in `place` or here; what the sentence quotes stays text."""
    (st if place is None else place).warning(escape(_(str(sentence))), icon=icon)


def in_words(error: Exception) -> str:
    """Return the sentence for an error, from an `except` block; one that nobody foresaw is logged."""
    if isinstance(error, DigitLabError):
        return str(error)
    _LOG.error("A page met an error that nobody foresaw", exc_info=error)
    return UNEXPECTED


@contextmanager
def errors_as_sentences(*, comes_again: bool = False) -> Iterator[None]:
    """Show what the block raises as a sentence; what was not foreseen goes to the log as well.

    Trouble with the database may be over in a moment: unless the block `comes_again` by
    itself, the page is then run anew every few seconds until it is. Streamlit ends and
    repeats scripts by exceptions of its own, which pass.
    """
    try:
        yield
    except Exception as error:
        show_error(in_words(error))
        if isinstance(error, StoreError) and not isinstance(error, RunNotFound) and not comes_again:
            _try_again_later()


def guarded_fragment(
    function: Callable[_P, None] | None = None, *, run_every: float | None = None
) -> Callable[..., Any]:
    """Make a function a fragment of the page that shows its errors as sentences.

    With `run_every` seconds the fragment runs again and again, after an error as well: what
    it shows is right again as soon as the trouble is over. Used as `st.fragment` is, which
    no other file may use.
    """
    if function is None:
        return lambda wrapped: guarded_fragment(wrapped, run_every=run_every)

    @wraps(function)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> None:
        with errors_as_sentences(comes_again=run_every is not None):
            function(*args, **kwargs)

    return st.fragment(guarded, run_every=run_every)


def _try_again_later() -> None:
    """Run the whole page again after a while, and so on until it no longer calls this."""
    is_drawn = False

    @st.fragment(run_every=RETRY_SECONDS)
    def clock() -> None:
        nonlocal is_drawn
        if is_drawn:
            st.rerun()
        is_drawn = True
        st.caption(_("This page tries again by itself every few seconds."))

    clock()
