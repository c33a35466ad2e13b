"""What tests share: a data folder of their own, the real MNIST, a small set of pen strokes."""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import DataError
from core.settings import VARIABLE_PREFIX, get_settings
from core.store import migration
from tests.support.copied_schema import CopiedSchema, real_upgrade

# Kept before any test changes them: where this machine may have the real MNIST.
_OWN_DATA_DIR = os.environ.get(f"{VARIABLE_PREFIX}DATA_DIR")
_OWN_HOME = os.environ.get(f"{VARIABLE_PREFIX}HOME")

STROKES_TRAINING = 2_000
STROKES_TEST = 500


def pytest_collection_finish() -> None:
    """Take the thousands of tests out of what is looked through for garbage, and look at all less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(700, 10, 100)


def forget_settings(patch: pytest.MonkeyPatch) -> None:
    """Take every DIGITLAB_* variable away and forget the settings read from them."""
    for name in list(os.environ):
        if name.startswith(VARIABLE_PREFIX):
            patch.delenv(name)
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for this test session; inside DIGITLAB_HOME where that is set, which is left as it was."""
    if not _OWN_HOME:
        yield tmp_path_factory.mktemp("session")
        return
    base = Path(_OWN_HOME).expanduser().absolute()
    base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tests-", dir=base, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True, scope="session")
def _away_from_the_users_data(session_folder: Path) -> Iterator[None]:
    # A test that forgets to ask for `home` must not write into ~/.digitlab.
    with pytest.MonkeyPatch.context() as patch:
        forget_settings(patch)
        patch.setenv(f"{VARIABLE_PREFIX}HOME", str(session_folder / "home"))
        yield
    get_settings.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def _empty_databases_get_their_schema_at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migration, "_upgrade", CopiedSchema().upgrade)
        yield


@pytest.fixture
def real_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every database of this test brought up to date by the migrations themselves."""
    monkeypatch.setattr(migration, "_upgrade", real_upgrade)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty DIGITLAB_HOME for one test; no other DIGITLAB_* variable is set."""
    forget_settings(monkeypatch)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv(f"{VARIABLE_PREFIX}HOME", str(folder))
    yield folder
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def mnist_source() -> Path | None:
    """The folder with the real mnist.npz that DIGITLAB_DATA_DIR named when the session began."""
    if not _OWN_DATA_DIR:
        return None
    folder = Path(_OWN_DATA_DIR).expanduser().absolute()
    return folder if (folder / "mnist.npz").is_file() else None


@pytest.fixture(scope="session")
def mnist(session_folder: Path, mnist_source: Path | None) -> Any:
    """The real MNIST as a `core.data` Dataset; the test is skipped where it cannot be had."""
    from core.data.library import DatasetLibrary

    own_cache = Path(_OWN_HOME).expanduser() / "datasets" if _OWN_HOME else None
    if mnist_source is None and not (own_cache and own_cache.is_dir()):
        pytest.skip("the real MNIST is needed: set DIGITLAB_DATA_DIR to the folder of mnist.npz")
    cache = session_folder / "home" / "datasets" if mnist_source else own_cache
    assert cache is not None
    try:
        return DatasetLibrary(cache, mnist_source, 10.0).open("mnist")
    except DataError as error:
        pytest.skip(f"the real MNIST is needed: {error}")


@pytest.fixture(scope="session")
def strokes(session_folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    """A small set of pen strokes: uint8 arrays train_images, train_labels, test_images, test_labels."""
    from core.data.pen_strokes.render import generate

    folder = session_folder / "strokes"
    names = ("train_images", "train_labels", "test_images", "test_labels")
    folder.mkdir(exist_ok=True)
    for name, array in generate(STROKES_TRAINING, STROKES_TEST, seed=0, processes=1).items():
        np.save(folder / f"{name}.npy", array)
    # Read-only maps, as the app has them: a test that writes into them fails.
    return {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in names}
