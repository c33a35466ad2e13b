"""One cache for all: damage is noticed and mended, and many may come at once."""

import dataclasses
import errno
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest

from core.data.library import DatasetLibrary
from core.data.pen_strokes import render as pen_strokes
from core.errors import DatasetCorrupt
from tests.support.dataset_samples import (
    ARRAYS,
    NPZ,
    PATIENCE,
    Server,
    assert_whole,
    await_state,
    draw,
    drawn_info,
    make_arrays,
    make_library,
    mnist_of,
    npz_info,
    send_parts,
)

ROOT = Path(__file__).resolve().parents[3]


# The cache


def damage_cache(tmp_path: Path, name: str) -> Path:
    path = tmp_path / "cache" / name / "train_images.npy"
    path.write_bytes(path.read_bytes()[:-100])
    return path


def test_a_damaged_cache_is_refused_then_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[tuple[int, int]] = []
    monkeypatch.setattr(pen_strokes, "generate", draw(counts))
    library = make_library(tmp_path, drawn_info())
    library.prepare("pen-strokes")
    path = damage_cache(tmp_path, "pen-strokes")

    # Both the library that had it open and a new one notice.
    for reader in (library, make_library(tmp_path, drawn_info())):
        with pytest.raises(DatasetCorrupt, match=re.escape(str(path))):
            reader.open("pen-strokes")
        assert reader.state("pen-strokes").status == "missing"

    assert_whole(library.prepare("pen-strokes"))
    assert library.state("pen-strokes").status == "ready"
    assert counts == [(60, 20), (60, 20)]


def test_start_rebuilds_a_damaged_cache(server: Server, tmp_path: Path) -> None:
    library = make_library(tmp_path, mnist_of(server))
    library.prepare("mnist")
    damage_cache(tmp_path, "mnist")
    library.start("mnist")
    await_state(library, "mnist", "ready")
    assert_whole(library.open("mnist"))
    assert server.requests == ["/mnist.npz"] * 2


def test_open_mends_a_damaged_cache_from_the_local_file(tmp_path: Path, data_dir: Path) -> None:
    (data_dir / "mnist.npz").write_bytes(NPZ)
    library = make_library(tmp_path, npz_info(NPZ), data_dir=data_dir)
    library.open("mnist")
    damage_cache(tmp_path, "mnist")
    assert_whole(library.open("mnist"))


def test_a_good_cache_is_used_beside_a_damaged_local_file(tmp_path: Path, data_dir: Path) -> None:
    (data_dir / "mnist.npz").write_bytes(NPZ)
    make_library(tmp_path, npz_info(NPZ), data_dir=data_dir).open("mnist")
    (data_dir / "mnist.npz").write_bytes(NPZ[:100])
    assert_whole(make_library(tmp_path, npz_info(NPZ), data_dir=data_dir).open("mnist"))


def test_all_readers_share_one_read_only_copy(tmp_path: Path, data_dir: Path) -> None:
    (data_dir / "mnist.npz").write_bytes(NPZ)
    library = make_library(tmp_path, npz_info(NPZ), data_dir=data_dir)
    first = library.open("mnist")
    assert library.open("mnist") is first
    for name in ARRAYS:
        assert isinstance(getattr(first, name), np.memmap)
        assert not getattr(first, name).flags.writeable


# Several at once


def test_two_threads_get_one_download(server: Server, tmp_path: Path) -> None:
    """With one library or two, as two processes have: the second waits and takes what the first made."""
    second_waits = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        second_waits.wait(PATIENCE)
        send_parts(handler, len(NPZ), [NPZ])

    def report(fraction: float, message: str) -> None:
        if message.startswith("Waiting for another process"):
            second_waits.set()

    server.answers["/mnist.npz"] = answer
    libraries = [make_library(tmp_path, mnist_of(server)) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(library.prepare, "mnist", report) for library in libraries]
        for result in results:
            assert_whole(result.result(PATIENCE))
    assert second_waits.is_set()
    assert server.requests == ["/mnist.npz"]


def test_many_at_once_without_locks(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network folder may have no locks: work is done twice, but nobody is disturbed."""

    def refuse(_descriptor: int, **_options: object) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("core.data.lock.lock_descriptor", refuse)
    both_there = threading.Barrier(2)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        both_there.wait(PATIENCE)
        send_parts(handler, len(NPZ), [NPZ])

    server.answers["/mnist.npz"] = answer
    libraries = [make_library(tmp_path, mnist_of(server)) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        for dataset in pool.map(lambda library: library.prepare("mnist"), libraries):
            assert_whole(dataset)
    assert server.requests == ["/mnist.npz"] * 2
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()] == ["mnist"]


PROCESS = """
import sys
from pathlib import Path
from core.data.library import DatasetLibrary
from tests.support.dataset_samples import npz_info
folder, data_dir = Path(sys.argv[1]), Path(sys.argv[2])
info = npz_info((data_dir / "mnist.npz").read_bytes())
library = DatasetLibrary(folder, data_dir, 10.0, catalog={"mnist": info})
print("here", flush=True)
sys.stdin.readline()
print(int(library.prepare("mnist").train_images.sum(dtype="int64")))
"""


def test_two_processes_take_the_same_file_in(tmp_path: Path, data_dir: Path) -> None:
    (data_dir / "mnist.npz").write_bytes(NPZ)
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "cache"), str(data_dir)]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
    expected = str(int(make_arrays()["train_images"].sum(dtype="int64")))
    # Both are let go before either is waited for.
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output, errors = process.communicate(timeout=PATIENCE)
        assert (output.strip(), process.returncode) == (expected, 0), errors
    assert_whole(make_library(tmp_path, npz_info(NPZ)).open("mnist"))


@pytest.mark.mnist
def test_the_real_mnist_is_ready_after_open(tmp_path: Path, mnist_source: Path | None) -> None:
    if mnist_source is None:
        pytest.skip("the file mnist.npz is needed: set DIGITLAB_DATA_DIR to its folder")
    library = DatasetLibrary(tmp_path / "cache", mnist_source, 10.0)
    assert library.open("mnist").train_images.shape == (60_000, 28, 28)
    assert library.state("mnist").message == "MNIST is ready: 60,000 training and 10,000 test images."

    other = dataclasses.replace(npz_info(NPZ), train_count=60_000, test_count=10_000)
    with pytest.raises(DatasetCorrupt, match="contents of train_images differ"):
        DatasetLibrary(tmp_path / "other", mnist_source, 10.0, catalog={"mnist": other}).open("mnist")
