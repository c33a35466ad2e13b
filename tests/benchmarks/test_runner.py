"""The benchmark runner: choosing, printing, JSON, failures by name."""

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from benchmarks.__main__ import Group, choose, find_groups, main, measure_all
from benchmarks.result import Result, header, row, write_json
from core.errors import DatasetUnavailable
from tests.support.serve import ROOT


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
IN_A_FOLDER = {
    "inner": Group("inner", ("deep",), _broken, "folder"),
    "other": Group("other", ("near", "far"), _broken, "folder"),
    **GROUPS,
}


def test_a_group_a_result_or_all() -> None:
    assert choose(GROUPS, ["speed"]) == [(GROUPS["speed"], {"quick", "slow"})]
    assert choose(GROUPS, ["slow"]) == [(GROUPS["speed"], {"slow"})]
    assert [group.name for group, _ in choose(GROUPS, [])] == ["broken", "nodata", "speed"]


def test_a_folder_stands_for_all_its_modules() -> None:
    chosen = choose(IN_A_FOLDER, ["folder", "slow"])
    assert [(group.name, wanted) for group, wanted in chosen] == [
        ("inner", {"deep"}),
        ("other", {"near", "far"}),
        ("speed", {"slow"}),
    ]
    assert [group.name for group, _ in choose(IN_A_FOLDER, ["far"])] == ["other"]


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ValueError, match=r"no benchmark “sped”\. Known are: broken, nodata, speed, before"):
        choose(GROUPS, ["sped"])


def test_a_failure_has_a_name_and_the_others_run(capsys: pytest.CaptureFixture[str]) -> None:
    results: dict[str, list[Result]] = {}
    failed = measure_all(choose(GROUPS, []), results)
    assert failed == ["broken", "nodata"]
    assert {group: [one.name for one in found] for group, found in results.items()} == {
        "broken": ["before"],
        "speed": ["quick", "slow"],
    }
    printed = capsys.readouterr()
    assert "broken failed:" in printed.err
    assert "ZeroDivisionError: by design" in printed.err
    assert "nodata: There is no MNIST here." in printed.err
    assert "quick" in printed.out


def test_one_result_only_is_measured_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    results: dict[str, list[Result]] = {}
    assert measure_all(choose(GROUPS, ["slow"]), results) == []
    assert results == {"speed": [Result("slow", 8.0, "s", reference=4.0)]}
    assert "quick" not in capsys.readouterr().out


def test_json_has_every_field_and_the_ratio(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    write_json([Result("slow", 8.0, "s", reference=4.0), Result.of("alone", [3.0, 1.0, 1.5], "MB")], file)
    assert json.loads(file.read_text(encoding="utf-8")) == [
        {
            "name": "slow",
            "value": 8.0,
            "unit": "s",
            "reference": 4.0,
            "ratio": 2.0,
            "low": None,
            "high": None,
        },
        {
            "name": "alone",
            "value": 1.5,
            "unit": "MB",
            "reference": None,
            "ratio": None,
            "low": 1.0,
            "high": 3.0,
        },
    ]


def test_a_row_stands_under_the_header() -> None:
    line = row(Result("slow", 8.0, "s", reference=4.0))
    assert line.split() == ["slow", "8", "s", "4", "2.00"]
    assert len(line) == len(header())


def test_several_measurements_are_a_median_with_its_spread() -> None:
    result = Result.of("ratio", [5.5, 4.25, 6.0], "×", 5.0).with_ratio()
    assert (result.value, result.low, result.high, result.ratio) == (5.5, 4.25, 6.0, 1.1)
    line = row(result)
    assert line.split() == ["ratio", "5.5", "×", "5", "1.10", "4.25", "–", "6"]
    assert len(line) == len(header())


def test_the_command_refuses_unknown_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["no-such-benchmark"])
    assert exit_info.value.code != 0
    assert "Known are:" in capsys.readouterr().err


def test_every_benchmark_can_be_imported_and_names_its_results() -> None:
    groups = find_groups()
    assert {"latency", "recipes", "memory", "resume"} <= set(groups)
    assert [name for name, group in groups.items() if not group.result_names] == []
    names = [name for group in groups.values() for name in group.result_names]
    assert len(names) == len(set(names))


def test_documents_name_benchmarks_that_there_are() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents)
    named = re.findall(r"python -m benchmarks ([a-z_]+)", text)
    for arguments in re.findall(r'make bench ARGS="([a-z_ ]+)"', text):
        named += arguments.split()
    assert len(named) > 5
    assert choose(find_groups(), named)  # an unknown one is told


def test_one_command_measures_all_that_is_asked_of_training() -> None:
    wanted = {name for _, names in choose(find_groups(), ["training"]) for name in names}
    assert {
        *(f"epoch_ratio_batch_{batch_size}" for batch_size in (40, 128, 1_024)),
        *("expert_ratio_batch_40", "arithmetic_share_batch_128", "augmentation_ratio", "equal_learning"),
        *("recipe_ratio_cold", "recipe_ratio_warm", "first_point_cold_s", "first_point_warm_s"),
        *("recording_overhead", "recording_share"),
        *("resume_mismatches", "resume_points", "resume_mismatches_app"),
        *("worker_peak_mb", "app_mb", "worker_growth_mb_50_runs", "app_growth_mb_50_runs"),
    } <= wanted
    assert "draw_latency_ms" not in wanted
