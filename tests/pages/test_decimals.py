"""Decimal numbers as they are typed: point or comma, and a sentence for what is no number."""

import random

import pytest

from core.numbers import text_of
from pages.parts.shared.decimals import read_decimal


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.3", 0.3),
        ("0,3", 0.3),
        ("0,001", 0.001),
        (" 1e-3 ", 0.001),
        ("1,5E-4", 0.00015),
        (".5", 0.5),
        (",5", 0.5),
        ("7", 7.0),
        ("+2.", 2.0),
        ("-1", -1.0),
        ("1,5", 1.5),
        ("1000", 1000.0),
    ],
)
def test_a_point_a_comma_and_an_exponent_are_understood(text: str, number: float) -> None:
    assert read_decimal(text, 0.1) == (number, None)


@pytest.mark.parametrize(
    "text", ["abc", "nan", "inf", "1_0", "0.1.2", "0,1,2", "1 000", "٣", "1e", "0x1", "1e9999"]
)
def test_what_is_no_number_is_told_with_an_example(text: str) -> None:
    assert read_decimal(text, 0.001) == (None, f"“{text}” is no number. Write one, for example 0.001.")


def test_nothing_and_what_has_two_meanings_are_told() -> None:
    assert read_decimal("  ", 0.1) == (None, "A number is missing here. Write one, for example 0.1.")
    assert read_decimal("1,000", 0.1) == (
        None,
        "“1,000” can be read in two ways. Write 1000, or a point for the comma.",
    )
    assert len(str(read_decimal("x" * 5_000, 0.1)[1])) < 120


def test_a_number_that_is_written_is_read_again_bit_for_bit() -> None:
    pick = random.Random(0)
    numbers = [pick.uniform(0, 100) * 10 ** pick.randint(-12, 3) for _ in range(500)]
    for number in [*numbers, 0.0, 1e-6, 5e-324, 1e300, 0.1 + 0.2]:
        assert read_decimal(text_of(number), 0.1) == (number, None)
    assert [text_of(number) for number in (0.001, 1e-5, 100.0, 0.0)] == ["0.001", "0.00001", "100", "0"]
