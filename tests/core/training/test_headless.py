"""`python -m core.training` as a script meets it: one JSON line, exit codes, sentences."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig, to_query
from core.data.catalog import CATALOG
from core.prediction import ready_made
from core.recipes import READY_MADE, get_recipe
from core.settings import get_settings
from core.store import SHARED_WORKSPACE, Claim, Request, RunStatus, RunStore
from core.training.__main__ import main, parse_arguments, read_config
from core.training.engine import device

ROOT = Path(__file__).resolve().parents[3]
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


@pytest.fixture(autouse=True)
def _images_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here are more pen strokes than in other tests, whose networks would have to be made anew."""
    monkeypatch.setattr(device, "_held", {})


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
    home: Path, strokes: dict[str, np.ndarray[Any, Any]], capfd: pytest.CaptureFixture[str]
) -> None:
    fill_cache(get_settings().datasets, strokes)
    arguments = ["--recipe", "two-128", "--dataset", "pen-strokes", "--epochs", "1", "--seed", "7", "--json"]
    assert main(arguments) == 0
    output = capfd.readouterr().out
    assert output.count("\n") == 1
    result = json.loads(output)
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


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_keeps_what_was_learnt_and_a_second_one_ends_at_once(
    home: Path,
    strokes: dict[str, np.ndarray[Any, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    presses: int,
) -> None:
    fill_cache(get_settings().datasets, strokes)
    record, pressed = Claim.record, []

    def press_when_it_trains(self: Claim, *arguments: Any, **more: Any) -> Request:
        request = record(self, *arguments, **more)
        if arguments[1] is not None and len(pressed) < presses:
            pressed.append(1)
            os.kill(os.getpid(), signal.SIGINT)
        return request

    monkeypatch.setattr(Claim, "record", press_when_it_trains)
    former = signal.getsignal(signal.SIGINT)
    settings = ["--set", "hidden_layers=2-relu", "--set", "batch_size=1000", "--epochs", "200"]
    assert main(["--dataset", "pen-strokes", *settings, "--json"]) == 130
    assert signal.getsignal(signal.SIGINT) is former
    output = capfd.readouterr()
    assert "Stopping at the next chunk. Press Ctrl+C again to end at once." in output.err
    assert "Traceback" not in output.err
    (run,) = RunStore.from_settings(get_settings()).list_runs()
    assert run.epoch < 200
    if presses == 1:
        assert run.status is RunStatus.STOPPED
        assert json.loads(output.out)["test_accuracy"] == run.test_accuracy
        assert run.test_accuracy is not None
    else:
        assert run.status is (RunStatus.PAUSED if run.checkpoint_step else RunStatus.STOPPED)
        assert (output.out, run.test_accuracy) == ("", None)
        assert "Ended at once." in output.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--recipe", "two-129"), ("“two-129”", "two-128", "flat-one-hot")),
        (("--recipe", "two-128", "--epochs", "0"), ("Epochs is “0”", "at least 1")),
        (("--recipe", "two-128", "--epochs", "201"), ("Epochs is “201”", "at most 200")),
        (("--recipe", "two-128", "--seed=-1"), ("Seed is “-1”", "at least 0")),
        (("--epochs", "many"), ("Epochs is “many”", "a whole number")),
        (("--set", "learning_rte=0.1"), ("no setting “learning_rte”", "learning_rate", "label_noise")),
        (("--set", "run=5a287867bc79"), ("no setting “run”",)),
        (("--set", "learning_rate"), ("“learning_rate”", "NAME=VALUE")),
        (("--set", "learning_rate=fast"), ("Learning rate is “fast”", "a number")),
        (("--set", "hidden_layers=64-rule"), ("Activation of hidden layer 1 is “rule”", "relu")),
        (("--recipe", "two-128", "--set", "early_stopping=loss"), ("the validation split is 0",)),
        (("--link", "http://localhost:8501/?epochs=0"), ("Epochs is “0”", "at least 1")),
        (("--link", "http://localhost:8501/?epoch=3"), ("no setting “epoch”", "epochs")),
    ],
)
def test_what_cannot_be_trained_is_a_sentence_and_exit_code_2(
    home: Path, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    assert main([*arguments, "--json"]) == 2
    output = capfd.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    for word in words:
        assert word in output.err
    assert not (home / "digitlab.db").exists()


EVERY_SETTING = TrainingConfig(
    dataset="pen-strokes",
    hidden_layers=(HiddenLayer(units=64, activation="tanh", dropout=0.2), HiddenLayer(units=32)),
    optimizer="sgd",
    learning_rate=0.01,
    momentum=0.5,
    weight_decay=0.01,
    l2=0.0001,
    epochs=7,
    batch_size=64,
    validation_split=0.2,
    label_encoding="one-hot",
    input_form="flat",
    seed=3,
    learning_rate_schedule="cosine",
    warm_up_epochs=0.5,
    gradient_clipping=1.0,
    batch_normalization=True,
    initializer="he",
    early_stopping="loss",
    patience=4,
    restore_best=False,
    stop_at_accuracy=0.98,
    l1=0.00001,
    label_smoothing=0.1,
    label_noise=0.3,
    training_fraction=0.5,
    augmentation_shift=1.0,
    augmentation_rotation=10.0,
    augmentation_scale=0.1,
    augmentation_shear=0.1,
    augmentation_elastic=0.5,
    drawings="everyone",
    drawings_share=0.3,
)


def test_every_setting_can_be_set_by_name_and_by_link() -> None:
    query = to_query(EVERY_SETTING)
    assert set(query) == set(TrainingConfig.model_fields), "one has its default above: give it another"
    flags = [word for name, text in query.items() for word in ("--set", f"{name}={text}")]
    assert read_config(parse_arguments(flags)) == EVERY_SETTING
    link = f"https://digits.example/?run=5a287867bc79&embed=true&{urlencode(query)}"
    assert read_config(parse_arguments(["--link", link])) == EVERY_SETTING


def test_the_command_that_makes_the_ready_made_network_anew_makes_just_this_one() -> None:
    assert ready_made.__doc__ is not None
    (words,) = re.findall(r"`python -m core\.training (.+)`", ready_made.__doc__)
    parsed = parse_arguments(shlex.split(words))
    assert read_config(parsed) == READY_MADE.config
    assert READY_MADE.config.dataset == "handwriting"
    assert ROOT / parsed.onnx == ready_made.FILE


def test_what_is_set_comes_on_top_of_the_recipe_and_the_link() -> None:
    recipe = get_recipe("two-128").config
    flags = ["--recipe", "two-128", "--set", "l2=0.0001", "--set", "seed=1", "--seed", "2"]
    assert read_config(parse_arguments(flags)) == recipe.model_copy(update={"l2": 0.0001, "seed": 2})
    flags = ["--link", "http://localhost/?epochs=9&l1=0.1", "--set", "l1=0"]
    assert read_config(parse_arguments(flags)) == TrainingConfig(epochs=9)
    assert read_config(parse_arguments([])) == TrainingConfig()


def test_a_limit_of_this_server_holds_for_the_command_line_too(
    home: Path,
    strokes: dict[str, np.ndarray[Any, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DIGITLAB_MAX_PARAMETERS", "100000")
    get_settings.cache_clear()
    fill_cache(get_settings().datasets, strokes)
    assert main(["--recipe", "two-128", "--dataset", "pen-strokes"]) == 2
    assert "118,282 parameters; this server allows 100,000" in capfd.readouterr().err
    monkeypatch.delenv("DIGITLAB_MAX_PARAMETERS")
    get_settings.cache_clear()
    assert main(["--dataset", "pen-strokes", "--set", "drawings=everyone"]) == 2
    assert "this server has 0 to learn; at least 10 are needed" in capfd.readouterr().err


def test_an_unknown_dataset_is_refused_with_the_names_that_exist(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--recipe", "two-128", "--dataset", "cifar"])
    assert ended.value.code == 2
    said = capfd.readouterr().err
    assert "cifar" in said
    assert "pen-strokes" in said
    assert "Traceback" not in said


def test_a_bad_variable_is_a_sentence_and_no_traceback(home: Path) -> None:
    done = command("--recipe", "two-128", DIGITLAB_WORKERS="none")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("A setting cannot be used. DIGITLAB_WORKERS is 'none'")
    assert "Traceback" not in done.stderr
