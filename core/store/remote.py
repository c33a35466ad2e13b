"""Object stores as a place for files: how they are reached, and what their errors mean."""

from pathlib import Path
from typing import Any

from fsspec.config import conf
from upath import UPath

_LOCAL_PROTOCOLS = frozenset({"", "file", "local"})
# These know no folders: a file's name has slashes in it. To "make" one would be to make the bucket.
_WITHOUT_FOLDERS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "r2"})
# A store that is away is told after seconds, where the client's own patience would hold up a training, or a
# page, for minutes. Whoever calls tries again.
_S3_CONFIG = {"connect_timeout": 5, "read_timeout": 20, "retries": {"total_max_attempts": 2}}
_OWN_OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": _S3_CONFIG},
    "s3a": {"config_kwargs": _S3_CONFIG},
}
# How the clients of object stores call it, wherever they have their classes from.
_NO_ANSWER = frozenset(
    {
        "ConnectionError",
        "HTTPClientError",
        "TimeoutError",
        "ClientConnectionError",
        "ServerTimeoutError",
        "ServiceRequestError",
        "ServiceResponseError",
    }
)


def open_place(artifacts: str, *names: str) -> UPath:
    """Return the path of a file or folder below `artifacts`, whatever kind of place that is.

    Raises
    ------
    ValueError, ImportError
        If there is no such kind of place, or its library is not installed.
    """
    top = UPath(artifacts)
    if top.protocol not in _LOCAL_PROTOCOLS:
        # What a listing said a moment ago is no answer: other processes write there.
        options = {**_OWN_OPTIONS.get(top.protocol, {}), "use_listings_cache": False}
        # What whoever runs this server has set is left as it is: the FSSPEC_* variables, ~/.config/fsspec.
        given = conf.get(top.protocol, {})
        top = UPath(artifacts, **{name: value for name, value in options.items() if name not in given})
    return top.joinpath(*names)


def is_remote(path: UPath) -> bool:
    """Tell whether a path is elsewhere than in a folder of this machine."""
    return path.protocol not in _LOCAL_PROTOCOLS


def read_whole(path: Path | UPath) -> bytes:
    """Return the content of a file as it was at one moment.

    Raises
    ------
    Exception
        `FileNotFoundError` if there is none; of an object store whatever its client raises.
    """
    if isinstance(path, UPath) and is_remote(path):
        # In one piece: `UPath.read_bytes` asks for the size first, and the file may be another one by then.
        content: bytes = path.fs.cat_file(path.path)
        return content
    return path.read_bytes()


def has_folders(path: UPath) -> bool:
    """Tell whether a folder must be made before there can be a file in it."""
    return path.protocol not in _WITHOUT_FOLDERS


def is_away(error: Exception) -> bool:
    """Tell whether an object store does not answer."""
    return any(kind.__name__ in _NO_ANSWER for kind in type(error).__mro__)
