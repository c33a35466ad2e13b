"""Which run came before which, in one question for a whole list."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import RunStore
from core.store.queries import change
from tests.support.store_samples import CONFIG, empty_artifacts, empty_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield opened
    opened.close()


def test_the_run_before_is_that_of_the_same_workspace_with_the_next_lower_number(store: RunStore) -> None:
    first = store.create(CONFIG, workspace="red").id
    other = store.create(CONFIG, workspace="blue").id
    second, third = (store.create(CONFIG, workspace="red").id for _ in range(2))
    found = store.runs_before([third, first, second, other])
    assert {run_id: run.id for run_id, run in found.items()} == {second: first, third: second}
    # A deleted run is known as long as it is there; a damaged one leaves the name of the next short.
    store.delete(second)
    assert store.runs_before([third])[third].id == second
    with store.database.transaction(write=True) as connection:
        change(connection, second, config="{")
    assert store.runs_before([third, second]).keys() == {second}
    assert store.runs_before([]) == {}
