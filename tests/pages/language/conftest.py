"""A language that shows what was translated: ⟦every message in brackets⟧, values outside of them."""

import re
from functools import cache

import pytest

from pages.parts.shared import language
from pages.parts.shared.language.translator import Translator
from pages.parts.shared.language.update import Found, messages


def bracketed(text: str) -> str:
    """Return a message in brackets; its values stand outside, so that they have to be translated too."""
    return re.sub(r"(\{\w+\})", r"⟧\1⟦", f"⟦{text}⟧")


@cache
def messages_of_the_sources() -> dict[str, Found]:
    """Read the sources once: it takes half a second."""
    return messages()


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have German be the language in brackets."""
    found = messages_of_the_sources()
    translator = Translator(
        {text: bracketed(text) for text in found}, [text for text, one in found.items() if one.is_said]
    )
    monkeypatch.setattr(language, "translator", lambda _language: translator)
    monkeypatch.setattr(language, "language", lambda: "de")
