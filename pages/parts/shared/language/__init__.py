"""The language of the page: English is written in the code, German and French stand in catalogues.

`_("Train {count} runs", count=3)` is for the pages' own words. What `core` says is finished English when
it gets here: `_(sentence)` finds it in the catalogue, by its template where it has values in it.

`python -m pages.parts.shared.language` brings the catalogues up to date with the sources.
"""

import re

from pages.parts.shared.language.catalogues import ENGLISH, translator
from pages.parts.shared.language.choice import language

__all__ = ["_", "grouped", "language"]

# English groups digits by commas, which Germans and French read as the decimal point. A narrow space that
# does not break is right in both.
_GROUP = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
NARROW_SPACE = "\u202f"


def _(text: str, /, **values: object) -> str:
    """Return `text` in the language of whoever looks, with its `{names}` filled in.

    With `values` it is a template that stands in the catalogue, without them that or any sentence of
    `core`. What the catalogue does not have stays English.
    """
    spoken = language()
    found = translator(spoken)
    words = found.template(text).format(**values) if values else found.sentence(text)
    return words if spoken == ENGLISH else _GROUP.sub(NARROW_SPACE, words)


def grouped(number: float) -> str:
    """Return a number, rounded to a whole one, with its digits in groups of three."""
    words = f"{number:,.0f}"
    return words if language() == ENGLISH else words.replace(",", NARROW_SPACE)
