"""What is written about a run: its name, a note, tags; in order, bounded, and taken away again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import TrainingConfig
from core.errors import ConfigError, RunNotFound
from core.store import RunStatus, RunStore
from core.store.shelf import LONGEST_NAME, LONGEST_NOTE, LONGEST_TAG, MOST_TAGS
from tests.support.store_samples import claimed, empty_artifacts, empty_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def run_id(store: RunStore) -> str:
    return store.create(TrainingConfig(), workspace="red").id


def test_a_name_is_kept_in_order_and_taken_away_again(store: RunStore, run_id: str) -> None:
    assert store.rename(run_id, "  my \n best\tone ").name == "my best one"
    assert store.get(run_id).name == "my best one"
    assert store.rename(run_id, "  ").name is None
    assert store.get(run_id).name is None


def test_the_longest_name_is_taken_and_one_letter_more_is_told(store: RunStore, run_id: str) -> None:
    assert store.rename(run_id, "x" * LONGEST_NAME).name == "x" * LONGEST_NAME
    with pytest.raises(
        ConfigError, match=f"most {LONGEST_NAME} letters fit here; this text has {LONGEST_NAME + 1}"
    ):
        store.rename(run_id, "y" * (LONGEST_NAME + 1))
    assert store.get(run_id).name == "x" * LONGEST_NAME


@pytest.mark.parametrize("name", ["a\x00b", "a\u202eb", "a\x1b[31mb"])
def test_what_cannot_be_shown_is_told(store: RunStore, run_id: str, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be shown"):
        store.rename(run_id, name)


def test_a_run_that_is_not_there_has_no_name(store: RunStore) -> None:
    with pytest.raises(RunNotFound):
        store.rename("0123456789ab", "mine")


def test_a_note_is_kept_in_order_bounded_and_taken_away_again(store: RunStore, run_id: str) -> None:
    assert store.annotate(run_id, " the one\n of the book ").note == "the one of the book"
    longest = "ü" * LONGEST_NOTE
    assert store.annotate(run_id, longest).note == longest
    with pytest.raises(
        ConfigError, match=f"most {LONGEST_NOTE} letters fit here; this text has {LONGEST_NOTE + 1}"
    ):
        store.annotate(run_id, longest + "x")
    with pytest.raises(ConfigError, match="cannot be shown"):
        store.annotate(run_id, "a\u202eb")
    assert store.get(run_id).note == longest
    assert store.annotate(run_id, " ").note is None


def test_tags_are_each_there_once_and_bounded(store: RunStore, run_id: str) -> None:
    assert store.tag(run_id, [" for  class", "größer", "", "for class"]).tags == ("for class", "größer")
    assert store.get(run_id).tags == ("for class", "größer")
    most = [str(number) * LONGEST_TAG for number in range(MOST_TAGS)]
    assert store.tag(run_id, most).tags == tuple(most)
    for wrong, told in (
        ([*most, "x"], f"at most {MOST_TAGS} tags; these are {MOST_TAGS + 1}"),
        (["y" * (LONGEST_TAG + 1)], f"at most {LONGEST_TAG} letters"),
        (["a\x00b"], "cannot be used"),
        (["a, b"], "cannot be used"),
    ):
        with pytest.raises(ConfigError, match=told):
            store.tag(run_id, wrong)
    assert store.get(run_id).tags == tuple(most)
    assert store.tag(run_id, []).tags == ()


def test_several_are_deleted_and_had_back_at_once_but_what_trains_and_what_is_others(store: RunStore) -> None:
    waiting = [store.create(TrainingConfig(), workspace="red").id for _ in range(2)]
    training, others = claimed(store), store.create(TrainingConfig(), workspace="blue").id
    everything = [*waiting, training, others, "0" * 12]
    assert sorted(store.delete_several(everything, "red")) == sorted(waiting)
    assert [run.id for run in store.list_runs(workspaces=["red"])] == [training]
    assert store.get(others).deleted_at is None
    assert store.queue() == [store.get(others)]
    assert store.delete_several(waiting, "red") == []
    assert sorted(store.restore_several(everything, "red")) == sorted(waiting)
    assert {store.get(run_id).status for run_id in waiting} == {RunStatus.PAUSED}
    assert store.restore_several(waiting, "red") == []


def test_several_get_a_star_at_once(store: RunStore) -> None:
    mine = [store.create(TrainingConfig(), workspace="red").id for _ in range(2)]
    others = store.create(TrainingConfig(), workspace="blue").id
    assert sorted(store.star_several([*mine, others], True, "red")) == sorted(mine)
    assert [store.get(run_id).starred for run_id in (*mine, others)] == [True, True, False]
    store.star_several(mine[:1], False, "red")
    assert not store.get(mine[0]).starred
