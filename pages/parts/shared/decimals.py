"""Decimal numbers that people type: with a point or a comma, and a sentence for what is no number.

The browser's own number field drops what it does not know: “0,01” would be 1 there.
"""

import re
from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.numbers import text_of
from core.sentences import say
from pages.parts.shared import state

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
# A thousand with its comma, or one and no thousandths: nobody can tell.
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
_SHOWN_AT_MOST = 40
# In pixels, of the fields in a popover: a sentence about a wrong number would make it as wide as itself.
POPOVER_WIDTH = 288


def read_decimal(text: str, example: float) -> tuple[float | None, str | None]:
    """Return the number that `text` says and None, or None and a sentence that ends with an `example`."""
    word = text.strip()
    quoted = word if len(word) <= _SHOWN_AT_MOST else f"{word[: _SHOWN_AT_MOST - 1]}…"
    if not word:
        return None, say(
            "A number is missing here. Write one, for example {number}.", number=text_of(example)
        )
    if _AMBIGUOUS.fullmatch(word):
        whole = word.replace(",", "")
        return None, say(
            "“{quoted}” can be read in two ways. Write {whole}, or a point for the comma.",
            quoted=quoted,
            whole=whole,
        )
    plain = word.replace(",", ".", 1)
    if not _NUMBER.fullmatch(plain):
        return None, say(
            "“{quoted}” is no number. Write one, for example {number}.",
            quoted=quoted,
            number=text_of(example),
        )
    return float(plain), None


def in_field(label: str, problem: str) -> str:
    """Return a sentence with the label of the field that it is about."""
    return say("{label}: {problem}", label=label, problem=problem)


def decimal_field(
    label: str,
    key: str,
    *,
    example: float,
    check: Callable[[float], str | None],
    help: str,
    collapsed: bool = False,
    place: DeltaGenerator | None = None,
) -> tuple[float | None, str | None]:
    """Show a field for a decimal number; `st.session_state[key]` holds its text.

    Parameters
    ----------
    example
        A number that may stand there, for the sentence about one that may not.
    check
        Says why a number may not stand there, or None.

    Returns
    -------
    number, problem
        One of the two is None.
    """
    text = (place or st).text_input(
        label,
        value=state.held(key),
        key=key,
        help=help,
        label_visibility="collapsed" if collapsed else "visible",
    )
    number, problem = read_decimal(str(text or ""), example)
    if number is None:
        return None, in_field(label, str(problem))
    problem = check(number)
    return (None, problem) if problem else (number, None)
