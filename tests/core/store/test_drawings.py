"""Drawings with labels: kept once, a third held back, bounded, deleted with a way back, swept."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from core.errors import LimitExceeded, PictureError
from core.settings import Settings
from core.store import NewDrawing, RunStore
from core.store.drawings import LONGEST_STROKES
from core.store.retention import Removed, sweep
from core.store.tables import drawings
from tests.support.store_samples import CONFIG, empty_artifacts, empty_database

DAY = 24 * 3_600
LIMITS = Settings()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield opened
    opened.close()


def picture(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (28, 28), np.uint8)


def new(number: int, label: int = 7, **others: object) -> NewDrawing:
    return NewDrawing(picture(number), label, **others)  # type: ignore[arg-type]


def shift(store: RunStore, column: str, seconds: float) -> None:
    """Make a moment of all drawings earlier."""
    with store.database.transaction(write=True) as connection:
        connection.execute(update(drawings).values({column: drawings.c[column] - seconds}))


def test_a_drawing_comes_back_as_it_was_kept(store: RunStore) -> None:
    kept, was_there = store.keep_drawing("red", new(1, 7, strokes='{"strokes": []}'), LIMITS)
    assert not was_there
    (found,) = store.drawings("red", with_strokes=True)
    for one in (kept, found):
        np.testing.assert_array_equal(one.image, picture(1))
        assert not one.image.flags.writeable
        assert (one.label, one.strokes, one.is_held_back) == (7, '{"strokes": []}', False)
    assert (found.id, found.created_at, found.workspace) == (kept.id, kept.created_at, "red")
    assert store.drawings("red")[0].strokes is None
    assert store.drawings("blue") == []
    assert (store.drawing_count(["red"]), store.drawing_count(["blue"]), store.drawing_count(None)) == (
        1,
        0,
        1,
    )


def test_the_same_picture_is_kept_once_and_takes_its_new_label(store: RunStore) -> None:
    first, _ = store.keep_drawing("red", new(1, 7), LIMITS)
    again, was_there = store.keep_drawing("red", new(1, 1), LIMITS)
    assert was_there
    assert (again.id, again.label, again.created_at) == (first.id, 1, first.created_at)
    assert store.keep_drawing("blue", new(1, 4), LIMITS)[0].id != first.id
    assert [one.label for one in store.drawings("red")] == [1]


def test_a_third_of_each_label_is_held_back_for_good(store: RunStore) -> None:
    for number in range(18):
        store.keep_drawing("red", new(number, number % 2), LIMITS)
    found = store.drawing_set(["red"])
    for label in (0, 1):
        of_label = found.held_back[found.labels == label]
        assert of_label.sum() == 3
        assert list(of_label) == [False, True, False] * 3
    held = set(np.array(found.ids)[found.held_back])
    # Another label, a deletion, an undo and the same picture again change nothing of it.
    one = next(iter(held))
    kept = next(drawing for drawing in store.drawings("red") if drawing.id == one)
    store.keep_drawing("red", NewDrawing(kept.image, 9), LIMITS)
    store.restore_drawings("red", store.delete_drawings("red"), LIMITS)
    assert set(store.drawing_set(["red"], held_back=True).ids) == held
    store.delete_drawings("red", [one])
    assert store.keep_drawing("red", NewDrawing(kept.image, 9), LIMITS)[0].is_held_back
    assert store.keep_drawing("red", new(99, 5, is_held_back=True), LIMITS)[0].is_held_back


def test_sets_are_of_one_or_some_or_all_oldest_first_and_of_too_many_the_newest(store: RunStore) -> None:
    for number, workspace in enumerate(["red", "blue", "red", "green"]):
        store.keep_drawing(workspace, new(number, number), LIMITS)
        shift(store, "created_at", 1.0)
    assert list(store.drawing_set(["red"]).labels) == [0, 2]
    assert list(store.drawing_set(["red", "green"]).labels) == [0, 2, 3]
    everybody = store.drawing_set(None)
    assert list(everybody.labels) == [0, 1, 2, 3]
    assert (everybody.images.dtype, everybody.images.shape, len(everybody)) == (np.uint8, (4, 28, 28), 4)
    np.testing.assert_array_equal(everybody.images[3], picture(3))
    assert list(store.drawing_set(None, limit=2).labels) == [2, 3]
    assert list(store.drawing_set(None, held_back=False).labels) == [0, 1, 2, 3]
    nothing = store.drawing_set(["nobody"])
    assert (nothing.images.shape, nothing.labels.shape, nothing.held_back.shape) == ((0, 28, 28), (0,), (0,))


def test_an_import_leaves_out_what_is_there_and_what_comes_twice(store: RunStore) -> None:
    store.keep_drawing("red", new(1, 7), LIMITS)
    ids = store.import_drawings(
        "red", [new(1, 3), new(2, 4, is_held_back=True), new(2, 5), new(3, 6)], LIMITS
    )
    found = store.drawing_set(["red"])
    assert sorted(found.labels) == [4, 6, 7]
    assert set(ids) == {one for one, label in zip(found.ids, found.labels, strict=True) if label != 7}
    assert list(found.labels[found.held_back]) == [4]
    assert store.import_drawings("red", [new(2), new(3)], LIMITS) == ()
    # What was deleted comes back with what the file says.
    store.delete_drawings("red")
    assert len(store.import_drawings("red", [new(1, 3)], LIMITS)) == 1
    assert [one.label for one in store.drawings("red")] == [3]


def test_many_are_imported_deleted_and_restored(store: RunStore) -> None:
    many = [new(number, number % 10) for number in range(1_050)]
    ids = store.import_drawings("red", many, LIMITS)
    assert len(ids) == store.drawing_count(["red"]) == 1_050
    assert set(store.delete_drawings("red")) == set(ids)
    assert store.drawing_count(["red"]) == 0
    assert store.restore_drawings("red", ids, LIMITS) == 1_050


def test_only_ones_own_are_deleted_and_only_for_a_while_restored(store: RunStore) -> None:
    mine = store.keep_drawing("red", new(1), LIMITS)[0].id
    theirs = store.keep_drawing("blue", new(2), LIMITS)[0].id
    assert store.delete_drawings("red", [mine, theirs, "nonsense"]) == (mine,)
    assert store.drawing_count(None) == 1
    assert store.restore_drawings("blue", [mine], LIMITS) == 0
    assert store.restore_drawings("red", [mine], LIMITS) == 1
    store.delete_drawings("red", [mine])
    shift(store, "deleted_at", 601)
    assert store.restore_drawings("red", [mine], LIMITS) == 0


def test_more_than_a_browser_may_keep_is_refused_and_nothing_is_lost(store: RunStore) -> None:
    limits = Settings(max_drawings=3)
    ids = store.import_drawings("red", [new(1), new(2)], limits)
    with pytest.raises(LimitExceeded, match="may keep 3 drawings here; these would be 4"):
        store.import_drawings("red", [new(3), new(4)], limits)
    assert store.drawing_count(["red"]) == 2
    store.keep_drawing("red", new(3), limits)
    with pytest.raises(LimitExceeded):
        store.keep_drawing("red", new(4), limits)
    store.keep_drawing("red", new(3, 9), limits)  # only its label
    store.keep_drawing("blue", new(4), limits)
    # A deleted one makes room, and cannot come back once another has its place.
    store.delete_drawings("red", ids[:1])
    store.keep_drawing("red", new(4), limits)
    assert store.restore_drawings("red", ids[:1], limits) == 0
    assert store.drawing_count(["red"]) == 3


def test_bytes_are_bounded_for_one_and_for_all(store: RunStore) -> None:
    limits = Settings(max_drawing_bytes=10_000, max_total_drawing_bytes=15_000)
    store.keep_drawing("red", new(1, strokes="x" * 5_000), limits)
    with pytest.raises(LimitExceeded, match="may take 10 kB here; these would take 11 kB"):
        store.keep_drawing("red", new(2, strokes="x" * 5_000), limits)
    store.keep_drawing("blue", new(2, strokes="x" * 5_000), limits)
    with pytest.raises(LimitExceeded, match="This server keeps no more drawings"):
        store.keep_drawing("green", new(2, strokes="x" * 5_000), limits)
    store.keep_drawing("green", new(2, strokes="x" * 5_000), None)
    assert store.drawing_count(None) == 3


def test_of_endless_strokes_the_picture_is_kept_alone(store: RunStore) -> None:
    assert store.keep_drawing("red", new(1, strokes="x" * (LONGEST_STROKES + 1)), LIMITS)[0].strokes is None
    assert store.keep_drawing("red", new(2, strokes="x" * LONGEST_STROKES), LIMITS)[0].strokes


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        (NewDrawing(np.zeros((28, 27), np.uint8), 1), "28×28"),
        (NewDrawing(np.zeros((28, 28), np.float32), 1), "float32"),
        (NewDrawing(np.zeros((28, 28), np.uint8), 10), "and not 10"),
        (NewDrawing(np.zeros((28, 28), np.uint8), -1), "and not -1"),
    ],
)
def test_what_is_no_labelled_picture_is_refused(store: RunStore, drawing: NewDrawing, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        store.keep_drawing("red", drawing, LIMITS)
    with pytest.raises(PictureError, match=words):
        store.import_drawings("red", [new(1), drawing], LIMITS)
    assert store.drawing_count(None) == 0


def test_damaged_rows_are_left_out(store: RunStore) -> None:
    for number, values in enumerate(
        [{"image": b"short"}, {"label": 12}, {"created_at": 1e300}, {"label": 3}]
    ):
        kept, _ = store.keep_drawing("red", new(number), LIMITS)
        with store.database.transaction(write=True) as connection:
            connection.execute(update(drawings).where(drawings.c.id == kept.id).values(values))
    assert [one.label for one in store.drawings("red")] == [3]
    assert sorted(store.drawing_set(["red"]).labels) == [3, 7]
    store.keep_drawing("red", new(9), LIMITS)
    assert len(store.delete_drawings("red")) == 5


def test_a_sweep_removes_deleted_ones_and_those_of_who_was_long_not_here(store: RunStore) -> None:
    store.keep_drawing("red", new(1), LIMITS)
    deleted = store.keep_drawing("red", new(2), LIMITS)[0].id
    store.delete_drawings("red", [deleted])
    assert sweep(store, LIMITS) == Removed()
    shift(store, "deleted_at", 661)
    assert sweep(store, LIMITS) == Removed(drawings=1, size=784)
    store.keep_drawing("blue", new(1), LIMITS)
    store.create(CONFIG, workspace="blue")
    shift(store, "created_at", 91 * DAY)
    store.keep_drawing("green", new(1), LIMITS)
    assert sweep(store, LIMITS) == Removed(drawings=1, size=784)
    assert [store.drawing_count([name]) for name in ("red", "blue", "green")] == [0, 1, 1]
    # One that came lately keeps all.
    shift(store, "created_at", 91 * DAY)
    store.keep_drawing("green", new(2), LIMITS)
    assert sweep(store, LIMITS).drawings == 0
    assert store.drawing_count(["green"]) == 2
