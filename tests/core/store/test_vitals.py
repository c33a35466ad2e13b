"""What RunStore promises about hidden units' vitals. DIGITLAB_TEST_DATABASE tries another database."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select, update

from core.errors import ClaimLost, RunNotFound, RunUnreadable
from core.store import LayerVitals, RunStore
from core.store.database import Database
from core.store.migration import SCRIPTS
from core.store.tables import vitals as vitals_table
from tests.support.store_samples import claimed, empty_artifacts, empty_database, holding, training


@pytest.fixture
def url(tmp_path: Path) -> str:
    return empty_database(tmp_path)


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(url, empty_artifacts(tmp_path))
    yield store
    store.close()


def measured(step: int, dead: float | None = 0.25, layers: int = 2) -> list[LayerVitals]:
    """Return what is measured of some ReLU layers at a hundredth of an epoch a step."""
    return [LayerVitals(step, step / 100, layer, dead, None) for layer in range(1, layers + 1)]


def test_vitals_come_back_in_the_order_of_steps_and_layers(store: RunStore) -> None:
    run_id, other = claimed(store), claimed(store)
    assert store.vitals(run_id) == ()
    late, early = measured(200), measured(100)
    holding(store, run_id, "anna").record([training(200)], None, late[::-1])
    holding(store, run_id, "anna").record([], None, early)
    assert store.vitals(run_id) == (*early, *late)
    assert store.vitals(other) == ()
    with pytest.raises(RunNotFound):
        store.vitals("../../etc")


def test_numpy_numbers_and_layers_of_each_kind_survive(store: RunStore) -> None:
    run_id = claimed(store)
    mixed = [
        LayerVitals(np.int64(3), np.float32(0.5), 1, np.float32(0.25), None),  # type: ignore[arg-type]
        LayerVitals(3, 0.5, 2, None, 1.0),
        LayerVitals(3, 0.5, 3, None, None),
    ]
    holding(store, run_id, "anna").record([], None, mixed)
    assert store.vitals(run_id) == (LayerVitals(3, 0.5, 1, 0.25, None), *mixed[1:])


def test_vitals_told_twice_are_there_once_as_last_told(store: RunStore) -> None:
    run_id = claimed(store)
    holding(store, run_id, "anna").record([], None, [*measured(10, 0.1, layers=3), *measured(20, 0.2)])
    holding(store, run_id, "anna").record([], None, [*measured(10, 0.3), *measured(10, 0.4)])
    assert store.vitals(run_id) == (*measured(10, 0.4), *measured(20, 0.2))


def test_rewind_forgets_what_came_after_of_this_run_only(store: RunStore) -> None:
    run_id, other = claimed(store), claimed(store)
    for each in (run_id, other):
        holding(store, each, "anna").record([], None, [*measured(10), *measured(20), *measured(30)])
    holding(store, run_id, "anna").rewind(20)
    assert store.vitals(run_id) == (*measured(10), *measured(20))
    assert len(store.vitals(other)) == 6


def test_who_lost_the_claim_writes_none(store: RunStore) -> None:
    run_id = claimed(store, "anna")
    store.claim(run_id, "bert")
    with pytest.raises(ClaimLost):
        holding(store, run_id, "anna").record([], None, measured(10))
    assert store.vitals(run_id) == ()


@pytest.mark.parametrize(("column", "value"), [("dead", 1.5), ("saturated", -0.1), ("layer", -1)])
def test_a_damaged_row_is_a_sentence_and_hurts_only_its_own_run(
    store: RunStore, column: str, value: float
) -> None:
    damaged, healthy = claimed(store), claimed(store)
    for each in (damaged, healthy):
        holding(store, each, "anna").record([training(10)], None, measured(10, layers=1))
    with store._database.transaction(write=True) as connection:
        of_run = update(vitals_table).where(vitals_table.c.run_id == damaged)
        assert connection.execute(of_run.values({column: value})).rowcount == 1
    with pytest.raises(RunUnreadable, match=rf"hidden units of run {damaged} is damaged\. Other runs"):
        store.vitals(damaged)
    assert len(store.curve(damaged)) == 1
    assert store.vitals(healthy) == tuple(measured(10, layers=1))


def test_runs_of_the_schema_before_are_carried_over(url: str, tmp_path: Path) -> None:
    store = RunStore(url, empty_artifacts(tmp_path))
    run_id = claimed(store)
    holding(store, run_id, "anna").record([training(1)], None)
    store.close()
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with database.transaction(write=True) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        assert "vitals" not in inspect(connection).get_table_names()
    database.engine.dispose()
    again = RunStore(url, empty_artifacts(tmp_path))
    assert len(again.curve(run_id)) == 1
    assert again.vitals(run_id) == ()
    holding(again, run_id, "anna").record([], None, measured(5))
    with again._database.transaction() as connection:
        assert len(connection.execute(select(vitals_table)).all()) == 2
    again.close()
