"""A program that runs beside this process, and ends with it whatever ends it."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.support.serve import ROOT, wait_until

START_SECONDS = 60.0
STOP_SECONDS = 20.0
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
# Servers that refuse to run as root run as this one, who may do nothing.
_NOBODY = "nobody"


class CannotStart(Exception):
    """A server cannot be had on this machine; the message says why."""


def lesser_user() -> str | None:
    """Return whom a server runs as that refuses to be root; None where this process is not root."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam(_NOBODY).pw_name
    raise CannotStart(f"PostgreSQL does not run as root, and there is no user {_NOBODY!r}")


class Server:
    """A program with its log; as a context manager it is there for the block.

    Parameters
    ----------
    command
        Program and arguments.
    log
        Where what it prints goes; starting it again appends.
    is_ready
        Asked until it says so; must not take long.
    user
        Whom it runs as, if not as who starts it.
    end_with
        The signal that asks it to end.
    end_at_once
        The signal that it gets when this process has been killed.

    Raises
    ------
    CannotStart
        By `start`, if it ends instead, or is not ready in time.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        is_ready: Callable[[], bool],
        *,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        end_with: signal.Signals = signal.SIGTERM,
        end_at_once: signal.Signals = signal.SIGKILL,
        folder: Path = ROOT,
    ) -> None:
        self._command = [str(part) for part in command]
        self._log = log
        self._is_ready = is_ready
        self._environment = {**os.environ, **(environment or {})}
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._user, self._folder = user, folder
        self._end_with, self._end_at_once = end_with, end_at_once
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def log_text(self) -> str:
        """Return what it has printed so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def start(self) -> Self:
        """Start it and wait until it is ready."""
        self.launch()
        try:
            wait_until(self._look, START_SECONDS, f"{Path(self._command[0]).name} to be ready")
        except BaseException as error:
            self.kill()
            if isinstance(error, TimeoutError | CannotStart):
                raise CannotStart(f"{error}; it printed:\n{self.log_text()[-2_000:]}") from error
            raise
        return self

    def launch(self) -> None:
        """Start it and do not wait: `start` calls this, and who starts several at a time."""
        with self._log.open("ab") as output:
            try:
                self._process = subprocess.Popen(
                    self._command,
                    cwd=self._folder,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl+C is for who started it, who then ends it in order
                    preexec_fn=_end_with_parent(self._end_at_once),
                    **(_as_user(self._user) if self._user else {}),
                )
            except OSError as error:
                raise CannotStart(f"{self._command[0]} cannot be started: {error}") from error

    def ask_to_end(self) -> None:
        """Tell it to end and do not wait: who stops several at a time."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(self._end_with)

    def stop(self) -> None:
        """Ask it to end, wait, and see to it."""
        if self._process is None:
            return
        self.ask_to_end()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it and all that it has started, at once."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _look(self) -> bool:
        if not self.is_running:
            assert self._process is not None
            raise CannotStart(f"{self._command[0]} ended at once with exit code {self._process.returncode}")
        return self._is_ready()


def run(command: Sequence[str | Path], *, user: str | None = None, folder: Path = ROOT) -> str:
    """Run a program to its end and return what it printed.

    Raises
    ------
    CannotStart
        If there is no such program, or it fails.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=START_SECONDS,
            check=True,
            **(_as_user(user) if user else {}),
        )
    except subprocess.CalledProcessError as error:
        raise CannotStart(f"{command[0]} failed:\n{error.stdout}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotStart(f"{command[0]}: {error}") from error
    return str(done.stdout)


def _as_user(name: str) -> dict[str, Any]:
    found = pwd.getpwnam(name)
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def _end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a child calls so that the system sends it a signal when its parent has gone."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return lambda: library.prctl(_SET_DEATH_SIGNAL, int(number), 0, 0, 0)
