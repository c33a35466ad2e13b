"""`python -m core.training` as a script meets it: one JSON line, exit codes, sentences."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.catalog import CATALOG
from core.settings import get_settings
from core.store import SHARED_WORKSPACE, RunStatus, RunStore

ROOT = Path(__file__).resolve().parents[2]
KEYS = [
    "run_id",
    "recipe",
    "dataset",
    "seed",
    "parameters",
    "epochs",
    "test_accuracy",
    "test_loss",
    "train_seconds",
    "total_seconds",
]


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, its output into pipes."""
    return subprocess.run(
        [sys.executable, "-m", "core.training", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def fill_cache(folder: Path, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Put pen strokes into a dataset cache, the same few again and again."""
    place = folder / "pen-strokes"
    place.mkdir(parents=True)
    for name, shape in CATALOG["pen-strokes"].shapes.items():
        np.save(place / f"{name}.npy", np.resize(arrays[name], shape))


def test_a_recipe_is_trained_and_told_in_one_line(
    home: Path, strokes: dict[str, np.ndarray[Any, Any]]
) -> None:
    fill_cache(get_settings().datasets, strokes)
    dump = home / "compiled"
    done = command(
        *("--recipe", "two-128", "--dataset", "pen-strokes", "--epochs", "1", "--seed", "7", "--json"),
        XLA_FLAGS=f"--xla_dump_to={dump} --xla_dump_hlo_as_text",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    result = json.loads(done.stdout)
    assert list(result) == KEYS
    assert {name: result[name] for name in KEYS[1:6]} == {
        "recipe": "two-128",
        "dataset": "pen-strokes",
        "seed": 7,
        "parameters": 118_282,
        "epochs": 1,
    }
    assert result["test_accuracy"] > 0.7  # of 2,000 different images; guessing is 0.1
    assert 0 < result["train_seconds"] < result["total_seconds"]

    store = RunStore.from_settings(get_settings())
    run = store.get(result["run_id"])
    assert (run.status, run.workspace, run.recipe) == (RunStatus.FINISHED, SHARED_WORKSPACE, "two-128")
    assert (run.test_accuracy, run.test_loss) == (result["test_accuracy"], result["test_loss"])
    assert (run.config.seed, run.config.epochs) == (7, 1)
    assert (run.epoch, run.step) == (1, 1_500)
    assert store.curve(run.id).training_epochs[-1] == 1.0

    # XLA writes down every program that it compiles. There were many chunks and one program:
    # compiling anew at every chunk costs a second each time and goes unnoticed otherwise.
    programs = sorted(dump.glob("*one_step_on_data*before_optimizations.txt"))
    assert len(programs) == 1, [path.name for path in programs]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--recipe", "two-129"), ("“two-129”", "two-128", "flat-one-hot")),
        (("--recipe", "two-128", "--epochs", "0"), ("Epochs is 0", "at least 1")),
        (("--recipe", "two-128", "--epochs", "201"), ("Epochs is 201", "at most 200")),
        (("--recipe", "two-128", "--seed", "-1"), ("Seed is -1", "at least 0")),
    ],
)
def test_what_cannot_be_trained_is_a_sentence_and_exit_code_2(
    home: Path, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    from core.training.__main__ import main

    assert main([*arguments, "--json"]) == 2
    output = capfd.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    for word in words:
        assert word in output.err
    assert not (home / "digitlab.db").exists()


def test_a_limit_of_this_server_holds_for_the_command_line_too(
    home: Path,
    strokes: dict[str, np.ndarray[Any, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    from core.training.__main__ import main

    monkeypatch.setenv("DIGITLAB_MAX_PARAMETERS", "100000")
    get_settings.cache_clear()
    fill_cache(get_settings().datasets, strokes)
    assert main(["--recipe", "two-128", "--dataset", "pen-strokes"]) == 2
    assert "118,282 parameters; this server allows 100,000" in capfd.readouterr().err


def test_a_bad_variable_is_a_sentence_and_no_traceback(home: Path) -> None:
    done = command("--recipe", "two-128", DIGITLAB_WORKERS="none")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("A setting cannot be used. DIGITLAB_WORKERS is 'none'")
    assert "Traceback" not in done.stderr


def test_an_unknown_dataset_is_refused_with_the_names_that_exist(home: Path) -> None:
    done = command("--recipe", "two-128", "--dataset", "cifar")
    assert done.returncode == 2
    assert "cifar" in done.stderr
    assert "pen-strokes" in done.stderr
    assert "Traceback" not in done.stderr
