"""DatasetLibrary: opens datasets, and gets those that are not here yet."""

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.data.cache import DatasetCache, Marks
from core.data.catalog import CATALOG, DatasetInfo, SourceFile
from core.data.dataset import Dataset
from core.data.fetch import download
from core.data.verify import check_arrays, read_idx, read_npz
from core.errors import DatasetCorrupt, DatasetUnavailable, DigitLabError
from core.sentences import say

_log = logging.getLogger(__name__)

Report = Callable[[float, str], None]
Status = Literal["missing", "preparing", "ready", "unavailable"]

# Share of the progress bar; checking and storing take the rest.
_GETTING = 0.95
# Share of it for the dataset that another one is mixed with.
_BASE = 0.2
# What could not be made ready is not begun again by itself before.
SECONDS_OF_REST = 60.0


@dataclass(frozen=True)
class DatasetState:
    """How far a dataset is: `fraction` from 0 to 1, and a sentence for the page."""

    status: Status
    fraction: float
    message: str


class DatasetLibrary:
    """The datasets of one installation.

    All threads may use one library at a time, and any number of processes one folder.

    Parameters
    ----------
    folder
        Cache of ready datasets, one folder each.
    data_dir
        Where the user may have put `mnist.npz`, or the four files of Fashion-MNIST in
        `fashion-mnist/`. Looked at before any download; a damaged file there is refused,
        never silently replaced by a download.
    download_timeout
        Seconds without an answer after which a download is given up.
    catalog
        What can be opened, by name.
    """

    def __init__(
        self,
        folder: Path,
        data_dir: Path | None,
        download_timeout: float,
        *,
        catalog: Mapping[str, DatasetInfo] = CATALOG,
    ) -> None:
        self._cache = DatasetCache(folder)
        self._data_dir = data_dir
        self._download_timeout = download_timeout
        self._catalog = catalog
        self._guard = threading.Lock()  # of those below
        self._opened: dict[str, tuple[Marks, Dataset]] = {}
        self._states: dict[str, DatasetState] = {}
        self._failed_at: dict[str, float] = {}

    def open(self, name: str) -> Dataset:
        """Return a dataset that is on this machine, without network and without drawing.

        Takes microseconds once open, under a second where a local file has to be taken
        into the cache first. A damaged cache entry is made again from local files if
        they are there.

        Raises
        ------
        DatasetUnavailable
            If it has to be got first, or the name is unknown.
        DatasetCorrupt
            If the cached copy or the local file is damaged.
        StorageFull
            If there is no space to take the local file into the cache.
        """
        info = self._info(name)
        try:
            dataset = self._read(info)
        except DatasetCorrupt as error:
            if not self._all_local(info):
                raise
            _log.warning("%s", error)
            dataset = None
        if dataset is not None:
            return dataset
        if self._all_local(info):
            return self._make(info, _no_report)
        raise DatasetUnavailable(self._missing(info))

    def prepare(self, name: str, report: Report | None = None) -> Dataset:
        """Return a dataset, downloaded or drawn first if need be; blocks meanwhile.

        Parameters
        ----------
        report
            Called with the share done (0 to 1) and a sentence that says what is waited for.

        Raises
        ------
        DatasetUnavailable, DatasetCorrupt, StorageFull
            As `open`, and if it cannot be downloaded. A damaged cache entry is made anew.
        """
        info = self._info(name)
        try:
            dataset = self._read(info)
        except DatasetCorrupt as error:
            _log.warning("%s", error)
            dataset = None
        return dataset or self._make(info, report or _no_report)

    def start(self, name: str, *, is_asked: bool = True) -> None:
        """Begin `prepare` in the background; does nothing if it runs or the dataset is ready.

        Parameters
        ----------
        is_asked
            Whether a person wants it now. Otherwise, what has failed is left alone for a minute:
            a page that comes again and again must not draw 70,000 digits each time for a full disk.
        """
        info = self._info(name)
        if self._is_ready(info):
            return
        with self._guard:
            known = self._states.get(name)
            if known is not None and known.status == "preparing":
                return
            if not is_asked and time.monotonic() - self._failed_at.get(name, -math.inf) < SECONDS_OF_REST:
                return
            self._states[name] = DatasetState(
                "preparing", 0.0, say("Getting {title} ready.", title=info.title)
            )
        threading.Thread(target=self._run, args=(info,), name=f"prepare {name}", daemon=True).start()

    def state(self, name: str) -> DatasetState:
        """Tell how far a dataset is, in microseconds: pages ask twice a second."""
        info = self._info(name)
        if self._is_ready(info):
            sentence = say(
                "{title} is ready: {training} training and {test} test images.",
                title=info.title,
                training=f"{info.train_count:,}",
                test=f"{info.test_count:,}",
            )
            return DatasetState("ready", 1.0, sentence)
        with self._guard:
            known = self._states.get(name)
        return known or DatasetState("missing", 0.0, self._missing(info))

    def _info(self, name: str) -> DatasetInfo:
        try:
            return self._catalog[name]
        except KeyError:
            known = ", ".join(self._catalog)
            raise DatasetUnavailable(
                say("There is no dataset “{name}”. Choose one of: {known}.", name=name, known=known)
            ) from None

    def _run(self, info: DatasetInfo) -> None:
        def report(fraction: float, message: str) -> None:
            self._set_state(info, DatasetState("preparing", fraction, message))

        try:
            self.prepare(info.name, report)
        except DigitLabError as error:
            self._set_state(info, DatasetState("unavailable", 0.0, str(error)))
        except Exception as error:
            # Nobody waits for this thread: without a word the page would wait for ever.
            _log.exception("preparing %s failed", info.name)
            message = say(
                "{title} could not be made ready ({kind}: {problem}). Try again.",
                title=info.title,
                kind=type(error).__name__,
                problem=error,
            )
            self._set_state(info, DatasetState("unavailable", 0.0, message))
        else:
            with self._guard:
                self._states.pop(info.name, None)

    def _set_state(self, info: DatasetInfo, state: DatasetState) -> None:
        with self._guard:
            self._states[info.name] = state
            if state.status == "unavailable":
                self._failed_at[info.name] = time.monotonic()

    def _is_ready(self, info: DatasetInfo) -> bool:
        try:
            return self._read(info) is not None
        except DatasetCorrupt:
            return False  # `start` makes it anew

    def _read(self, info: DatasetInfo) -> Dataset | None:
        """Return the cached dataset; None if there is none; raise if it is damaged."""
        marks = self._cache.marks(info.name)
        if marks is None:
            return None
        with self._guard:
            known = self._opened.get(info.name)
        if known is not None and known[0] == marks:
            return known[1]
        dataset = self._cache.read(info)
        with self._guard:
            self._opened[info.name] = (marks, dataset)
        return dataset

    def _make(self, info: DatasetInfo, report: Report) -> Dataset:
        """Get the arrays from wherever they are, check them, store them, map them."""

        def on_wait() -> None:
            report(0.0, say("Waiting for another process that is getting {title} ready.", title=info.title))

        with self._cache.working_folder(info, on_wait) as work:
            try:
                finished_meanwhile = self._read(info)
            except DatasetCorrupt:
                finished_meanwhile = None
            if finished_meanwhile is not None:
                return finished_meanwhile
            arrays = self._generate(info, report) if info.is_generated else self._get(info, work, report)
            report(0.98, say("Storing {title}.", title=info.title))
            self._cache.write(info, arrays, work)
        dataset = self._read(info)
        if dataset is None:
            raise DatasetUnavailable(
                say("{title} was removed while it was stored. Try again.", title=info.title)
            )
        report(1.0, say("{title} is ready.", title=info.title))
        return dataset

    def _generate(self, info: DatasetInfo, report: Report) -> dict[str, NDArray[np.uint8]]:
        # Here, so that a process that only opens datasets does not load SciPy's filters.
        from core.data.handwriting import mixture
        from core.data.pen_strokes import render as pen_strokes

        def drawn(fraction: float, message: str) -> None:
            report(begun + (_GETTING - begun) * fraction, message)

        begun = 0.0
        if info.based_on:
            base = self.prepare(info.based_on, lambda fraction, message: report(_BASE * fraction, message))
            begun = _BASE
            arrays = mixture.generate(base, info.train_count, report=drawn)
        else:
            arrays = pen_strokes.generate(info.train_count, info.test_count, report=drawn)
        check_arrays(info, arrays, "made by core.data")
        return arrays

    def _get(self, info: DatasetInfo, work: Path, report: Report) -> dict[str, NDArray[np.uint8]]:
        """Read the published files, from the user's folder or else from the network."""
        total = sum(source.size for source in info.files)
        done = 0
        arrays: dict[str, NDArray[np.uint8]] = {}
        for source in info.files:

            def count(received: int, before: int = done) -> None:
                so_far = before + received
                sentence = say(
                    "Downloading {title}: {megabytes} of {total} MB.",
                    title=info.title,
                    megabytes=f"{so_far / 1e6:.1f}",
                    total=f"{total / 1e6:.1f}",
                )
                report(_GETTING * so_far / total, sentence)

            path = self._local(source)
            if path is None:
                path = download(info, source, work, self._download_timeout, count)
            done += source.size
            report(_GETTING * done / total, say("Checking {file}.", file=path.name))
            if len(source.arrays) == 1:
                arrays[source.arrays[0]] = read_idx(info, source, path)
            else:
                arrays |= read_npz(info, path)
        return arrays

    def _local(self, source: SourceFile) -> Path | None:
        if self._data_dir is None:
            return None
        path = self._data_dir / source.path
        # Unlike Path.exists, this is no error where a folder may not be entered.
        return path if os.path.exists(path) else None

    def _all_local(self, info: DatasetInfo) -> bool:
        return bool(info.files) and all(self._local(source) is not None for source in info.files)

    def _missing(self, info: DatasetInfo) -> str:
        if info.is_generated:
            return say(
                "{title} is not on this machine yet. Get it on the Train page: it is drawn by this program, "
                "which takes less than a minute.",
                title=info.title,
            )
        return say(
            "{title} is not on this machine yet. Get it on the Train page: it is downloaded once.",
            title=info.title,
        )


def _no_report(fraction: float, message: str) -> None:
    """Take the place of a report that nobody asked for."""
