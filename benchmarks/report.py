"""The report: docs/measurements.json, what was measured last, and docs/measurements.md, made from it.

A benchmark that is run again replaces its own rows and leaves the others with their day and machine.
"""

import json
import os
import platform
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from benchmarks.result import Result, number, spread

FOLDER = Path(__file__).resolve().parents[1] / "docs"
MARKDOWN, RECORD = "measurements.md", "measurements.json"

_HEAD = """# Measurements

Written by `python -m benchmarks --markdown`; nobody edits this page. `python -m benchmarks NAME --markdown`
measures one part again. A value is the median of its measurements, and the spread their least and greatest.
The reference is what is wanted or what is compared with; a ratio says how the two relate, greater or smaller
as the name tells.
"""


class Measured(BaseModel):
    """One result with the benchmark that gave it, the day and the machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    day: str
    machine: str
    result: dict[str, Any]


# What a user may expect, in the README between two marks: a line for each, with results by name.
README = "README.md"
_FROM, _TO = "<!-- measured: made by python -m benchmarks --markdown -->", "<!-- /measured -->"
_EXPECTED = (
    ("recipe `two-128`, 5 epochs", "{recipe_two-128_accuracy} of the test digits, {recipe_two-128_seconds}"),
    ("recipe `dense-99`, 20 epochs", "{recipe_dense-99_accuracy}, {recipe_dense-99_seconds}"),
    (
        "from a press on Train to the test figures, 5 epochs",
        "{recipe_seconds_warm} ({recipe_seconds_cold} for the first run); a plain Keras script "
        "{recipe_seconds_plain}",
    ),
    (
        "an epoch of 128-128 at batch 40",
        "{epoch_seconds_batch_40}; plain `model.fit` {epoch_seconds_plain_batch_40}",
    ),
    ("end of a stroke to changed bars", "{draw_latency_ms}"),
    ("interrupted runs that end with other bits", "{resume_mismatches} of 40"),
    (
        "a class of thirty: 19 of 20 answers of a page within",
        "{classroom_answer_s}, with {classroom_mb_peak} for app and workers at most",
    ),
)

_ADAPTER = TypeAdapter(list[Measured])


def record(measured: Mapping[str, Iterable[Result]], folder: Path = FOLDER) -> None:
    """Write the results of these benchmarks, by name, into both files below `folder`."""
    day, machine = datetime.now(UTC).date().isoformat(), _machine()
    fresh = [
        Measured(group=group, day=day, machine=machine, result=result.with_ratio().as_object())
        for group, results in measured.items()
        for result in results
    ]
    names = {one.result["name"] for one in fresh}
    kept = [one for one in read(folder) if one.result["name"] not in names]
    everything = sorted(kept + fresh, key=lambda one: one.group)
    folder.mkdir(parents=True, exist_ok=True)
    objects = [one.model_dump() for one in everything]
    text = json.dumps(objects, indent=1, ensure_ascii=False) + "\n"
    (folder / RECORD).write_text(text, encoding="utf-8")
    (folder / MARKDOWN).write_text(render(everything), encoding="utf-8")
    readme = folder.parent / README
    if readme.exists():
        readme.write_text(with_expected(readme.read_text(encoding="utf-8"), everything), encoding="utf-8")


def read(folder: Path = FOLDER) -> list[Measured]:
    """Return what was recorded below `folder`, nothing where nothing was."""
    path = folder / RECORD
    return _ADAPTER.validate_json(path.read_bytes()) if path.exists() else []


def render(measured: Iterable[Measured]) -> str:
    """Return the page: a table for each benchmark."""
    groups: dict[str, list[Measured]] = {}
    for one in measured:
        groups.setdefault(one.group, []).append(one)
    return "\n".join([_HEAD, *(_section(group, of_group) for group, of_group in groups.items())])


def with_expected(readme: str, measured: Iterable[Measured]) -> str:
    """Return the README with what a user may expect, as measured last."""
    words = defaultdict(lambda: "not measured yet")
    for one in measured:
        result = Result(**one.result)
        words[result.name] = f"{number(result.value)} {result.unit}".strip()
    rows = [f"| {what} | {figures.format_map(words)} |" for what, figures in _EXPECTED]
    before, _, rest = readme.partition(_FROM)
    _, _, after = rest.partition(_TO)
    return "\n".join([before + _FROM, "| what | here |", "|---|---|", *rows, _TO]) + after


def _section(group: str, measured: list[Measured]) -> str:
    lines = [
        f"## {group}",
        "| name | value | reference | ratio | spread | measured |",
        "|---|---|---|---|---|---|",
    ]
    for one in measured:
        result = Result(**one.result)
        cells = (
            f"`{result.name}`",
            f"{number(result.value)} {result.unit}".strip(),
            "" if result.reference is None else number(result.reference),
            "" if result.ratio is None else f"{result.ratio:.2f}",
            spread(result),
            f"{one.day}, {one.machine}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
