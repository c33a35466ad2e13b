"""One measured figure, its row in the table and its object in the JSON file."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

_NAME_WIDTH = 38
_NUMBER_WIDTH = 12


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
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None

    def with_ratio(self) -> "Result":
        """Return the result with `ratio` filled in where there is a reference."""
        if self.ratio is not None or not self.reference:
            return self
        return Result(self.name, self.value, self.unit, self.reference, self.value / self.reference)


def header() -> str:
    """Return the first line of the table."""
    numbers = "".join(title.rjust(_NUMBER_WIDTH) for title in ("value", "reference", "ratio"))
    return f"{'name'.ljust(_NAME_WIDTH)}{numbers}"


def row(result: Result) -> str:
    """Return one line of the table."""
    filled = result.with_ratio()
    cells = (
        f"{_number(filled.value)} {filled.unit}".strip(),
        "" if filled.reference is None else _number(filled.reference),
        "" if filled.ratio is None else f"{filled.ratio:.2f}",
    )
    return f"{filled.name.ljust(_NAME_WIDTH)}{''.join(cell.rjust(_NUMBER_WIDTH) for cell in cells)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def write_json(results: Iterable[Result], path: Path) -> None:
    """Write the results as a list of objects with the fields of `Result`."""
    objects = [asdict(result.with_ratio()) for result in results]
    path.write_text(json.dumps(objects, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
