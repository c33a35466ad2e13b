"""The queue: workspaces take turns. DIGITLAB_TEST_DATABASE tries it on another database."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.store import Run, RunStatus, RunStore
from core.store.queue import place_of_another
from tests.support.store_samples import CONFIG, empty_artifacts, empty_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


def press(store: RunStore, workspace: str, times: int = 1) -> list[str]:
    return [store.create(CONFIG, workspace=workspace).id for _ in range(times)]


def train_next(store: RunStore) -> Run:
    """Let a worker train the run whose turn it is."""
    run = store.queue()[0]
    return store.claim(run.id, "anna").finish(RunStatus.FINISHED)


def test_newcomers_wait_behind_one_run_of_another_at_most(store: RunStore) -> None:
    hog = press(store, "hog", 10)
    train_next(store)
    ada, bob = press(store, "ada")[0], press(store, "bob")[0]
    assert [run.id for run in store.queue()][:3] == [hog[1], ada, bob]
    assert train_next(store).id == hog[1]
    eve = press(store, "eve")[0]
    assert [train_next(store).workspace for _ in range(4)] == ["ada", "bob", "hog", "eve"]
    assert store.queue_place(eve) is None
    assert [run.id for run in store.queue()] == hog[3:]


def test_who_waits_already_is_not_overtaken_by_those_who_come_later(store: RunStore) -> None:
    press(store, "ada", 3)
    train_next(store)
    for number in range(5):  # say with a cookie each
        press(store, f"late {number}", 2)
    assert store.queue()[0].workspace == "ada"
    assert [run.workspace for run in store.queue()][6] == "ada"


def test_a_workspace_takes_its_own_runs_oldest_first_and_a_resumed_one_last(store: RunStore) -> None:
    first, second = press(store, "ada", 2)
    store.claim(first, "anna").finish(RunStatus.PAUSED)
    store.requeue(first)
    assert [run.id for run in store.queue()] == [second, first]


def test_turns_are_fair_whatever_comes_when(store: RunStore) -> None:
    """At random: while a workspace has one run waiting, each other one is served once at most."""
    chance = np.random.default_rng(0)
    names = ["ada", "bob", "eve", "hog"]
    waits: dict[str, tuple[str, list[str]]] = {}  # by run: its workspace and who was served meanwhile
    for _ in range(120):
        workspace = names[chance.choice(4, p=[0.15, 0.15, 0.15, 0.55])]
        if chance.random() < 0.55:
            waiting = {run.workspace for run in store.queue()}
            (run_id,) = press(store, workspace)
            if workspace not in waiting:
                waits[run_id] = (workspace, [])
        elif store.queue():
            served = train_next(store)
            waits.pop(served.id, None)
            for own, others in waits.values():
                if served.workspace != own:
                    others.append(served.workspace)
                assert len(others) == len(set(others)), f"{own} waited behind two runs of another"


def test_the_place_of_a_run_not_made_yet_is_where_it_then_is(store: RunStore) -> None:
    chance = np.random.default_rng(1)
    for _ in range(25):
        workspace = str(chance.choice(["ada", "bob", "eve"]))
        expected = place_of_another(store.queue(), workspace)
        (run_id,) = press(store, workspace)
        assert store.queue_place(run_id) == expected + 1
        if chance.random() < 0.3:
            train_next(store)
