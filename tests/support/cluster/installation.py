"""All of an installation but the app: servers, scheduler, workers; this process has its variables."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from fsspec import get_filesystem_class

from core.settings import VARIABLE_PREFIX, get_settings
from tests.support.cluster.dask_cluster import DaskCluster
from tests.support.cluster.servers import Servers, servers


@dataclass(frozen=True)
class Installation:
    """Started servers and workers.

    Attributes
    ----------
    environment
        The variables with which an app uses all of them.
    """

    servers: Servers
    dask: DaskCluster
    environment: dict[str, str]


@contextmanager
def installation(workers: int, variables: Mapping[str, str]) -> Iterator[Installation]:
    """Start all for the block, in which this process has the variables of an app there and no other ones.

    Parameters
    ----------
    variables
        For workers and app alike: where images lie.

    Raises
    ------
    CannotStart
        If a server cannot be had on this machine.
    """
    with servers() as started:
        dask = DaskCluster(started.folder, {**variables, **started.environment}, workers)
        environment = {**variables, **started.environment, **dask.environment}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(VARIABLE_PREFIX)}
        try:
            with patch.dict(os.environ, kept | environment, clear=True):
                _forget()
                dask.start()
                yield Installation(started, dask, environment)
        finally:
            _forget()
            dask.stop()


def _forget() -> None:
    """Have what this process knows of its variables read anew: settings, and where the S3 server is."""
    get_settings.cache_clear()
    get_filesystem_class("s3").clear_instance_cache()
