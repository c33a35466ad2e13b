"""The language of the page: English is written in the code, German and French stand in catalogues.

`_("Train {count} runs", count=3)` is for the pages' own words. What `core` says is finished English when
it gets here: `_(sentence)` finds it in the catalogue, by its template where it has values in it.

`python -m pages.parts.shared.language` brings the catalogues up to date with the sources.
"""

from pages.parts.shared.language.catalogues import translator
from pages.parts.shared.language.choice import language

__all__ = ["_", "language"]


def _(text: str, /, **values: object) -> str:
    """Return `text` in the language of whoever looks, with its `{names}` filled in.

    With `values` it is a template that stands in the catalogue, without them that or any sentence of
    `core`. What the catalogue does not have stays English.
    """
    found = translator(language())
    return found.template(text).format(**values) if values else found.sentence(text)
