"""What benchmarks start: the real app, a Chromium, the real MNIST, runs from the page."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from core.config import TrainingConfig, to_query
from core.data.library import DatasetLibrary
from core.errors import DatasetUnavailable, DigitLabError
from core.settings import Settings, get_settings
from core.store import Run, RunStatus, RunStore
from tests.support.chromium import FLAGS, find_chromium
from tests.support.fault_samples import workers_below
from tests.support.serve import ROOT, Served, wait_until

# Seconds: the workers import TensorFlow after the first visit, and a run must be trained.
RUN_PATIENCE = 180.0
_PAGE_PATIENCE = 60_000  # milliseconds


@dataclass(frozen=True)
class RunningApp:
    """The app in a process of its own, with an empty DIGITLAB_HOME but for the dataset.

    Attributes
    ----------
    url, home, pid
        Address without a trailing slash, its data folder, process id of Streamlit.
    environment
        All variables for a headless command that shares its data.
    """

    url: str
    home: Path
    pid: int
    environment: dict[str, str]

    def open_store(self) -> RunStore:
        """Return the store that the app uses."""
        return RunStore.from_settings(Settings(home=self.home))

    def worker(self) -> psutil.Process:
        """Return its training worker.

        Raises
        ------
        DigitLabError
            If there is not one worker.
        """
        workers = workers_below(self.pid)
        if len(workers) != 1:
            raise DigitLabError(f"The app has {len(workers)} training workers instead of one.")
        return workers[0]


@contextmanager
def temporary_home(*, needs_mnist: bool = True) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield an empty data folder, with the real MNIST if needed, and the environment for it.

    Raises
    ------
    DatasetUnavailable
        If the real MNIST is needed and is neither in DIGITLAB_DATA_DIR nor in the cache.
    """
    settings = get_settings()
    with tempfile.TemporaryDirectory(prefix="digitlab-benchmark-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITLAB_")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["DIGITLAB_HOME"] = str(home)
        if settings.data_dir and (settings.data_dir / "mnist.npz").is_file():
            environment["DIGITLAB_DATA_DIR"] = str(settings.data_dir)
            DatasetLibrary(home / "datasets", settings.data_dir, settings.download_timeout).open("mnist")
        elif (settings.datasets / "mnist").is_dir():
            (home / "datasets").mkdir()
            (home / "datasets" / "mnist").symlink_to(settings.datasets / "mnist")
        elif needs_mnist:
            raise DatasetUnavailable(
                "This benchmark needs the real MNIST. Set DIGITLAB_DATA_DIR to the folder of mnist.npz, "
                "or start the app once where it can download it."
            )
        yield home, environment


def run_json(environment: dict[str, str], *arguments: str) -> Any:
    """Run `python -m ARGUMENTS` in a fresh process and return the JSON of its last line.

    Raises
    ------
    DigitLabError
        If it fails; the sentence holds the end of what it printed.
    """
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DigitLabError(f"`python -m {' '.join(arguments)}` failed: {done.stderr.strip()[-1_000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


@contextmanager
def running_app(*, needs_mnist: bool = False) -> Iterator[RunningApp]:
    """Serve app.py on a free port until the block ends."""
    with temporary_home(needs_mnist=needs_mnist) as (home, environment), serve(home, environment) as app:
        yield app


@contextmanager
def serve(home: Path, environment: dict[str, str]) -> Iterator[RunningApp]:
    """Serve app.py with this data folder until the block ends."""
    own = {name: value for name, value in environment.items() if name.startswith("DIGITLAB_")}
    with Served(ROOT / "app.py", home, own) as served:
        yield RunningApp(served.url, home, served.pid, environment)


def press_train(page: Page, app: RunningApp, store: RunStore, config: TrainingConfig) -> str:
    """Open the Train page with these settings, press Train and return the new run's id."""
    before = len(store.list_runs())
    page.goto(f"{app.url}/?{urlencode(to_query(config))}")
    page.get_by_role("button", name="Train", exact=True).click(timeout=_PAGE_PATIENCE)
    wait_until(lambda: len(store.list_runs()) > before, RUN_PATIENCE, "the page to create a run")
    return store.list_runs(limit=1)[0].id


def wait_until_finished(store: RunStore, run_id: str) -> Run:
    """Wait until a run has ended and return it.

    Raises
    ------
    DigitLabError
        If it ends in another way than finished.
    """
    wait_until(lambda: store.get(run_id).status.is_ended, RUN_PATIENCE, f"run {run_id} to end")
    run = store.get(run_id)
    if run.status is not RunStatus.FINISHED:
        raise DigitLabError(f"Run {run_id} ended as {run.status}: {run.message}")
    return run


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a headless Chromium; raise `DigitLabError` in words where there is none."""
    path = find_chromium()
    if path is None:
        raise DigitLabError(
            "This benchmark needs a Chromium. Install chromium or google-chrome, or run `make test` once."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
