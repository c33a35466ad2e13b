"""The results of runs as files that are known to be what was written: each has its checksum noted.

A network whose file is damaged may still load and then read digits differently, without a word.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, delete, insert, select
from upath import UPath

from core.errors import ModelError
from core.sentences import say
from core.store.database import Database
from core.store.files import check_run_id, explain, remove, run_folder, write_atomically
from core.store.queries import lock_run
from core.store.remote import open_place, read_whole
from core.store.tables import artifacts, runs

_CHOOSE_ANOTHER = say("Choose another run, or train this one again.")


class RunArtifacts:
    """The part of `RunStore` that keeps the files of results and gives them back."""

    _database: Database
    _artifacts: str

    def keep(self, run_id: str, name: str, data: bytes) -> None:
        """Write a file of a run, in place of an earlier one of that name, and note its checksum.

        A writer that dies at any moment leaves a file that will be read: the earlier one
        or this one. So until the new file is there, both their checksums are noted.

        Raises
        ------
        StorageFull
            If no space is left; the earlier file is kept.
        RunNotFound, StoreError
        """
        folder = run_folder(self._artifacts, run_id)
        checksum = _checksum(data)
        earlier = self._noted(run_id, name)
        if earlier:  # one without a checksum is of before there were any, and is read as it is
            self._note(run_id, name, [checksum, *earlier], len(data))
        write_atomically(folder / name, data)
        self._note(run_id, name, [checksum], len(data))

    def artifact(self, run_id: str, name: str) -> bytes:
        """Return a file of a run as it was kept.

        Raises
        ------
        ModelError
            If it is not there any more, or is not what was written.
        RunNotFound
            If `run_id` cannot be the id of a run.
        StoreError
            If it cannot be read.
        """
        path = open_place(self._artifacts, check_run_id(run_id), name)
        # Between the look at the checksums and that at the file, another one may have been kept.
        for _ in range(2):
            noted = self._noted(run_id, name)
            data = _read(path)
            if not noted or _checksum(data) in noted:
                return data
        raise ModelError(
            say(
                "The file {file} of this run is damaged: it is not what was written at the end of "
                "its training. {advice}",
                file=name,
                advice=_CHOOSE_ANOTHER,
            )
        )

    def has_artifact(self, run_id: str, name: str) -> bool:
        """Tell whether a file of this name was ever kept of a run, whatever has become of it."""
        return bool(self._noted(check_run_id(run_id), name))

    @contextmanager
    def _files_of_new(
        self, run_id: str, noted: Mapping[str, bytes | None], others: Mapping[str, bytes] | None = None
    ) -> Iterator[Connection]:
        """Write the files of a run that is to be made within, in a transaction; without it they are gone.

        Parameters
        ----------
        noted
            By name; their checksums are noted. None for one that it has not.
        others
            Those that it writes anew itself.
        """
        kept = {name: data for name, data in noted.items() if data is not None}
        files = kept | dict(others or {})
        is_made = False
        try:
            for name, data in files.items():
                write_atomically(run_folder(self._artifacts, run_id) / name, data)
            with self._database.transaction(write=True, alone=True) as connection:
                yield connection
                made = connection.execute(select(runs.c.id).where(runs.c.id == run_id)).first() is not None
                for name, data in kept.items() if made else ():
                    _insert(connection, run_id, name, [_checksum(data)], len(data))
            is_made = made
        finally:
            if files and not is_made:
                remove(self._artifacts, run_id)

    def _noted(self, run_id: str, name: str) -> list[str]:
        query = select(artifacts.c.sha256).where(artifacts.c.run_id == run_id, artifacts.c.name == name)
        with self._database.transaction() as connection:
            return (connection.execute(query).scalar() or "").split()

    def _note(self, run_id: str, name: str, checksums: list[str], size: int) -> None:
        with self._database.transaction(write=True) as connection:
            lock_run(connection, run_id)  # a worker that comes back late may keep the same file
            connection.execute(
                delete(artifacts).where(artifacts.c.run_id == run_id, artifacts.c.name == name)
            )
            _insert(connection, run_id, name, checksums, size)


def _insert(connection: Connection, run_id: str, name: str, checksums: list[str], size: int) -> None:
    connection.execute(
        insert(artifacts).values(run_id=run_id, name=name, sha256=" ".join(checksums), size=size)
    )


def _checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read(path: UPath) -> bytes:
    try:
        return read_whole(path)
    except FileNotFoundError as error:
        raise ModelError(
            say(
                "The file {file} of this run is not there any more. {advice}",
                file=path.name,
                advice=_CHOOSE_ANOTHER,
            )
        ) from error
    except Exception as error:  # each object store has classes of its own
        raise explain(error, path, is_read=True) from error
