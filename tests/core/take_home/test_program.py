"""The exported program as text: it is whole, it is tidy, and it divides the images as the engine does."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.config import CLASS_COUNT, TrainingConfig
from core.data.split import rows_of_run
from core.recipes import FAILURES, RECIPES, get_recipe
from core.take_home.program.cells import cells
from core.take_home.program.images import images_apart
from core.take_home.script import PARAMETERS_TAG, About, as_notebook, as_script
from tests.support.config_samples import at_the_bound, random_config

ABOUT = About("#17", 0.9789, 0.0712, ("It was stopped after 2 of 5 epochs.",))
CONFIGS = [*map(random_config, range(40)), at_the_bound(True), at_the_bound(False)]
ALL = [*(recipe.config for recipe in (RECIPES | FAILURES).values()), *CONFIGS]


def test_the_scripts_are_tidy_programs_that_import_and_define_what_they_use(tmp_path: Path) -> None:
    for number, config in enumerate(ALL):
        text = as_script(config, ABOUT)
        compile(text, f"{number}.py", "exec")
        (tmp_path / f"run_{number}.py").write_text(text, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    # F: names that are not defined, imports that are not used.
    rules = ["--isolated", "--line-length", "110"]
    for command in (["check", "--select", "E,F,I", *rules], ["format", "--check", *rules]):
        done = subprocess.run(
            [*ruff, *command, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout


def test_nothing_of_ours_is_imported() -> None:
    for config in ALL:
        lines = as_script(config, ABOUT).splitlines()
        imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
        assert {"keras", "numpy"} <= imported <= {"argparse", "keras", "math", "numpy", "os", "tensorflow"}


def test_a_program_has_only_what_its_settings_need() -> None:
    plain = as_script(TrainingConfig(), ABOUT)
    for word in ("Dropout", "BatchNorm", "distort", "LearningRate", "EarlyStopping", "regularizer", "noise"):
        assert word not in plain
    distorted = as_script(get_recipe("dense-99").config, ABOUT)
    assert {"Dropout", "distort", "LearningRate"} <= set(
        distorted.replace("(", " ").replace(".", " ").split()
    )


def test_the_notebook_has_the_cells_of_the_script() -> None:
    config = get_recipe("dense-99").config
    notebook = json.loads(as_notebook(config, ABOUT))
    code = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code[2:] == [cell.code for cell in cells(config)]
    assert [cell["metadata"] for cell in notebook["cells"]].count({"tags": [PARAMETERS_TAG]}) == 1
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    assert "97.89% of the test images" in notebook["cells"][0]["source"]
    assert "stopped after 2 of 5 epochs" in notebook["cells"][0]["source"]


class _Keras:
    """What this part of the program asks of Keras."""

    class utils:  # noqa: N801
        @staticmethod
        def to_categorical(labels: np.ndarray[Any, Any], count: int) -> np.ndarray[Any, Any]:
            return np.eye(count, dtype=np.float32)[labels]


@pytest.mark.parametrize("number", range(12))
def test_the_images_are_divided_and_labelled_as_the_engine_does_it(number: int) -> None:
    config = random_config(number).model_copy(update={"label_noise": 0.3 * (number % 2)})
    count = 300
    images = np.arange(count * 784, dtype=np.int64).reshape(count, 28, 28)
    labels = (np.arange(count) % CLASS_COUNT).astype(np.int32)
    names: dict[str, Any] = {
        "np": np,
        "keras": _Keras,
        "SEED": config.seed,
        "train_images": images,
        "train_labels": labels.copy(),
        "test_images": images[:5],
    }
    exec(images_apart(config), names)
    training, validation = rows_of_run(config, count)
    np.testing.assert_array_equal(names["x"].reshape(-1, 28, 28), images[training])
    seen = names["y"].argmax(axis=1) if names["y"].ndim == 2 else names["y"]
    wrong = np.mean(seen != labels[training])  # which ones: tests/core/training/test_take_home.py
    assert wrong == pytest.approx(config.label_noise, abs=0.5 / len(training) + 1e-9)
    if config.validation_split:
        np.testing.assert_array_equal(names["x_validation"].reshape(-1, 28, 28), images[validation])
        kept = names["y_validation"]
        np.testing.assert_array_equal(kept.argmax(axis=1) if kept.ndim == 2 else kept, labels[validation])
    assert names["x"].ndim == (3 if config.input_form == "image" else 2)
