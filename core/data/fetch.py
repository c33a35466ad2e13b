"""One file from the network: with progress, a time limit and a checksum, or not at all."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from core.data.catalog import DatasetInfo, SourceFile
from core.errors import DataError, DatasetCorrupt, DatasetUnavailable
from core.sentences import say

# Small, because less than one chunk in `timeout` seconds counts as no answer.
_CHUNK = 16 * 1024
_REPORT_EVERY = 0.1  # seconds

# pooch logs full paths at every download; the page tells what matters.
pooch.get_logger().setLevel(logging.WARNING)


class _GivenUpError(Exception):
    """Ends a transfer that nobody waits for any more."""


class _Transfer:
    """What pooch takes for a progress bar: counts bytes and can end the transfer."""

    def __init__(self) -> None:
        self.total = 0
        self.received = 0
        self.heard_at = time.monotonic()
        self.given_up = False
        self.error: Exception | None = None
        self.done = threading.Event()

    def update(self, count: int) -> None:
        if self.given_up:
            raise _GivenUpError
        self.received += count
        self.heard_at = time.monotonic()

    def reset(self) -> None:
        self.received = 0

    def close(self) -> None:
        """Nothing to tidy up; pooch calls it."""

    def run(self, source: SourceFile, folder: Path, timeout: float) -> None:
        # Asked as it is: a server that compresses on the way would spoil checksum and progress.
        headers = {"Accept-Encoding": "identity"}
        downloader = pooch.HTTPDownloader(
            progressbar=self, chunk_size=_CHUNK, timeout=timeout, headers=headers
        )
        try:
            pooch.retrieve(
                source.url,
                known_hash=f"sha256:{source.sha256}",
                fname=source.filename,
                path=folder,
                downloader=downloader,
            )
        except Exception as error:  # carried over to the thread that waits
            self.error = error
        finally:
            self.done.set()


def download(
    info: DatasetInfo,
    source: SourceFile,
    folder: Path,
    timeout: float,
    report: Callable[[int], None],
) -> Path:
    """Download `source` into `folder` and return its path.

    The timeouts of sockets are not enough: names are resolved without one, and each of
    a server's addresses gets its own. So the transfer runs in a thread of its own, and
    this one gives it up after `timeout` seconds without news.

    Parameters
    ----------
    folder
        A temporary folder of the caller's, removed by it whatever happens.
    timeout
        Seconds without an answer, or without further data, after which to give up.
    report
        Called with the number of bytes received so far, about ten times a second.

    Raises
    ------
    DatasetUnavailable
        If the server cannot be reached, does not answer in time or breaks off.
    DatasetCorrupt
        If what came is not the file with the SHA-256 of the catalogue.
    OSError
        If the file cannot be written.
    """
    transfer = _Transfer()
    threading.Thread(
        target=transfer.run, args=(source, folder, timeout), name=f"download {source.filename}", daemon=True
    ).start()
    while not transfer.done.wait(min(_REPORT_EVERY, timeout)):
        if time.monotonic() - transfer.heard_at > timeout:
            transfer.given_up = True
            raise _unavailable(
                info, say("no answer from {host} in {seconds} s", host=_host(source), seconds=f"{timeout:g}")
            )
        report(min(transfer.received, source.size))
    if transfer.error is not None:
        if (failure := _translate(info, source, transfer.error, timeout)) is None:
            raise transfer.error
        raise failure from transfer.error
    report(source.size)
    return folder / source.filename


def _translate(info: DatasetInfo, source: SourceFile, error: Exception, timeout: float) -> DataError | None:
    """Return the error to raise instead; None for what has nothing to do with the network."""
    host = _host(source)
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _unavailable(
            info, say("{host} answered with error {number}", host=host, number=error.response.status_code)
        )
    # A time-out in the middle of the data arrives as a ConnectionError with those words.
    if isinstance(error, requests.Timeout) or "Read timed out" in str(error):
        return _unavailable(
            info, say("no answer from {host} in {seconds} s", host=host, seconds=f"{timeout:g}")
        )
    if isinstance(error, requests.exceptions.SSLError):
        return _unavailable(info, say("no secure connection to {host}", host=host))
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return _unavailable(info, say("the connection to {host} broke off", host=host))
    if isinstance(error, requests.RequestException):
        return _unavailable(info, say("{host} cannot be reached", host=host))
    if isinstance(error, ValueError):  # pooch's word for a wrong checksum
        return DatasetCorrupt(
            say(
                "The file {file} that came from {host} is not used as {title}: its SHA-256 is not "
                "that of the original. It was deleted; try again later, or use Pen strokes.",
                file=source.filename,
                host=host,
                title=info.title,
            )
        )
    return None


def _unavailable(info: DatasetInfo, reason: str) -> DatasetUnavailable:
    return DatasetUnavailable(
        say(
            "{title} could not be downloaded ({reason}). Check the connection and try again, or "
            "use Pen strokes.",
            title=info.title,
            reason=reason,
        )
    )


def _host(source: SourceFile) -> str:
    return urlsplit(source.url).hostname or source.url
