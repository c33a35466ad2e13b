"""A run is called something by whoever made it, and by what it changed again once the name is taken away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import TrainingConfig
from core.errors import ConfigError, RunNotFound
from core.store import RunStore
from core.store.shelf import LONGEST_NAME
from tests.support.store_samples import empty_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(empty_database(tmp_path), str(tmp_path / "runs"))
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
    with pytest.raises(ConfigError, match=f"at most {LONGEST_NAME} letters; this one has {LONGEST_NAME + 1}"):
        store.rename(run_id, "y" * (LONGEST_NAME + 1))
    assert store.get(run_id).name == "x" * LONGEST_NAME


@pytest.mark.parametrize("name", ["a\x00b", "a\u202eb", "a\x1b[31mb"])
def test_what_cannot_be_shown_is_told(store: RunStore, run_id: str, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be shown"):
        store.rename(run_id, name)


def test_a_run_that_is_not_there_has_no_name(store: RunStore) -> None:
    with pytest.raises(RunNotFound):
        store.rename("0123456789ab", "mine")
