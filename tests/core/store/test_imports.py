"""Networks from elsewhere as runs of the store: within what the server allows, and never trained further."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.bring_back.network import read_network
from core.config import TrainingConfig
from core.errors import LimitExceeded
from core.settings import Settings
from core.store import Request, Run, RunStatus, RunStore
from core.store.files import BROUGHT_FILE, ONNX_FILE, runs_files
from core.store.shelf import LONGEST_NAME
from tests.support.keras_files import keras_file
from tests.support.store_samples import empty_artifacts, empty_database

BROUGHT = read_network(keras_file(), 10_000)
CONFIG = BROUGHT.network.config("pen-strokes")
FILE = BROUGHT.file(1.0)
LIMITS = Settings(max_waiting_seconds_per_workspace=6, max_parameters=10_000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


def ended(store: RunStore) -> Run:
    run = store.bring(CONFIG, FILE, workspace="red", name="theirs " * 40)
    claim = store.claim(run.id, "worker")
    store.keep(run.id, ONNX_FILE, b"a network")
    return claim.finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.3)


def test_its_file_is_kept_and_it_waits_for_a_worker_like_any_other(store: RunStore) -> None:
    run = store.bring(CONFIG, FILE, workspace="red", name="theirs " * 40)
    assert (run.imported, run.status, run.config) == (True, RunStatus.QUEUED, CONFIG)
    assert run.name is not None
    assert len(run.name) == LONGEST_NAME
    assert store.artifact(run.id, BROUGHT_FILE) == FILE
    assert [one.id for one in store.queue()] == [run.id]
    assert store.ask(run.id, Request.STOP).status is RunStatus.STOPPED


def test_what_is_too_much_for_this_server_is_refused_and_leaves_nothing(store: RunStore) -> None:
    small = LIMITS.model_copy(update={"max_parameters": 9_000})
    with pytest.raises(LimitExceeded, match="9,550 parameters"):
        store.bring(CONFIG, FILE, workspace="red", limits=small)
    assert not runs_files(store.artifacts)
    store.bring(CONFIG, FILE, workspace="red", limits=LIMITS)
    with pytest.raises(LimitExceeded, match="a browser"):
        store.bring(CONFIG, FILE, workspace="red", limits=LIMITS)
    assert len(runs_files(store.artifacts)) == 1


def test_it_is_never_trained_further_and_no_run_is_named_by_it(store: RunStore) -> None:
    first = store.create(TrainingConfig(), workspace="red")
    run = ended(store)
    assert store.extend(run.id, 20) == run
    last = store.create(TrainingConfig(), workspace="red")
    assert store.runs_before([last.id])[last.id].id == first.id
