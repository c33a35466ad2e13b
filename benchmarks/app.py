"""What benchmarks start: the real app, a Chromium, the real MNIST."""

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

from playwright.sync_api import Browser, sync_playwright

from core.data.library import DatasetLibrary
from core.errors import DatasetUnavailable, DigitLabError
from core.settings import get_settings
from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.serve import ROOT, Served


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
    with temporary_home(needs_mnist=needs_mnist) as (home, environment):
        own = {name: value for name, value in environment.items() if name.startswith("DIGITLAB_")}
        with Served(ROOT / "app.py", home, own) as served:
            yield RunningApp(served.url, home, served.pid, environment)


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
