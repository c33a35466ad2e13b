"""The long-lived things all sessions share, made once per process.

Streamlit's caches stay in this one file: everything in `core` is plain Python.
"""

import gc
from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from core.data.library import DatasetLibrary
from core.evaluation.scores import Evaluation, evaluate
from core.settings import Settings, get_settings
from core.store import RunStore
from core.store.files import ONNX_FILE, PROBABILITIES_FILE

if TYPE_CHECKING:
    from core.jobs.cluster import Jobs
    from core.prediction.network import Network


def settings() -> Settings:
    """Return the checked DIGITLAB_* settings."""
    return get_settings()


@st.cache_resource(show_spinner="Opening the database…")
def store() -> RunStore:
    """Return the store of runs."""
    return RunStore.from_settings(settings())


@st.cache_resource(show_spinner=False)
def library() -> DatasetLibrary:
    """Return the dataset library, with MNIST already on its way in the background."""
    current = settings()
    datasets = DatasetLibrary(current.datasets, current.data_dir, current.download_timeout)
    datasets.start("mnist")
    return datasets


@st.cache_resource(show_spinner=False)
def jobs() -> "Jobs":
    """Return the training workers; they start in the background."""
    from core.jobs.cluster import Jobs  # Dask, after the first page is shown

    _spare_what_stays()
    return Jobs(settings(), store())


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


@st.cache_resource(show_spinner="Counting right and wrong…", max_entries=8)
def evaluation(run_id: str, dataset: str, finished_at: datetime | None) -> Evaluation:
    """Return the test scores of an ended run; `finished_at` tells a run that went on afterwards."""
    labels = library().open(dataset).test_labels
    return evaluate(store().artifact(run_id, PROBABILITIES_FILE), labels)
