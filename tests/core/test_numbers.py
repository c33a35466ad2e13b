"""Numbers in words: nothing is rounded to all or nothing, whatever is no number is a dash."""

import math

import numpy as np
import pytest

from core.numbers import duration, percent, percent_number, six_figures, text_of


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.9765, 2, "97.65 %"),
        (0.9996, 2, "99.96 %"),
        (0.9996, 1, "> 99.9 %"),
        (0.99996, 2, "> 99.99 %"),
        (1.0, 2, "100 %"),
        (0.0, 1, "0 %"),
        (0.0004, 1, "< 0.1 %"),
        (0.0006, 1, "0.1 %"),
        (0.004, 0, "< 1 %"),
        (0.996, 0, "> 99 %"),
        (0.35, None, "35 %"),
        (0.015, None, "1.5 %"),
        (0.00001, None, "0.001 %"),
        (0.999999999, None, "> 99.9999 %"),
        (math.nan, 2, "–"),
        (None, 2, "–"),
    ],
)
def test_percent(share: float | None, digits: int, text: str) -> None:
    assert percent(share, digits) == text


def test_only_all_is_100_and_only_nothing_is_0() -> None:
    count = 70_000  # images of the largest dataset: each share that an accuracy can have
    for digits in (0, 1, 2):
        for right in (*range(1, 400), *range(count - 400, count)):
            number = percent(right / count, digits).removesuffix(" %").lstrip("<> ")
            assert 0 < float(number) < 100, (right, digits)
    assert percent(count / count) == "100 %"


def test_a_softmax_is_never_sure_but_as_float32() -> None:
    sure = np.float32(1 / (1 + np.exp(np.float32(-30))))
    assert sure == 1
    assert percent(float(sure), 1, never_whole=True) == "> 99.9 %"
    assert percent(0.0, 1, never_whole=True) == "< 0.1 %"
    assert percent(0.5, 1, never_whole=True) == "50.0 %"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0"), (0.0004, "<0.1"), (0.0006, "0.1"), (0.5, "50.0"), (0.9996, ">99.9"), (1.0, "100")],
)
def test_percent_in_narrow_places(share: float, text: str) -> None:
    assert percent_number(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
        (0.0, "0.0 s"),
        (9.34, "9.3 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (187.2, "3 min 07 s"),
        (3_599.7, "1 h 00 min"),
        (7_490.0, "2 h 05 min"),
        (359_000.0, "99 h 43 min"),
    ],
)
def test_duration(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_small_numbers_are_written_without_an_exponent() -> None:
    assert text_of(1e-9) == "0.000000001"
    assert [six_figures(number) for number in (1e-5, 0.1 / 3, 0.5, 64.0)] == [
        "0.00001",
        "0.0333333",
        "0.5",
        "64",
    ]
