"""One measured figure, its row in the table and its object in the JSON file."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Self

_NAME_WIDTH = 38
_NUMBER_WIDTH = 12
_SPREAD_WIDTH = 17


@dataclass(frozen=True)
class Result:
    """A figure that a benchmark measured.

    Attributes
    ----------
    name
        Unique among all benchmarks, lower case with underscores.
    value, unit
        The measured figure; a share is given in "%", a factor in "×".
    reference
        What it is compared with: a required, published or otherwise measured figure.
    ratio
        `value / reference` unless another ratio says more.
    low, high
        The least and the greatest of the measurements behind `value`, where there are several.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, name: str, measured: Sequence[float], unit: str, reference: float | None = None) -> Self:
        """Return the median of several measurements with their spread."""
        return cls(name, median(measured), unit, reference, low=min(measured), high=max(measured))

    def with_ratio(self) -> "Result":
        """Return the result with `ratio` filled in where there is a reference."""
        if self.ratio is not None or not self.reference:
            return self
        return replace(self, ratio=self.value / self.reference)

    def as_object(self) -> dict[str, Any]:
        """Return the fields by name, ready for JSON."""
        return asdict(self)


def header() -> str:
    """Return the first line of the table."""
    return _line("name", ("value", "reference", "ratio"), "spread")


def row(result: Result) -> str:
    """Return one line of the table."""
    filled = result.with_ratio()
    numbers = (
        f"{number(filled.value)} {filled.unit}".strip(),
        "" if filled.reference is None else number(filled.reference),
        "" if filled.ratio is None else f"{filled.ratio:.2f}",
    )
    return _line(filled.name, numbers, spread(filled))


def spread(result: Result) -> str:
    """Return the least and the greatest measurement, nothing where there was but one."""
    if result.low is None or result.high is None:
        return ""
    return f"{number(result.low)} – {number(result.high)}"


def _line(name: str, numbers: Iterable[str], spread: str) -> str:
    cells = "".join(number.rjust(_NUMBER_WIDTH) for number in numbers)
    return f"{name.ljust(_NAME_WIDTH)}{cells}{spread.rjust(_SPREAD_WIDTH)}"


def number(value: float) -> str:
    """Return a figure with four digits that count, or whole thousands."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def write_json(results: Iterable[Result], path: Path) -> None:
    """Write the results as a list of objects with the fields of `Result`."""
    objects = [result.with_ratio().as_object() for result in results]
    path.write_text(json.dumps(objects, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
