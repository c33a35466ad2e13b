"""Words from outside as words, and the words of our own that several pages need.

Whatever `core` hands to a page is plain text: its sentences quote addresses, file
names and rows of the database. Markdown is written by pages only, so text from
elsewhere passes `escape` before it is shown by anything that reads Markdown.
"""

import re

# Any ASCII punctuation may be escaped (CommonMark 0.31, section 2.4).
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit looks for these in the text that is left after Markdown's own escapes have been
# taken away: emoji and icons (`:name:`), addresses and e-mail (GFM's autolinks). An invisible
# word joiner keeps them apart.
_SEEN_LATER = re.compile(r"(:(?=[\w+/-])|@(?=[\w-])|\bwww(?=\.))", re.IGNORECASE)
_WORD_JOINER = "\u2060"
# Control characters, and those that turn the direction of the words around them.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def escape(text: str) -> str:
    """Return `text` so that Markdown, and Streamlit's additions to it, show it as it is, on one line."""
    one_line = " ".join(_UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text).split())
    return _PUNCTUATION.sub(r"\\\1", _SEEN_LATER.sub(rf"\1{_WORD_JOINER}", one_line))


def with_article(name: str) -> str:
    """Return a class name as it stands in a sentence: “a 4”, “an 8”, “Shirt” in quotes."""
    if name.isdecimal():
        return f"an {name}" if name.startswith("8") else f"a {name}"
    return f"“{name}”"
