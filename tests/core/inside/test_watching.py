"""Networks that are looked into: read once for all, and let go where there is no room."""

import numpy as np

from core.inside.watching import InsideWatcher
from tests.support.inside_samples import FakeSource, layered, noise_pictures, random_weights

CONFIG = layered(40)
PICTURES = noise_pictures()


def test_what_is_not_newer_is_not_read_again() -> None:
    source = FakeSource(live=("one", 10, random_weights(CONFIG)))
    watcher = InsideWatcher(source, fresh_seconds=0)
    first = watcher.look("run", CONFIG, PICTURES)
    assert first is not None
    assert (first.step, first.epoch) == (10, None)
    assert watcher.look("run", CONFIG, PICTURES) is first
    assert source.read == 1
    source.live = ("two", 20, random_weights(CONFIG, 1))
    second = watcher.look("run", CONFIG, PICTURES)
    assert second is not None
    assert second.step == 20
    assert source.read == 2


def test_within_a_moment_nobody_asks_again() -> None:
    source = FakeSource(live=("one", 10, random_weights(CONFIG)))
    watcher = InsideWatcher(source, fresh_seconds=3_600)
    first = watcher.look("run", CONFIG, PICTURES)
    source.live = ("two", 20, random_weights(CONFIG, 1))
    assert watcher.look("run", CONFIG, PICTURES) is first


def test_of_a_run_that_has_ended_the_last_epoch_is_shown() -> None:
    source = FakeSource(live=("one", 10, random_weights(CONFIG)))
    watcher = InsideWatcher(source, fresh_seconds=0)
    watcher.look("run", CONFIG, PICTURES)
    source.epochs = {0: random_weights(CONFIG, 2), 3: random_weights(CONFIG, 3)}
    last = watcher.look("run", CONFIG, PICTURES, is_finished=True)
    assert last is not None
    assert (last.step, last.epoch) == (None, 3)
    assert watcher.look("run", CONFIG, PICTURES, is_finished=True) is last
    before = watcher.look("run", CONFIG, PICTURES, epoch=0)
    assert before is not None
    np.testing.assert_array_equal(before.reading.layers[0].kernel, source.epochs[0][0])


def test_a_run_without_weights_has_nothing_to_show() -> None:
    assert InsideWatcher(FakeSource()).look("run", CONFIG, PICTURES) is None


def test_units_keep_their_places_over_updates_of_one_picture() -> None:
    weights = random_weights(CONFIG)
    source = FakeSource(live=("one", 10, weights))
    watcher = InsideWatcher(source, fresh_seconds=0)
    seen = watcher.look("run", CONFIG, PICTURES)
    assert seen is not None
    before = seen.draw(PICTURES.ten[0])
    assert seen.draw(PICTURES.ten[0]) is before
    changed = [array * np.float32(1.2) for array in weights]
    source.live = ("two", 20, changed)
    seen = watcher.look("run", CONFIG, PICTURES)
    assert seen is not None
    assert seen.draw(PICTURES.ten[0]).choice == before.choice
    assert seen.draw(PICTURES.ten[0]) is not before


def test_those_looked_at_least_recently_are_let_go() -> None:
    size = random_weights(CONFIG)[0].nbytes
    source = FakeSource(epochs={epoch: random_weights(CONFIG, epoch) for epoch in range(5)})
    watcher = InsideWatcher(source, most_bytes=3 * size)
    for epoch in range(5):
        watcher.look("run", CONFIG, PICTURES, epoch)
    assert source.read == 5
    watcher.look("run", CONFIG, PICTURES, 4)
    assert source.read == 5
    watcher.look("run", CONFIG, PICTURES, 0)
    assert source.read == 6
