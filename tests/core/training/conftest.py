"""What the tests of core.training share: a small dataset, and a store whose runs learn it."""

from collections import OrderedDict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.config import TrainingConfig
from core.data.dataset import Dataset
from core.data.library import DatasetLibrary
from core.settings import get_settings
from core.store import Run, RunStore
from core.training import job
from core.training.engine import model, programs
from core.training.engine.model import ChunkedNetwork
from core.training.engine.programs import PROGRAMS
from tests.support.job_samples import Train
from tests.support.network_pool import POOL, Lending
from tests.support.store_samples import OTHER_ARTIFACTS, OTHER_DATABASE, empty_artifacts, empty_database
from tests.support.training_samples import TEST_IMAGES, TRAINING_IMAGES, put_small_dataset, small_catalog


@pytest.fixture(scope="session")
def dataset(strokes: dict[str, np.ndarray[Any, Any]]) -> Dataset:
    """The first pen strokes as a dataset of 600 training and 200 test images."""
    return Dataset(
        name="pen-strokes",
        train_images=strokes["train_images"][:TRAINING_IMAGES],
        train_labels=strokes["train_labels"][:TRAINING_IMAGES],
        test_images=strokes["test_images"][:TEST_IMAGES],
        test_labels=strokes["test_labels"][:TEST_IMAGES],
        class_names=tuple("0123456789"),
    )


@pytest.fixture
def store(home: Path, strokes: dict[str, np.ndarray[Any, Any]], monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The store of an empty home whose dataset cache holds `dataset`; on other servers if asked."""
    if OTHER_DATABASE and OTHER_ARTIFACTS:
        monkeypatch.setenv("DIGITLAB_DATABASE_URL", empty_database(home))
        monkeypatch.setenv("DIGITLAB_ARTIFACT_URL", empty_artifacts(home))
        get_settings.cache_clear()
    put_small_dataset(get_settings().datasets, strokes)
    monkeypatch.setattr(job, "DatasetLibrary", partial(DatasetLibrary, catalog=small_catalog()))
    return RunStore.from_settings(get_settings())


@pytest.fixture
def train(store: RunStore) -> Train:
    """Return a function that creates a run of a configuration and trains it to its end."""

    def start(config: TrainingConfig, on_progress: job.OnProgress | None = None) -> Run:
        run = store.create(config, workspace="red")
        job.train_run(run.id, on_progress=on_progress)
        return store.get(run.id)

    return start


@pytest.fixture(autouse=True, scope="session")
def _keep_all_programs() -> Iterator[None]:
    """Let a run reuse what one of any earlier test compiled: there are as many as tests have shapes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programs, "MAX_PROGRAMS", 100)
        yield


@pytest.fixture(autouse=True)
def lending(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lending]:
    """Let the next test have the networks of this one, those of its killed and failed runs too."""
    lending = Lending(PROGRAMS)
    monkeypatch.setattr(PROGRAMS, "take", lending.take)
    yield lending
    POOL.give_all_back()
    lending.give_all_back()


_NETWORKS_WITHOUT_XLA: OrderedDict[str, ChunkedNetwork] = OrderedDict()


@pytest.fixture(autouse=True)
def _without_xla(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train without XLA unless the test is marked `xla`: compiling takes most of a tiny training's time.

    Networks of both kinds are kept apart: within a test all runs are of one kind, so that their
    bits compare.
    """
    if request.node.get_closest_marker("xla") is None:
        monkeypatch.setattr(model, "COMPILES_WITH_XLA", False)
        monkeypatch.setattr(PROGRAMS, "_networks", _NETWORKS_WITHOUT_XLA)
