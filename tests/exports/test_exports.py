"""All that people take home, executed with Keras alone and held against ours; see `make test-exports`."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import pytest
from scipy.stats import t

from core.bring_back.network import read_network
from core.data.dataset import Dataset
from core.prediction.network import Network
from core.recipes import FAILURES, READY_MADE, RECIPES, get_recipe
from core.settings import Settings
from core.store import RunStore
from core.take_home.bundle import TakeHome
from core.take_home.files import images_archive
from core.take_home.script import NOTEBOOK_FILE, PARAMETERS_TAG, SCRIPT_FILE, About, as_notebook, as_script
from tests.support.serve import ROOT

ALL = [*RECIPES, *FAILURES, READY_MADE.name]
# They take a minute at most, each with ours: the figures of others are as they are by the same code.
QUICK = ["two-128", "flat-one-hot", "fails-overfitting"]
SEEDS = 4
# What a whole training may miss ours by, beyond what chance does: a fifth of a point.
SLACK = 0.002
# All that a network can have, trained for a moment.
RICH = {
    "hidden_layers": "32-gelu-0.2,16-tanh",
    "batch_normalization": "true",
    "l1": "0.000001",
    "l2": "0.00001",
    "initializer": "he",
    "epochs": "1",
    "batch_size": "256",
}

EXECUTE = f"""
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read("{NOTEBOOK_FILE}", as_version=4)
at = [cell.metadata.get("tags") for cell in notebook.cells].index(["{PARAMETERS_TAG}"])
notebook.cells.insert(at + 1, nbformat.v4.new_code_cell(sys.argv[1]))
NotebookClient(notebook, timeout=600).execute()
print("".join(output.get("text", "") for output in notebook.cells[-1].outputs))
"""
LOAD = """
import sys, keras, numpy as np
model = keras.saving.load_model("model.keras", safe_mode=True)
images = np.load("images.npz")["x_test"].reshape(-1, *model.input_shape[1:])
np.save("read.npy", model.predict(images, batch_size=1000, verbose=0))
print(keras.__version__)
"""


def run(python: Path, folder: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    """Run Python in a folder, where it finds nothing of ours; return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # A kernel of a notebook is the `python` of the path.
    environment |= {"PATH": f"{python.parent}:{environment['PATH']}", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [str(python), *arguments],
        cwd=folder,
        env=environment | (env or {}),
        capture_output=True,
        text=True,
        timeout=1_800,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-4_000:]
    return done.stdout


def figures(text: str) -> tuple[float, float]:
    """Return test accuracy and loss as a program printed them."""
    ((accuracy, loss),) = re.findall(r"Test accuracy ([\d.]+), test loss ([\d.]+|nan)", text)
    return float(accuracy), float(loss)


@pytest.fixture(scope="session")
def few_images(strokes: dict[str, np.ndarray[Any, Any]], session_folder: Path) -> Path:
    path = session_folder / "few.npz"
    names = tuple("0123456789")
    path.write_bytes(images_archive(Dataset(name="pen-strokes", class_names=names, **strokes)))
    return path


@pytest.mark.parametrize("name", ALL)
def test_the_script_of_every_recipe_runs(name: str, python: Path, few_images: Path, tmp_path: Path) -> None:
    (tmp_path / SCRIPT_FILE).write_text(as_script(get_recipe(name).config, About("#1")), encoding="utf-8")
    said = run(python, tmp_path, SCRIPT_FILE, "--data", str(few_images), "--epochs", "1", "--images", "1000")
    assert 0 <= figures(said)[0] <= 1
    # What Keras has saved there can be brought back.
    brought = read_network((tmp_path / "model.keras").read_bytes(), 5_000_000)
    assert brought.network.parameters == get_recipe(name).config.parameters
    assert brought.says_its_scale


@pytest.mark.parametrize("name", ALL)
def test_the_notebook_of_every_recipe_runs(name: str, python: Path, few_images: Path, tmp_path: Path) -> None:
    notebook = as_notebook(get_recipe(name).config, About("#1"))
    (tmp_path / NOTEBOOK_FILE).write_text(notebook, encoding="utf-8")
    values = f"DATA, EPOCHS, IMAGES = {str(few_images)!r}, 1, 1000"
    said = run(python, tmp_path, "-c", EXECUTE, values)
    assert 0 <= figures(said)[0] <= 1
    assert (tmp_path / "model.keras").is_file()


class Ours:
    """Runs of the headless command in a home of their own."""

    def __init__(self, home: Path, mnist_source: Path | None) -> None:
        self._environment = {"DIGITLAB_HOME": str(home)}
        if mnist_source is not None:
            self._environment["DIGITLAB_DATA_DIR"] = str(mnist_source)
        self.store = RunStore.from_settings(Settings(home=home))
        self._results: dict[str, list[dict[str, Any]]] = {}

    def results(self, name: str) -> list[dict[str, Any]]:
        """Return what the command says of a recipe's runs with the seeds 0, 1, 2 …"""
        if name not in self._results:
            self._results[name] = [self.train("--recipe", name, "--seed", str(seed)) for seed in range(SEEDS)]
        return self._results[name]

    def train(self, *arguments: str) -> dict[str, Any]:
        """Return what the command says of a run."""
        command = ["-m", "core.training", "--json", *arguments]
        said = run(Path(sys.executable), ROOT, *command, env=self._environment)
        result: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
        return result


@pytest.fixture(scope="session")
def ours(session_folder: Path, mnist_source: Path | None, mnist: Dataset) -> Iterator[Ours]:
    trained = Ours(session_folder / "exports-home", mnist_source)
    yield trained
    trained.store.close()


@pytest.mark.mnist
@pytest.mark.parametrize("name", QUICK)
def test_a_whole_training_comes_to_our_figures(
    name: str, python: Path, ours: Ours, mnist_source: Path | None, tmp_path: Path
) -> None:
    (tmp_path / SCRIPT_FILE).write_text(as_script(get_recipe(name).config, About("#1")), encoding="utf-8")
    data = ["--data", str(mnist_source / "mnist.npz")] if mnist_source else []
    theirs = [
        figures(run(python, tmp_path, SCRIPT_FILE, "--seed", str(seed), *data))[0] for seed in range(SEEDS)
    ]
    mine = [one["test_accuracy"] for one in ours.results(name)]
    error = ((stdev(theirs) ** 2 + stdev(mine) ** 2) / SEEDS) ** 0.5
    bound = t.ppf(0.995, 2 * SEEDS - 2) * error + SLACK
    difference = mean(theirs) - mean(mine)
    print(
        f"\n{name}, {python.parts[-3]}: ours {mean(mine):.4f} ± {stdev(mine):.4f}, "
        f"script {mean(theirs):.4f} ± {stdev(theirs):.4f}, difference {difference:+.4f}, bound {bound:.4f}"
    )
    assert abs(difference) <= bound


@pytest.mark.mnist
def test_the_network_itself_opens_and_reads_as_it_did_here(
    python: Path, ours: Ours, mnist: Dataset, tmp_path: Path
) -> None:
    settings = [f"--set={name}={value}" for name, value in RICH.items()]
    taken = ours.store.get(ours.train(*settings)["run_id"])
    home = TakeHome(ours.store, taken)
    (tmp_path / "model.keras").write_bytes(home.keras())
    np.savez(tmp_path / "images.npz", x_test=mnist.test_images)
    version = run(python, tmp_path, "-c", LOAD).strip().splitlines()[-1]
    read = np.load(tmp_path / "read.npy")
    stored = np.load(ours.store.folder(taken.id) / "test_probabilities.npy", allow_pickle=False)
    onnx = Network(home.onnx()).predict(np.asarray(mnist.test_images)).probabilities
    farthest = [float(np.abs(each - stored).max()) for each in (read, onnx)]
    print(f"\nKeras {version}: model.keras within {farthest[0]:.1e}, network.onnx within {farthest[1]:.1e}")
    assert max(farthest) < 1e-5
    assert version == python.parts[-3].removeprefix("keras-")


def test_nothing_of_ours_is_there(python: Path, tmp_path: Path) -> None:
    said = run(python, tmp_path, "-c", "import importlib.util as u; print(u.find_spec('core'))")
    assert said.strip() == "None"
    assert shutil.which("python", path=str(python.parent)) == str(python)
