"""Start a Streamlit script for a browser test and take it down with all its children."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 90.0
STOP_TIMEOUT = 20.0
# For an app whose test needs no worker: the certificates of its scheduler are missing, so that nobody is
# waited for and no TensorFlow starts.
WITHOUT_WORKERS = {"DIGITLAB_SCHEDULER": "tls://127.0.0.1:9"}
# What Streamlit prints once it has the port.
_SERVES = "You can now view your Streamlit app"


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], timeout: float, what: str, every: float = 0.05) -> None:
    """Ask `condition` `every` so many seconds until it holds; `TimeoutError` says `what` was waited for."""
    pause = threading.Event()
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout:.0f} s for {what}")
        pause.wait(every)


class Served:
    """A Streamlit script in its own process group, with its own DIGITLAB_HOME.

    Attributes
    ----------
    url, pid, log
        Address without a trailing slash, process id of Streamlit, path of what it printed.
    """

    def __init__(
        self,
        script: Path,
        home: Path,
        environment: Mapping[str, str],
        port: int | None = None,
        *,
        serves_itself: bool | None = None,
    ):
        self._script = script
        # The app as `make run` starts it; other scripts know only how to be shown.
        self._serves_itself = script == ROOT / "app.py" if serves_itself is None else serves_itself
        self._home = home
        self._environment = environment
        self._port = port or free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        home.mkdir(parents=True, exist_ok=True)
        self.log = home / f"streamlit-{self._port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the Streamlit process."""
        assert self._process is not None
        return self._process.pid

    def log_text(self) -> str:
        """Return what Streamlit printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def __enter__(self) -> Self:
        """Start, and wait until Streamlit calls itself healthy."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITLAB_")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        # Each worker imports TensorFlow: those who want several say so.
        own = {"DIGITLAB_HOME": str(self._home), "DIGITLAB_WORKERS": "1", "PYTHONPATH": str(ROOT)}
        environment |= own | dict(self._environment)
        how = [] if self._serves_itself else ["-m", "streamlit", "run"]
        command = [sys.executable, *how, str(self._script)]
        options = {
            "server.port": str(self._port),
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        command += [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_until(self._healthy, START_TIMEOUT, f"{self._script.name} to be served")
        except BaseException as error:
            self.__exit__()
            raise RuntimeError(f"{error}; Streamlit printed:\n{self.log_text()}") from error
        return self

    def __exit__(self, *_: object) -> None:
        """Ask the process to end, then end its whole group."""
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_TIMEOUT)

    def _healthy(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"Streamlit ended at once with exit code {self._process.returncode}")
        if _SERVES not in self.log_text():
            return False  # another server may answer at this port
        try:
            with urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError, http.client.HTTPException):
            return False
