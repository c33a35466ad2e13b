"""DatasetLibrary: where a dataset comes from, what is told meanwhile, and who may come at once."""

import dataclasses
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data import pen_strokes
from core.data.catalog import DatasetInfo
from core.data.dataset import Dataset
from core.data.library import DatasetLibrary, DatasetState
from core.errors import DatasetCorrupt, DatasetUnavailable
from tests.core.dataset_samples import (
    ARRAYS,
    PATIENCE,
    Server,
    drawn_info,
    idx_info,
    keyed,
    make_arrays,
    npz_info,
    send_parts,
    to_npz,
    wait_until,
)

NPZ = to_npz(**keyed(make_arrays()))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "*")
    with Server().running() as running:
        running.answers["/mnist.npz"] = NPZ
        yield running


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def make_library(
    tmp_path: Path, *catalog: DatasetInfo, data_dir: Path | None = None, timeout: float = PATIENCE
) -> DatasetLibrary:
    return DatasetLibrary(
        tmp_path / "cache", data_dir, timeout, catalog={info.name: info for info in catalog}
    )


def mnist_of(server: Server) -> DatasetInfo:
    return npz_info(NPZ, server.url + "/mnist.npz")


def assert_whole(dataset: Dataset) -> None:
    for name, expected in make_arrays().items():
        np.testing.assert_array_equal(getattr(dataset, name), expected)


def assert_nothing_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert [path.name for path in cache.iterdir() if path.suffix != ".lock"] == []


def await_state(library: DatasetLibrary, name: str, status: str) -> DatasetState:
    wait_until(lambda: library.state(name).status == status)
    return library.state(name)


# From the network


def test_prepare_downloads_once_and_reports(server: Server, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    library = make_library(tmp_path, mnist_of(server))
    assert library.state("mnist").status == "missing"
    assert_whole(library.prepare("mnist", lambda *now: told.append(now)))
    assert server.requests == ["/mnist.npz"]
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any(message.startswith("Downloading MNIST: ") for _, message in told)

    assert library.prepare("mnist") is library.open("mnist")
    later = make_library(tmp_path, mnist_of(server))
    assert later.state("mnist") == DatasetState(
        "ready", 1.0, "MNIST is ready: 60 training and 20 test images."
    )
    assert_whole(later.open("mnist"))
    assert server.requests == ["/mnist.npz"]


def test_fashion_comes_in_four_files(server: Server, tmp_path: Path) -> None:
    info, contents = idx_info(server.url + "/")
    server.answers |= {f"/{filename}": content for filename, content in contents.items()}
    assert_whole(make_library(tmp_path, info).prepare("fashion-mnist"))
    assert sorted(server.requests) == sorted(f"/{filename}" for filename in contents)


def test_open_never_touches_the_network(server: Server, tmp_path: Path) -> None:
    library = make_library(tmp_path, mnist_of(server), drawn_info())
    with pytest.raises(DatasetUnavailable, match="MNIST is not on this machine yet"):
        library.open("mnist")
    with pytest.raises(DatasetUnavailable, match="Pen strokes is not on this machine yet"):
        library.open("pen-strokes")
    assert server.requests == []


def test_a_wrong_download_leaves_nothing_that_is_used(server: Server, tmp_path: Path) -> None:
    server.answers["/mnist.npz"] = NPZ[:-1]
    library = make_library(tmp_path, mnist_of(server))
    with pytest.raises(DatasetCorrupt, match=r"mnist\.npz that came from"):
        library.prepare("mnist")
    assert_nothing_kept(tmp_path)
    assert library.state("mnist").status == "missing"


def test_start_shows_progress_and_asks_only_once(server: Server, tmp_path: Path) -> None:
    may_go_on = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        half = len(NPZ) // 2
        send_parts(handler, len(NPZ), [NPZ[:half], NPZ[half:]], lambda: may_go_on.wait(PATIENCE))

    server.answers["/mnist.npz"] = answer
    library = make_library(tmp_path, mnist_of(server))
    library.start("mnist")
    wait_until(lambda: "Downloading MNIST" in library.state("mnist").message)
    library.start("mnist")
    half_way = library.state("mnist")
    assert half_way.status == "preparing"
    wait_until(lambda: 0 < library.state("mnist").fraction < 1)
    assert re.fullmatch(r"Downloading MNIST: 0\.\d of 0\.\d MB\.", half_way.message)
    may_go_on.set()
    assert await_state(library, "mnist", "ready").fraction == 1.0
    library.start("mnist")
    assert_whole(library.open("mnist"))
    assert server.requests == ["/mnist.npz"]


def test_without_network_one_sentence_and_a_second_try(server: Server, tmp_path: Path) -> None:
    server.answers["/mnist.npz"] = 503
    library = make_library(tmp_path, mnist_of(server))
    library.start("mnist")
    state = await_state(library, "mnist", "unavailable")
    assert state.message == (
        "MNIST could not be downloaded (127.0.0.1 answered with error 503). "
        "Check the connection and try again, or use Pen strokes."
    )
    assert state.fraction == 0.0
    assert_nothing_kept(tmp_path)

    server.answers["/mnist.npz"] = NPZ
    library.start("mnist")
    await_state(library, "mnist", "ready")
    assert_whole(library.open("mnist"))


def test_a_server_that_hangs_makes_it_unavailable(server: Server, tmp_path: Path) -> None:
    server.answers["/mnist.npz"] = lambda handler: server.released.wait(PATIENCE)
    library = make_library(tmp_path, mnist_of(server), timeout=0.3)
    library.start("mnist")
    state = await_state(library, "mnist", "unavailable")
    assert "(no answer from 127.0.0.1 in 0.3 s)" in state.message
    assert_nothing_kept(tmp_path)


# From the user's folder


def test_a_local_file_is_taken_before_the_network(server: Server, tmp_path: Path, data_dir: Path) -> None:
    (data_dir / "mnist.npz").write_bytes(NPZ)
    library = make_library(tmp_path, mnist_of(server), data_dir=data_dir)
    assert_whole(library.open("mnist"))
    assert server.requests == []
    # From now on the cache is enough.
    (data_dir / "mnist.npz").unlink()
    assert_whole(make_library(tmp_path, mnist_of(server), data_dir=data_dir).open("mnist"))


def test_a_local_file_is_judged_by_its_arrays(tmp_path: Path, data_dir: Path) -> None:
    np.savez(data_dir / "mnist.npz", **keyed(make_arrays()))  # not compressed: another SHA-256
    assert (data_dir / "mnist.npz").read_bytes() != NPZ
    assert_whole(make_library(tmp_path, npz_info(NPZ), data_dir=data_dir).open("mnist"))


@pytest.mark.parametrize(
    "content", [NPZ[:1000], to_npz(**keyed({**make_arrays(), "test_labels": np.zeros(20, np.uint8)}))]
)
def test_a_damaged_local_file_is_refused_and_not_replaced_from_the_network(
    server: Server, tmp_path: Path, data_dir: Path, content: bytes
) -> None:
    path = data_dir / "mnist.npz"
    path.write_bytes(content)
    library = make_library(tmp_path, mnist_of(server), data_dir=data_dir)
    for get in (library.open, library.prepare):
        with pytest.raises(DatasetCorrupt, match=re.escape(f"The file {path} is not used as MNIST: ")):
            get("mnist")
    library.start("mnist")
    assert str(path) in await_state(library, "mnist", "unavailable").message
    assert server.requests == []
    assert_nothing_kept(tmp_path)

    path.write_bytes(NPZ)
    library.start("mnist")
    await_state(library, "mnist", "ready")


def test_fashion_takes_the_files_that_are_there_and_downloads_the_others(
    server: Server, tmp_path: Path, data_dir: Path
) -> None:
    info, contents = idx_info(server.url + "/")
    server.answers |= {f"/{filename}": content for filename, content in contents.items()}
    folder = data_dir / "fashion-mnist"
    folder.mkdir()
    for name in ARRAYS[:3]:
        (folder / f"{name}.gz").write_bytes(contents[f"{name}.gz"])
    library = make_library(tmp_path, info, data_dir=data_dir)
    with pytest.raises(DatasetUnavailable, match="Fashion-MNIST is not on this machine yet"):
        library.open("fashion-mnist")
    assert_whole(library.prepare("fashion-mnist"))
    assert server.requests == ["/test_labels.gz"]


def test_fashion_opens_from_four_local_files(tmp_path: Path, data_dir: Path) -> None:
    info, contents = idx_info()
    (data_dir / "fashion-mnist").mkdir()
    for filename, content in contents.items():
        (data_dir / "fashion-mnist" / filename).write_bytes(content)
    assert_whole(make_library(tmp_path, info, data_dir=data_dir).open("fashion-mnist"))


# Drawn by the program


def draw(counts: list[tuple[int, int]]) -> Callable[..., Any]:
    """Stand in for the real drawing, which has tests of its own."""

    def generate(
        train_count: int, test_count: int, *, report: Callable[[float, str], None], **_: Any
    ) -> dict[str, Any]:
        counts.append((train_count, test_count))
        report(0.5, "Drawing digits: half done.")
        return make_arrays(train_count, test_count)

    return generate


def test_pen_strokes_are_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[tuple[int, int]] = []
    monkeypatch.setattr(pen_strokes, "generate", draw(counts))
    told: list[tuple[float, str]] = []
    assert_whole(make_library(tmp_path, drawn_info()).prepare("pen-strokes", lambda *now: told.append(now)))
    assert (pytest.approx(0.475), "Drawing digits: half done.") in told
    assert_whole(make_library(tmp_path, drawn_info()).prepare("pen-strokes"))
    assert counts == [(60, 20)]


def test_the_real_pen_strokes_fit_the_library(tmp_path: Path) -> None:
    dataset = make_library(tmp_path, drawn_info()).prepare("pen-strokes")
    expected = pen_strokes.generate(60, 20)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(dataset, name), expected[name])


def test_a_fault_of_the_program_does_not_leave_the_page_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def generate(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(pen_strokes, "generate", generate)
    library = make_library(tmp_path, drawn_info())
    library.start("pen-strokes")
    state = await_state(library, "pen-strokes", "unavailable")
    assert state.message == "Pen strokes could not be made ready (ZeroDivisionError: a fault). Try again."
    assert_nothing_kept(tmp_path)


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


@pytest.mark.parametrize("name", ["", "letters", "../mnist"])
def test_an_unknown_name_is_refused(tmp_path: Path, name: str) -> None:
    library = make_library(tmp_path, npz_info(NPZ), drawn_info())
    for ask in (library.open, library.prepare, library.start, library.state):
        with pytest.raises(
            DatasetUnavailable, match=f"no dataset “{name}”. Choose one of: mnist, pen-strokes"
        ):
            ask(name)


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
    monkeypatch.setattr("core.data.lock._lock", lambda descriptor, on_wait: False)
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
from tests.core.dataset_samples import npz_info
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
