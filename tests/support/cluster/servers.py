"""PostgreSQL and S3 together, in a folder that goes with them."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.cluster.object_store import ObjectStore
from tests.support.cluster.postgres import Postgres


@dataclass(frozen=True)
class Servers:
    """Both, started.

    Attributes
    ----------
    folder
        Where they keep what they hold, and their logs.
    """

    folder: Path
    database: Postgres
    objects: ObjectStore

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which Digit Lab uses them."""
        return {
            "DIGITLAB_DATABASE_URL": self.database.url,
            "DIGITLAB_ARTIFACT_URL": self.objects.url,
            **self.objects.environment,
        }


@contextmanager
def servers() -> Iterator[Servers]:
    """Start both for the block; what they held is gone with it.

    Raises
    ------
    CannotStart
        If one of them cannot be had on this machine; the message says why.
    """
    folder = Path(tempfile.mkdtemp(prefix="digitlab-cluster-"))
    try:
        folder.chmod(0o755)  # PostgreSQL may run as somebody else, in a folder of its own in here
        database, objects = Postgres(folder), ObjectStore(folder)
        try:
            database.start()
            objects.start()
            yield Servers(folder, database, objects)
        finally:
            objects.stop()
            database.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
