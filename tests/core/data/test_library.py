"""DatasetLibrary: where a dataset comes from, and what is told meanwhile."""

import errno
import re
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.handwriting import mixture
from core.data.library import DatasetState
from core.data.pen_strokes import render as pen_strokes
from core.errors import DatasetCorrupt, DatasetUnavailable
from tests.support.dataset_samples import (
    ARRAYS,
    NPZ,
    PATIENCE,
    Server,
    assert_nothing_kept,
    assert_whole,
    await_state,
    draw,
    drawn_info,
    idx_info,
    keyed,
    make_arrays,
    make_library,
    mixed_info,
    mnist_of,
    npz_info,
    send_parts,
    to_npz,
    wait_until,
)

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


# Mixed with another one


def test_handwriting_gets_mnist_first_and_is_mixed_with_it(server: Server, tmp_path: Path) -> None:
    server.answers["/mnist.npz"] = NPZ
    told: list[tuple[float, str]] = []
    library = make_library(tmp_path, mnist_of(server), mixed_info())
    with pytest.raises(DatasetUnavailable, match="Handwriting is not on this machine yet"):
        library.open("handwriting")
    dataset = library.prepare("handwriting", lambda *now: told.append(now))
    expected = mixture.generate(library.open("mnist"), mixed_info().train_count)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(dataset, name), expected[name])
        assert not getattr(dataset, name).flags.writeable
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    sentences = [sentence.split(":")[0] for _, sentence in told]
    assert sentences.index("Downloading MNIST") < sentences.index("Writing digits")
    make_library(tmp_path, mnist_of(server), mixed_info()).open("handwriting")
    assert server.requests == ["/mnist.npz"]


def test_handwriting_without_mnist_says_what_is_missing(server: Server, tmp_path: Path) -> None:
    server.answers["/mnist.npz"] = 503
    library = make_library(tmp_path, mnist_of(server), mixed_info())
    library.start("handwriting")
    assert await_state(library, "handwriting", "unavailable").message == (
        "MNIST could not be downloaded (127.0.0.1 answered with error 503). "
        "Check the connection and try again, or use Pen strokes."
    )
    assert_nothing_kept(tmp_path)


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


def test_what_has_failed_is_begun_again_when_a_person_asks_or_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []

    def generate(*_: Any, **__: Any) -> None:
        drawn.append(1)
        raise OSError(errno.ENOSPC, "No space left on device")

    def start(**how: bool) -> int:
        library.start("pen-strokes", **how)
        await_state(library, "pen-strokes", "unavailable")
        return len(drawn)

    monkeypatch.setattr(pen_strokes, "generate", generate)
    library = make_library(tmp_path, drawn_info())
    assert start(is_asked=False) == 1
    assert [start(is_asked=False) for _ in range(3)] == [1, 1, 1]
    assert start() == 2
    monkeypatch.setattr("core.data.library.SECONDS_OF_REST", 0.0)
    assert start(is_asked=False) == 3


@pytest.mark.parametrize("name", ["", "letters", "../mnist"])
def test_an_unknown_name_is_refused(tmp_path: Path, name: str) -> None:
    library = make_library(tmp_path, npz_info(NPZ), drawn_info())
    for ask in (library.open, library.prepare, library.start, library.state):
        with pytest.raises(
            DatasetUnavailable, match=f"no dataset “{name}”. Choose one of: mnist, pen-strokes"
        ):
            ask(name)
