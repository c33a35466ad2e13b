"""Large numbers: what groups their digits in one language is the decimal point of another."""

import pytest

from pages.parts.shared import language


@pytest.mark.parametrize(
    ("chosen", "told"), [("en", "1,234,567"), ("de", "1\u202f234\u202f567"), ("fr", "1\u202f234\u202f567")]
)
def test_a_comma_between_groups_of_digits_is_a_narrow_space(
    monkeypatch: pytest.MonkeyPatch, chosen: str, told: str
) -> None:
    monkeypatch.setattr(language, "language", lambda: chosen)
    assert language.grouped(1_234_567.4) == told
    assert told in language._("Your next network: {count} weights", count="1,234,567")


def test_lists_and_decimal_commas_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "language", lambda: "de")
    for text in ("12, 345", "0,5", "64,1280", "1,23"):
        assert language._(text) == text
