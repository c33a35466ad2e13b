"""Tables of runs: as the runs themselves say, what is new since, and nothing of others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from core.config import HiddenLayer, TrainingConfig
from core.config.differences import COLUMNS
from core.store import Progress, RunStatus, RunStore
from core.store.tables import runs
from tests.support.store_samples import claimed, empty_artifacts, empty_database, holding, validation


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield opened
    opened.close()


def ids(store: RunStore, since: float, also: tuple[str, ...] = ()) -> list[str]:
    return [run.id for run in store.news(["red"], since, also).runs]


def test_a_table_says_what_the_runs_say(store: RunStore) -> None:
    run_id = claimed(store)
    claim = holding(store, run_id)
    claim.record([validation(100, accuracy=0.875)], Progress(2, 30, 100, 1e4, 2.0))
    claim.finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.25)
    store.rename(run_id, "mine")
    store.annotate(run_id, "as in the book")
    store.tag(run_id, ["odd"])
    store.star(run_id, True)
    run = store.get(run_id)
    (listed,) = store.listing(["red"]).runs
    for name in (
        *("id", "workspace", "number", "status", "epoch", "step", "steps_per_epoch", "train_seconds"),
        *("test_accuracy", "test_loss", "best_accuracy", "best_epoch", "name", "starred", "note", "tags"),
        *("experiment", "imported", "epochs_done"),
    ):
        assert getattr(listed, name) == getattr(run, name), name
    assert (listed.parameters, listed.epochs) == (run.config.parameters, run.config.epochs)
    assert listed.created_at == run.created_at.timestamp()
    words = dict(zip(COLUMNS, listed.settings, strict=True))
    assert (words["hidden_layers"], words["activation"], words["dropout"], words["seed"]) == (
        *("7", "tanh", "0.25"),
        "11",
    )
    assert (words["optimizer"], words["momentum"]) == ("Adam", "–")


def test_the_newest_come_first_and_only_those_that_were_asked_for(store: RunStore) -> None:
    config = TrainingConfig(hidden_layers=(HiddenLayer(units=3),))
    mine = [store.create(config, workspace="red").id for _ in range(3)]
    shared, other = (store.create(config, workspace=name).id for name in ("shared", "blue"))
    store.delete(mine[1])
    found = store.listing(["red", "shared"], also=[other, mine[1]])
    assert {run.id for run in found.runs} == {other, shared, mine[2], mine[0]}
    # Those of several workspaces may have begun in the same moment.
    assert [run.id for run in found.runs if run.workspace == "red"] == [mine[2], mine[0]]
    began = [run.created_at for run in found.runs]
    assert began == sorted(began, reverse=True)
    assert found.count == 3  # of the workspaces
    assert [run.id for run in store.listing(["red"]).runs] == [mine[2], mine[0]]


def test_news_are_what_may_look_otherwise(store: RunStore) -> None:
    ended, waiting = claimed(store), store.create(TrainingConfig(), workspace="red").id
    holding(store, ended).finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.3)
    elsewhere = store.create(TrainingConfig(), workspace="blue").id
    read_at = store.listing(["red"]).read_at
    assert ids(store, read_at + 1) == [waiting]
    assert ids(store, read_at + 1, (ended, elsewhere)) == [elsewhere, waiting, ended]
    store.claim(waiting, "anna")
    holding(store, waiting).finish(RunStatus.STOPPED, test_accuracy=None, test_loss=None)
    new = store.create(TrainingConfig(), workspace="red").id
    assert ids(store, read_at + 1) == [new]  # alive; the other has ended before that
    assert ids(store, read_at) == [new, waiting]


def test_a_damaged_row_is_left_out_and_counted(store: RunStore) -> None:
    good, bad = (store.create(TrainingConfig(), workspace="red").id for _ in range(2))
    for damage in ({"config": "{}x"}, {"tags": "[1]"}, {"test_accuracy": 7.0}, {"status": "gone"}):
        with store.database.transaction(write=True) as connection:
            connection.execute(update(runs).where(runs.c.id == bad).values(**damage))
        found = store.listing(["red"])
        assert [run.id for run in found.runs] == [good]
        assert found.count == 2
        with store.database.transaction(write=True) as connection:
            whole = {
                "config": TrainingConfig().to_json(),
                "tags": None,
                "test_accuracy": None,
                "status": "queued",
            }
            connection.execute(update(runs).where(runs.c.id == bad).values(**whole))
    assert len(store.listing(["red"]).runs) == 2
