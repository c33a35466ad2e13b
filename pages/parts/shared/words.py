"""Words from outside as words, and the words of our own that several pages need.

Whatever `core` hands to a page is plain text: its sentences quote addresses, file
names and rows of the database. Markdown is written by pages only, so text from
elsewhere passes `escape` before it is shown by anything that reads Markdown.
"""

import re

from pages.parts.shared.language import _

# What means something anywhere in a line: CommonMark 0.31, GFM's tables and strikethrough, formulas.
# An underscore between letters means nothing, and names of settings have them.
_ANYWHERE = re.compile(r"([\\`*\[\]<$~|]|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_]))")
# What begins a heading, a list, a quotation, a line across the page.
_AT_THE_START = re.compile(r"^([-+>=]|#(?=[#\s]|$)|\d{1,9}(?=[.)](?:\s|$)))")
# These Streamlit looks for in the text that is left once Markdown's own escapes are gone: emoji, icons
# and colours (`:name:`), addresses and e-mail (GFM's autolinks). An invisible word joiner breaks them up.
_SEEN_LATER = re.compile(r"(:(?=[\w+/-])|@(?=[\w-])|www(?=\.))", re.IGNORECASE)
WORD_JOINER = "\u2060"
# Control characters, and those that turn the direction of the words around them.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# All spaces but those at which no line may break, such as the one before a French colon.
_BREAKABLE = re.compile("[^\\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")


def escape(text: str) -> str:
    """Return `text` so that Markdown, and Streamlit's additions to it, show it as it is, on one line."""
    shown = _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    one_line = _BREAKABLE.sub(" ", shown).strip()
    escaped = _SEEN_LATER.sub(rf"\1{WORD_JOINER}", _ANYWHERE.sub(r"\\\1", one_line))
    return _AT_THE_START.sub(_escape_start, escaped)


def _escape_start(match: re.Match[str]) -> str:
    # A number is no list once its point is escaped; digits themselves cannot be.
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def with_article(name: str) -> str:
    """Return a class name as it stands in a sentence: “a 4”, “an 8”, “Shirt” in quotes; translated."""
    if name.isdecimal():
        return _("an {digit}", digit=name) if name.startswith("8") else _("a {digit}", digit=name)
    return _("“{name}”", name=_(name))
