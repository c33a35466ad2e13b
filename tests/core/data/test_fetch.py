"""Downloads: whole and checked, or one sentence and no file."""

import errno
import os
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pooch
import pytest

from core.data.catalog import DatasetInfo
from core.data.fetch import download
from core.errors import DatasetCorrupt, DatasetUnavailable
from tests.support.dataset_samples import PATIENCE, Server, npz_info, send_parts

CONTENT = os.urandom(200_000)
HALF = len(CONTENT) // 2
SHORT = 0.3  # seconds; what is long enough for a server that never answers
LONG = PATIENCE


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "*")
    with Server().running() as running:
        yield running


def info_of(server: Server) -> DatasetInfo:
    return npz_info(CONTENT, server.url + "/mnist.npz")


def fetch(info: DatasetInfo, folder: Path, timeout: float) -> Path:
    return download(info, info.files[0], folder, timeout, lambda received: None)


def test_a_file_comes_whole_and_its_progress_is_told(server: Server, tmp_path: Path) -> None:
    half_told = threading.Event()
    told: list[int] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        send_parts(handler, len(CONTENT), [CONTENT[:HALF], CONTENT[HALF:]], lambda: half_told.wait(PATIENCE))

    def report(received: int) -> None:
        told.append(received)
        if 0 < received < len(CONTENT):
            half_told.set()

    server.answers["/mnist.npz"] = answer
    info = info_of(server)
    path = download(info, info.files[0], tmp_path, LONG, report)
    assert path == tmp_path / "mnist.npz"
    assert path.read_bytes() == CONTENT
    assert half_told.is_set()
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)


def test_a_file_with_another_checksum_is_refused_by_name(server: Server, tmp_path: Path) -> None:
    server.answers["/mnist.npz"] = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    with pytest.raises(DatasetCorrupt, match=r"mnist\.npz that came from 127\.0\.0\.1 .* SHA-256"):
        fetch(info_of(server), tmp_path, LONG)
    assert list(tmp_path.iterdir()) == []


def told_after_timeout(seconds: float) -> str:
    return re.escape(
        f"MNIST could not be downloaded (no answer from 127.0.0.1 in {seconds:g} s). "
        "Check the connection and try again, or use Pen strokes."
    )


def test_a_server_that_never_answers_is_given_up(server: Server, tmp_path: Path) -> None:
    server.answers["/mnist.npz"] = lambda handler: server.released.wait(PATIENCE)
    with pytest.raises(DatasetUnavailable, match=told_after_timeout(SHORT)):
        fetch(info_of(server), tmp_path, SHORT)
    assert not (tmp_path / "mnist.npz").exists()


def test_a_server_that_falls_silent_half_way_is_given_up(server: Server, tmp_path: Path) -> None:
    server.answers["/mnist.npz"] = lambda handler: send_parts(
        handler, len(CONTENT), [CONTENT[:HALF], CONTENT[HALF:]], lambda: server.released.wait(PATIENCE)
    )
    with pytest.raises(DatasetUnavailable, match=told_after_timeout(SHORT)):
        fetch(info_of(server), tmp_path, SHORT)
    assert not (tmp_path / "mnist.npz").exists()


def test_a_wait_that_no_socket_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up the server's name may hang, and each of its addresses has a time-out of its own."""
    looked_up = threading.Event()
    ended: list[BaseException | None] = []

    def retrieve(url: str, *, downloader: Any, **_: Any) -> None:
        looked_up.wait(PATIENCE)
        try:
            downloader.progressbar.update(1)  # the data come after all, too late
        except Exception as error:
            ended.append(error)
            raise
        finally:
            ended.append(None)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    try:
        with pytest.raises(DatasetUnavailable, match=told_after_timeout(SHORT)):
            fetch(npz_info(CONTENT), tmp_path, SHORT)
    finally:
        looked_up.set()
    for thread in threading.enumerate():
        if thread.name == "download mnist.npz":
            thread.join(PATIENCE)
    assert len(ended) == 2  # the late transfer was ended, not finished


def test_a_connection_that_breaks_off_is_told(server: Server, tmp_path: Path) -> None:
    server.answers["/mnist.npz"] = lambda handler: send_parts(handler, len(CONTENT), [CONTENT[:HALF]])
    with pytest.raises(DatasetUnavailable, match=r"\(the connection to 127\.0\.0\.1 broke off\)"):
        fetch(info_of(server), tmp_path, LONG)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [404, 503])
def test_an_error_of_the_server_is_told(server: Server, tmp_path: Path, code: int) -> None:
    server.answers["/mnist.npz"] = code
    with pytest.raises(DatasetUnavailable, match=rf"\(127\.0\.0\.1 answered with error {code}\)"):
        fetch(info_of(server), tmp_path, LONG)
    assert list(tmp_path.iterdir()) == []


def test_no_server_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    # Bound but not listening: nobody answers at this port, and nobody else can take it.
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/mnist.npz"
        with pytest.raises(DatasetUnavailable, match=r"\(127\.0\.0\.1 cannot be reached\). Check the"):
            fetch(npz_info(CONTENT, url), tmp_path, LONG)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_not_taken_for_a_bad_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def retrieve(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(OSError, match="No space left") as failure:
        fetch(npz_info(CONTENT), tmp_path, LONG)
    assert failure.value.errno == errno.ENOSPC
