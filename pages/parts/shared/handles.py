"""The long-lived things all sessions share.

What a process may have but one of is kept by `once`: Streamlit's caches are emptied by a message that
any browser can send. Those hold what is only costly to make anew, and stay in this one file:
everything in `core` is plain Python.
"""

import gc
import logging
import threading
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from core.data.dataset import Dataset
from core.data.library import DatasetLibrary
from core.errors import DigitLabError, JobError
from core.evaluation.scores import Evaluation, evaluate, score
from core.figures.charts.curves import Ghost, ghost_of
from core.inside.pictures import FixedPictures
from core.inside.pictures import fixed_pictures as fixed_pictures_of
from core.inside.viewers import Viewers
from core.inside.watching import InsideWatcher
from core.once import kept, once
from core.settings import Settings, get_settings
from core.store import RunStore
from core.store.files import ONNX_FILE, PROBABILITIES_FILE
from core.store.snapshot_cache import SnapshotCache
from core.store.watching import Watcher
from pages.parts.shared.language import _

if TYPE_CHECKING:
    from core.experiments.conductors import Conductor
    from core.experiments.driver import Driver
    from core.inside.history import Sample
    from core.jobs.dispatcher import Jobs
    from core.prediction.lessons import Learnt
    from core.prediction.network import Network

_log = logging.getLogger(__name__)

# How long to wait before opening a database again that could not be opened.
_RETRY_SECONDS = 5.0


def settings() -> Settings:
    """Return the checked DIGITLAB_* settings."""
    return get_settings()


def store() -> RunStore:
    """Return the store of runs."""
    return _store(settings())


def watcher() -> Watcher:
    """Return what reads the runs on show once for all who look at them."""
    return _watcher(store())


@lru_cache(maxsize=1)  # no browser's message empties it, as it does Streamlit's caches
def _watcher(opened: RunStore) -> Watcher:
    return Watcher(opened, runs=128)  # some who compare twenty each do not take them from each other


def inside_watcher() -> InsideWatcher:
    """Return what reads the networks that are looked into once for all who look."""
    return _inside_watcher(store())


@lru_cache(maxsize=1)  # as `_watcher`
def _inside_watcher(opened: RunStore) -> InsideWatcher:
    return InsideWatcher(opened)


@once
def inside_viewers() -> Viewers:
    """Return who looks into networks at present."""
    return Viewers()


def fixed_pictures(dataset: str) -> FixedPictures:
    """Return the test images by which networks of a dataset are looked at.

    Raises
    ------
    DatasetUnavailable, DatasetCorrupt, StorageFull
        As `DatasetLibrary.open` does.
    """
    return _fixed_pictures(library().open(dataset))


@lru_cache(maxsize=4)
def _fixed_pictures(dataset: Dataset) -> FixedPictures:
    return fixed_pictures_of(dataset)


def snapshots() -> SnapshotCache:
    """Return what reads the networks of runs on show once for all who look at them."""
    return _snapshots(store())


@lru_cache(maxsize=1)
def _snapshots(opened: RunStore) -> SnapshotCache:
    return SnapshotCache(opened)


def library() -> DatasetLibrary:
    """Return the dataset library, with MNIST already on its way in the background."""
    return _library(settings())


def jobs() -> "Jobs":
    """Return the training workers; they start in the background."""
    return _jobs(settings())


def places() -> int:
    """Return how many runs train at a time; starts no workers, and asks none."""
    up = sum(started.places() for started in kept(_jobs))
    return up or settings().workers


def driver() -> "Driver":
    """Return what looks after experiments: wake it when one was made or asked for something."""
    return _driver(settings())


def start_workers() -> None:
    """Have the workers started in the background, and tried again until they can be; returns at once."""
    _starter(settings())


def stop_workers() -> None:
    """Stop the workers that this process has started, if any, and let go of the experiments."""
    for driving in kept(_driver):
        driving.close()
    for started in kept(_jobs):
        started.close()


@once
def _store(current: Settings) -> RunStore:
    return RunStore.from_settings(current)


@once
def _library(current: Settings) -> DatasetLibrary:
    datasets = DatasetLibrary(current.datasets, current.data_dir, current.download_timeout)
    datasets.start("mnist")
    return datasets


@once
def _jobs(current: Settings) -> "Jobs":
    from core.jobs.dispatcher import Jobs  # Dask, after the first page is shown

    opened = _store(current)
    _spare_what_stays()
    return Jobs(current, opened)


@once
def _driver(current: Settings) -> "Driver":
    from core.experiments.driver import Driver  # with the workers, after the first page is shown

    workers = _jobs(current)
    conductors = {"study": _study_conductor}
    driving = Driver(_store(current), places, _hand_over, conductors)
    workers.listen(driving.wake)
    driving.start()
    return driving


def _study_conductor(opened: RunStore) -> "Conductor":
    from core.search.conductor import StudyConductor  # Optuna, for those who search

    return StudyConductor(opened)


def _hand_over(run_id: str) -> None:
    # Without workers at present it waits for them.
    with suppress(JobError):
        jobs().submit(run_id)


@once
def _starter(current: Settings) -> threading.Thread:
    thread = threading.Thread(target=_start_until_it_works, args=(current,), name="starter", daemon=True)
    thread.start()
    return thread


def _start_until_it_works(current: Settings) -> None:
    pause = threading.Event()
    while True:
        try:
            _driver(current)
        except DigitLabError as error:
            _log.warning("the workers cannot be started yet: %s", error)
            pause.wait(_RETRY_SECONDS)
        else:
            return


def _spare_what_stays() -> None:
    """Take the modules out of the garbage collector's sight, now that all are imported.

    Python looks through everything only once there is a quarter more than the last time. Beside a
    hundred megabytes of modules that took very many sessions, whose garbage stayed meanwhile; beside
    next to nothing it takes a few, and there is little to look through.
    """
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False, max_entries=8)
def network(run_id: str, finished_at: datetime | None) -> "Network":
    """Return the trained network of a run; `finished_at` tells one that was trained further."""
    from core.prediction.network import Network  # 20 MB of ONNX Runtime, for those who draw

    return Network(store().artifact(run_id, ONNX_FILE))


@st.cache_resource(show_spinner=False, max_entries=4)
def network_file(run_id: str, finished_at: datetime | None) -> bytes:
    """Return the ONNX file of a run; `finished_at` as for `network`."""
    return store().artifact(run_id, ONNX_FILE)


@st.cache_resource(show_spinner=False, max_entries=64)
def learnt(run_id: str, finished_at: datetime | None) -> "Learnt | None":
    """Return what an ended run has learnt from drawings, None if it was taught none."""
    from core.prediction.lessons import learnt_by

    lesson = store().lesson(run_id)
    if lesson is None:
        return None
    return learnt_by(network(run_id, finished_at), lesson, store().get(run_id).test_accuracy)


@st.cache_resource(show_spinner=False, max_entries=512)
def ghost(run_id: str, name: str, version: int) -> Ghost:
    """Return an ended run as it stands behind later ones; `version` is that of its curve."""
    return ghost_of(name, store().curve(run_id))


@st.cache_resource(show_spinner=False, max_entries=1)
def ready_made_network() -> "Network":
    """Return the network that comes with Digit Lab."""
    from core.prediction import ready_made

    return ready_made.ready_made_network()


@st.cache_resource(show_spinner=False, max_entries=1)
def ready_made_file() -> bytes:
    """Return the ONNX file of the network that comes with Digit Lab."""
    from core.prediction import ready_made

    return ready_made.ready_made_file()


def ready_made_evaluation() -> tuple[Dataset, Evaluation]:
    """Return what the network that comes with Digit Lab is tested on, and its scores there."""
    from core.prediction import ready_made

    dataset = library().open(ready_made.DATASET)
    with st.spinner(_("Counting right and wrong…")):
        return dataset, _ready_made_evaluation()


@st.cache_resource(show_spinner=False, max_entries=1)
def _ready_made_evaluation() -> Evaluation:
    from core.prediction import ready_made

    dataset = library().open(ready_made.DATASET)
    probabilities = ready_made.read_all(ready_made_network(), dataset.test_images)
    return Evaluation(probabilities, score(probabilities, dataset.test_labels))


def evaluation(run_id: str, dataset: str, finished_at: datetime | None) -> Evaluation:
    """Return the test scores of an ended run; `finished_at` tells a run that went on afterwards."""
    with st.spinner(_("Counting right and wrong…")):
        return _evaluation(run_id, dataset, finished_at)


@st.cache_resource(show_spinner=False, max_entries=8)
def _evaluation(run_id: str, dataset: str, finished_at: datetime | None) -> Evaluation:
    labels = library().open(dataset).test_labels
    return evaluate(store().artifact(run_id, PROBABILITIES_FILE), labels)


def epoch_evaluation(run_id: str, dataset: str, epoch: int) -> Evaluation:
    """Return the test scores of a run at a kept epoch; these never change."""
    with st.spinner(_("Reading the test images as it read them then…")):
        return _epoch_evaluation(run_id, dataset, epoch)


# At most 64 results of 10,000 images: 26 MB.
@st.cache_resource(show_spinner=False, max_entries=64)
def _epoch_evaluation(run_id: str, dataset: str, epoch: int) -> Evaluation:
    from core.evaluation.epochs import evaluate_weights  # SciPy, for those who look back

    images = library().open(dataset)
    config = store().get(run_id).config
    return evaluate_weights(
        config, snapshots().weights_at(run_id, epoch), images.test_images, images.test_labels
    )


# At most 256 samples of 100 KB, 220 KB with six hidden layers: 56 MB.
@st.cache_resource(show_spinner=False, max_entries=256)
def network_sample(run_id: str, dataset: str, epoch: int) -> "Sample":
    """Return some numbers of a run's network at a kept epoch; these never change."""
    from core.inside.history import sample_network

    config = store().get(run_id).config
    return sample_network(config, snapshots().weights_at(run_id, epoch), fixed_pictures(dataset))
