"""Networks that many look at: read once, and no more of them kept than there is room for."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from core.errors import ModelError
from core.store.snapshot_cache import SnapshotCache
from core.store.snapshots import Weights

KILOBYTE = np.zeros(250, np.float32)


class Store:
    """Counts what is read; each network has a kilobyte."""

    def __init__(self) -> None:
        self.read: list[tuple[str, int]] = []
        self.version: str | None = None
        self.live_read = 0

    def weights_at(self, run_id: str, epoch: int) -> Weights:
        self.read.append((run_id, epoch))
        if epoch == 13:
            raise ModelError("Damaged.")
        return [KILOBYTE + np.float32(epoch)]

    def epochs_kept(self, run_id: str) -> list[int]:
        self.read.append((run_id, -1))
        return [0, 1]

    def live_stamp(self, run_id: str) -> str | None:
        return self.version

    def live_weights(self, run_id: str, newer_than: str | None = None) -> Any:
        if self.version in (None, newer_than):
            return None
        self.live_read += 1
        return self.version, self.live_read, [KILOBYTE]


def cache(store: Store, **options: Any) -> SnapshotCache:
    return SnapshotCache(store, **options)  # type: ignore[arg-type]


def test_thirty_viewers_read_a_file_once() -> None:
    store = Store()
    kept = cache(store, fresh_seconds=60)
    with ThreadPoolExecutor(30) as pool:
        found = list(pool.map(lambda _: kept.weights_at("a", 2)[0][0], range(30)))
        list(pool.map(lambda _: kept.epochs_kept("a"), range(30)))
    assert found == [2] * 30
    assert store.read == [("a", 2), ("a", -1)]


def test_the_networks_looked_at_least_recently_make_room() -> None:
    store = Store()
    kept = cache(store, most_bytes=2_500)
    for epoch in (1, 2, 1, 3, 1, 2):
        kept.weights_at("a", epoch)
    assert [epoch for _, epoch in store.read] == [1, 2, 3, 2]
    kept = cache(store, most_bytes=1)  # one that is too large is shown all the same
    assert kept.weights_at("a", 4)[0][0] == 4


def test_what_cannot_be_read_is_tried_again() -> None:
    store = Store()
    kept = cache(store)
    for _ in range(2):
        with pytest.raises(ModelError):
            kept.weights_at("a", 13)
    assert len(store.read) == 2


def test_live_weights_are_read_when_they_are_new_and_given_to_who_has_not_seen_them() -> None:
    store = Store()
    kept = cache(store, fresh_seconds=0)
    assert kept.live_weights("a") is None
    store.version = "one"
    first = kept.live_weights("a")
    assert first is not None
    assert kept.live_weights("a", first.version) is None
    assert kept.live_weights("a") == first  # another viewer
    assert store.live_read == 1
    store.version = "two"
    second = kept.live_weights("a", first.version)
    assert second is not None
    assert (second.version, second.step) == ("two", 2)
    store.version = None
    assert kept.live_weights("a") is None
