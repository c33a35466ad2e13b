"""Small datasets and a small web server for the tests of core.data."""

import gzip
import hashlib
import io
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.catalog import DatasetInfo, SourceFile
from core.data.dataset import Dataset
from core.data.library import DatasetLibrary, DatasetState

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
KEYS = ("x_train", "y_train", "x_test", "y_test")
TRAIN_COUNT = 60
TEST_COUNT = 20
PATIENCE = 30.0  # seconds after which a test gives up waiting


def make_arrays(train_count: int = TRAIN_COUNT, test_count: int = TEST_COUNT) -> dict[str, NDArray[np.uint8]]:
    """Random images and labels, always the same."""
    rng = np.random.default_rng(7)
    return {
        "train_images": rng.integers(0, 256, (train_count, 28, 28), np.uint8),
        "train_labels": rng.integers(0, 10, train_count, np.uint8),
        "test_images": rng.integers(0, 256, (test_count, 28, 28), np.uint8),
        "test_labels": rng.integers(0, 10, test_count, np.uint8),
    }


def to_idx(array: NDArray[np.uint8]) -> bytes:
    """The IDX format as its author describes it: 0, 0, type 8, rank, big-endian sizes, bytes."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(struct.pack(">I", size) for size in array.shape)
    return header + array.tobytes()


def to_npz(**arrays: Any) -> bytes:
    """Bytes of an npz file; keys as keras.datasets.mnist has them."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def keyed(arrays: dict[str, Any]) -> dict[str, Any]:
    """The same arrays under the keys of mnist.npz."""
    return dict(zip(KEYS, (arrays[name] for name in ARRAYS), strict=True))


def npz_info(content: bytes, url: str = "http://127.0.0.1:9/mnist.npz", **changes: Any) -> DatasetInfo:
    """A little MNIST whose one file has this content."""
    source = SourceFile("mnist.npz", url, hashlib.sha256(content).hexdigest(), len(content), ARRAYS)
    values: dict[str, Any] = {
        "name": "mnist",
        "title": "MNIST",
        "description": "",
        "class_names": tuple("0123456789"),
        "licence": "",
        "files": (source,),
        "train_count": TRAIN_COUNT,
        "test_count": TEST_COUNT,
        "idx_md5": {name: hashlib.md5(to_idx(array)).hexdigest() for name, array in make_arrays().items()},
    }
    return DatasetInfo(**{**values, **changes})


def idx_info(url: str = "http://127.0.0.1:9/") -> tuple[DatasetInfo, dict[str, bytes]]:
    """A little Fashion-MNIST of four compressed IDX files, and these files by name."""
    contents = {f"{name}.gz": gzip.compress(to_idx(array)) for name, array in make_arrays().items()}
    files = tuple(
        SourceFile(
            f"fashion-mnist/{filename}",
            url + filename,
            hashlib.sha256(content).hexdigest(),
            len(content),
            (filename.removesuffix(".gz"),),
        )
        for filename, content in contents.items()
    )
    return npz_info(b"", name="fashion-mnist", title="Fashion-MNIST", files=files, idx_md5={}), contents


def drawn_info() -> DatasetInfo:
    """A little set of pen strokes."""
    return npz_info(b"", name="pen-strokes", title="Pen strokes", files=(), idx_md5={})


def mixed_info() -> DatasetInfo:
    """A little set of handwriting, mixed with the little MNIST."""
    return npz_info(
        b"",
        name="handwriting",
        title="Handwriting",
        files=(),
        idx_md5={},
        based_on="mnist",
        train_count=TRAIN_COUNT + 40,
    )


def wait_until(condition: Callable[[], bool]) -> None:
    """Return as soon as `condition` holds; fail if it never does."""
    tick = threading.Event()
    for _ in range(int(PATIENCE / 0.005)):
        if condition():
            return
        tick.wait(0.005)
    raise AssertionError("what the test waits for did not happen")


class Server:
    """A web server on this machine; each address is answered by a function of the test's.

    `answers` maps a path to bytes, to a status code, or to a function that is given the
    request handler. `requests` lists the paths asked for.
    """

    def __init__(self) -> None:
        self.answers: dict[str, bytes | int | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.requests: list[str] = []
        # Set at the end, so that no handler waits for ever.
        self.released = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append(self.path)
                answer = server.answers[self.path]
                if callable(answer):
                    answer(self)
                elif isinstance(answer, int):
                    self.send_error(answer)
                else:
                    send_parts(self, len(answer), [answer])

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @contextmanager
    def running(self) -> Iterator["Server"]:
        self._thread.start()
        try:
            yield self
        finally:
            self.released.set()
            self._http.shutdown()
            self._http.server_close()


def send_parts(
    handler: BaseHTTPRequestHandler,
    length: int,
    parts: Sequence[bytes],
    between: Callable[[], object] = lambda: None,
) -> None:
    """Answer with a promised length and these parts, doing something between them."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()
    for number, part in enumerate(parts):
        if number:
            between()
        try:
            handler.wfile.write(part)
            handler.wfile.flush()
        except OSError:
            return  # the other side has given up, as some tests want


def make_library(
    tmp_path: Path, *catalog: DatasetInfo, data_dir: Path | None = None, timeout: float = PATIENCE
) -> DatasetLibrary:
    """A library whose cache is in `tmp_path` and that knows only these datasets."""
    return DatasetLibrary(
        tmp_path / "cache", data_dir, timeout, catalog={info.name: info for info in catalog}
    )


NPZ = to_npz(**keyed(make_arrays()))


def mnist_of(server: Server) -> DatasetInfo:
    """A little MNIST that is downloaded from this server."""
    return npz_info(NPZ, server.url + "/mnist.npz")


def assert_whole(dataset: Dataset) -> None:
    """Every pixel and label is as `make_arrays` made it."""
    for name, expected in make_arrays().items():
        np.testing.assert_array_equal(getattr(dataset, name), expected)


def assert_nothing_kept(tmp_path: Path) -> None:
    """No entry and no temporary folder is in the cache."""
    cache = tmp_path / "cache"
    assert [path.name for path in cache.iterdir() if path.suffix != ".lock"] == []


def await_state(library: DatasetLibrary, name: str, status: str) -> DatasetState:
    """Return the state as soon as it has this status."""
    wait_until(lambda: library.state(name).status == status)
    return library.state(name)


def draw(counts: list[tuple[int, int]]) -> Callable[..., Any]:
    """Stand in for the real drawing, which has tests of its own."""

    def generate(
        train_count: int, test_count: int, *, report: Callable[[float, str], None], **_: Any
    ) -> dict[str, Any]:
        counts.append((train_count, test_count))
        report(0.5, "Drawing digits: half done.")
        return make_arrays(train_count, test_count)

    return generate
