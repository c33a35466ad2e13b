"""Numbers as a reader meets them on every page: one way to write each kind."""

import math
from decimal import Decimal

NO_VALUE = "–"


def percent(share: float | None, digits: int | None = 2, *, never_whole: bool = False) -> str:
    """Write a share in percent: 0.9765 as “97.65 %”.

    Parameters
    ----------
    share
        From 0 to 1; None and NaN become a dash.
    digits
        How many digits follow the point; None for a number that somebody has chosen, as it was written:
        0.35 as “35 %”, 0.015 as “1.5 %”. A share that they would round to nothing or
        to all is told as “< 0.1 %” or “> 99.9 %”: only what is exactly so is “0 %” or “100 %”.
    never_whole
        For a softmax's probabilities, which are never 0 or 1 but as float32.
    """
    bound, number = _parts(share, digits, never_whole)
    if number == NO_VALUE:
        return number
    return f"{bound} {number} %" if bound else f"{number} %"


def percent_number(share: float | None, digits: int | None = 1, *, never_whole: bool = False) -> str:
    """Write a share in percent without the sign, for narrow places: “97.7”, “<0.1”; see `percent`."""
    return "".join(_parts(share, digits, never_whole))


def unbroken(number: str) -> str:
    """Return a number with its unit, for running text, so that no line breaks between the two."""
    return number.replace(" ", "\N{NO-BREAK SPACE}")


def _parts(share: float | None, digits: int | None, never_whole: bool) -> tuple[str, str]:
    """Return “<”, “>” or nothing, and the number."""
    if share is None or math.isnan(share):
        return "", NO_VALUE
    if not never_whole:
        if share <= 0:
            return "", "0"
        if share >= 1:
            return "", "100"
    if digits is None:
        text, digits = f"{100 * share:.6g}", 4
    else:
        text = f"{100 * share:.{digits}f}"
    if float(text) <= 0:
        return "<", f"{10.0**-digits:.{digits}f}"
    if float(text) >= 100:
        return ">", f"{100 - 10.0**-digits:.{digits}f}"
    return "", text


def text_of(number: float) -> str:
    """Write a number so that reading it gives just this number, without an exponent unless it is tiny."""
    if number and not 1e-12 <= abs(number) < 1e15:
        return repr(number)
    return format(Decimal(repr(number)), "f").removesuffix(".0")


def six_figures(number: float) -> str:
    """Write a number with six figures at most, as `text_of`: for sentences."""
    return text_of(float(f"{number:.6g}"))


def duration(seconds: float | None) -> str:
    """Write a time span in one or two units: “9.3 s”, “42 s”, “3 min 07 s”, “2 h 05 min”; None as a dash."""
    if seconds is None or not math.isfinite(seconds):
        return NO_VALUE
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"
