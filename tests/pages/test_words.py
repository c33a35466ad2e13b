"""Text from outside stays text, whatever it holds; a browser test shows the same in Streamlit itself."""

import random
import re

import pytest
from markdown_it import MarkdownIt

from pages.parts.shared.words import WORD_JOINER, escape
from tests.pages.samples import HOSTILE

# CommonMark with tables, strikethrough and, as in GFM, addresses that become links by themselves.
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What Streamlit's own additions look for in text: emoji and icons, directives, GFM's autolinks, e-mail.
LOOKED_FOR = re.compile(
    r":[\w+-]+:|:material/|:[a-z][\w-]*\[|https?://|www\.|[\w.+-]+@[\w-]+\.\w|(?<!\\)\$", re.IGNORECASE
)
PIECES = (
    *"*_~`$|<>[](){}!#-+=:\\&@/.1 a\n\t",
    "**", "~~", "http://", "www.", "a@b.de", ":red[", ":smile:", "&lt;", "<b>", "[^1]", "\n\n", "    ", "1. ",
    ":material/home:", ":streamlit:", "![x](y)", "[x](y)", "[x]: y", "$$", "```", "---", "|-|",
    "\u202e", "\x00",
)  # fmt: skip


def shown(markdown: str) -> str:
    """Return the text that a reader sees; fail where Markdown made anything of it."""
    opened, *inside, closed = MARKDOWN.parse(markdown)
    assert (opened.type, closed.type) == ("paragraph_open", "paragraph_close"), markdown
    (inline,) = inside
    kinds = {child.type for child in inline.children or ()}
    assert kinds <= {"text", "text_special"}, (markdown, kinds)
    return "".join(child.content for child in inline.children or ())


def check(text: str) -> None:
    escaped = escape(text)
    plain = " ".join(
        re.sub("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "\ufffd", text).split()
    )
    if not plain:
        assert escaped == ""
        return
    seen = shown(escaped)
    assert seen.replace(WORD_JOINER, "") == plain
    assert not LOOKED_FOR.search(escaped), escaped


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_shown_as_they_are(text: str) -> None:
    check(text)


def test_spaces_at_which_no_line_may_break_stay() -> None:
    assert escape("Terminé\u00a0: 10\u202f000 \n essais\u00a0") == "Terminé\u00a0: 10\u202f000 essais"


def test_whatever_is_put_together_stays_text() -> None:
    chance = random.Random(11)
    for _ in range(5_000):
        check("".join(chance.choices(PIECES, k=chance.randint(1, 9))))


def test_sentences_of_ours_stay_as_they_are() -> None:
    for sentence in (
        "The training diverged in epoch 1: the loss is nan. Try a learning_rate of 0.01.",
        "“line.png” cannot be read (12.5 % of it). Choose another one, e.g. a PNG; it's quick!",
        "#17 · 128-128 · 97.65 % · stopped after epoch 3",
    ):
        assert escape(sentence) == sentence
