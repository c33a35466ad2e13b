"""The benchmark runner: choosing, printing, JSON, failures by name."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from benchmarks.__main__ import Group, choose, find_groups, main, measure_all
from benchmarks.result import Result, header, row, write_json
from core.errors import DatasetUnavailable


def _speed(wanted: Collection[str]) -> Iterator[Result]:
    for name, value in (("quick", 2.0), ("slow", 8.0)):
        if name in wanted:
            yield Result(name, value, "s", reference=4.0)


def _broken() -> Iterator[Result]:
    yield Result("before", 1.0, "")
    raise ZeroDivisionError("by design")


def _unavailable() -> Iterator[Result]:
    raise DatasetUnavailable("There is no MNIST here.")


GROUPS = {
    "broken": Group("broken", ("before",), _broken),
    "nodata": Group("nodata", ("never",), _unavailable),
    "speed": Group("speed", ("quick", "slow"), _speed),
}


def test_a_group_a_result_or_all() -> None:
    assert choose(GROUPS, ["speed"]) == [(GROUPS["speed"], {"quick", "slow"})]
    assert choose(GROUPS, ["slow"]) == [(GROUPS["speed"], {"slow"})]
    assert [group.name for group, _ in choose(GROUPS, [])] == ["broken", "nodata", "speed"]


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ValueError, match=r"no benchmark “sped”\. Known are: broken, nodata, speed, before"):
        choose(GROUPS, ["sped"])


def test_a_failure_has_a_name_and_the_others_run(capsys: pytest.CaptureFixture[str]) -> None:
    results: list[Result] = []
    failed = measure_all(choose(GROUPS, []), results)
    assert failed == ["broken", "nodata"]
    assert [result.name for result in results] == ["before", "quick", "slow"]
    printed = capsys.readouterr()
    assert "broken failed:" in printed.err
    assert "ZeroDivisionError: by design" in printed.err
    assert "nodata: There is no MNIST here." in printed.err
    assert "quick" in printed.out


def test_one_result_only_is_measured_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    results: list[Result] = []
    assert measure_all(choose(GROUPS, ["slow"]), results) == []
    assert results == [Result("slow", 8.0, "s", reference=4.0)]
    assert "quick" not in capsys.readouterr().out


def test_json_has_the_five_keys_and_the_ratio(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    write_json([Result("slow", 8.0, "s", reference=4.0), Result("alone", 1.0, "MB")], file)
    assert json.loads(file.read_text(encoding="utf-8")) == [
        {"name": "slow", "value": 8.0, "unit": "s", "reference": 4.0, "ratio": 2.0},
        {"name": "alone", "value": 1.0, "unit": "MB", "reference": None, "ratio": None},
    ]


def test_a_row_stands_under_the_header() -> None:
    line = row(Result("slow", 8.0, "s", reference=4.0))
    assert line.split() == ["slow", "8", "s", "4", "2.00"]
    assert len(line) == len(header())


def test_the_command_refuses_unknown_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["no-such-benchmark"])
    assert exit_info.value.code != 0
    assert "Known are:" in capsys.readouterr().err


def test_every_benchmark_can_be_imported_and_names_its_results() -> None:
    groups = find_groups()
    assert {"memory", "recipes", "training"} <= set(groups)
    assert [name for name, group in groups.items() if not group.result_names] == []
    names = [name for group in groups.values() for name in group.result_names]
    assert len(names) == len(set(names))
