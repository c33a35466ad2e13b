"""Limits by cost, checked where a run is written. DIGITLAB_TEST_DATABASE tries another database."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.config import HiddenLayer, TrainingConfig
from core.config.cost import estimated_seconds, in_words
from core.errors import LimitExceeded
from core.settings import Settings
from core.store import Progress, Request, RunStatus, RunStore
from tests.support.store_samples import CONFIG, empty_artifacts, empty_database

# What one run of CONFIG costs.
COST = estimated_seconds(CONFIG)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


def limits(
    *, workspace: float = 1e6, address: float = 1e6, in_all: float = 1e6, run: float = 1e6
) -> Settings:
    """Return settings that allow so many runs of CONFIG; the half is for what rounding may do."""
    return Settings(
        max_run_seconds=max(1.0, (run + 0.5) * COST),
        max_waiting_seconds_per_workspace=(workspace + 0.5) * COST,
        max_waiting_seconds_per_address=(address + 0.5) * COST,
        max_waiting_seconds=(in_all + 0.5) * COST,
    )


def press(
    store: RunStore, allowed: Settings, workspace: str = "red", address: str | None = None
) -> str | None:
    """Press Train; return the run's id, or None if it was refused."""
    try:
        return store.create(CONFIG, workspace=workspace, address=address, limits=allowed).id
    except LimitExceeded:
        return None


def test_what_would_take_hours_is_refused_with_the_time_the_limit_and_what_to_change(store: RunStore) -> None:
    config = TrainingConfig(
        hidden_layers=(HiddenLayer(units=2048), HiddenLayer(units=1500)), batch_size=1, epochs=200
    )
    with pytest.raises(LimitExceeded) as refusal:
        store.create(config, workspace="red", limits=Settings())
    sentence = str(refusal.value)
    assert re.search(r"about \d+ h \d+ min; this server allows 15 min 00 s for a run\.", sentence)
    assert "Take" in sentence
    assert store.list_runs() == []


def test_a_workspace_has_so_much_and_pausing_does_not_evade_it(store: RunStore) -> None:
    allowed = limits(workspace=3)
    for _ in range(10):
        run_id = press(store, allowed)
        if run_id:
            store.ask(run_id, Request.PAUSE)
    assert len(store.list_runs()) == 3
    with pytest.raises(
        LimitExceeded, match=r"Your runs that train, wait or are paused need about .*Stop or delete"
    ):
        store.create(CONFIG, workspace="red", limits=allowed)
    assert press(store, allowed, "blue") is not None
    # A run that ends, or is deleted, makes room.
    one, two, _ = (run.id for run in store.list_runs(workspaces=["red"]))
    store.ask(one, Request.STOP)
    assert press(store, allowed) is not None
    store.delete(two)
    assert press(store, allowed) is not None
    assert press(store, allowed) is None


def test_a_half_trained_run_counts_by_what_is_left(store: RunStore) -> None:
    allowed = limits(workspace=1)
    run_id = press(store, allowed)
    assert run_id is not None
    assert press(store, allowed) is None
    claim = store.claim(run_id, "anna")
    claim.record([], Progress(CONFIG.epochs, 95, 100, None, None))
    claim.finish(RunStatus.PAUSED)
    assert press(store, allowed) is not None


def test_going_on_needs_room_too(store: RunStore) -> None:
    paused, ended = (store.create(CONFIG, workspace="red").id for _ in range(2))
    store.ask(paused, Request.PAUSE)
    store.claim(ended, "anna").finish(RunStatus.FINISHED)
    store.create(CONFIG, workspace="red")
    with pytest.raises(LimitExceeded, match="paused need about"):
        store.requeue(paused, limits=limits(workspace=1))
    with pytest.raises(LimitExceeded, match="paused need about"):
        store.extend(ended, 10, limits=limits(workspace=1))
    with pytest.raises(LimitExceeded, match=r"this server allows .* for a run"):
        store.extend(ended, 200, limits=limits(run=1))
    assert store.get(paused).status is RunStatus.PAUSED
    assert store.get(ended).config == CONFIG
    assert store.requeue(paused, limits=limits(workspace=2)).status is RunStatus.QUEUED
    extended = store.extend(ended, 6, limits=limits(workspace=4))
    assert extended.status is RunStatus.QUEUED
    assert extended.cost_seconds == pytest.approx(estimated_seconds(extended.config))


def test_whoever_has_nothing_gets_a_place(store: RunStore) -> None:
    """Even where the limit of a workspace lies below what one run costs."""
    allowed = limits(workspace=0.1)
    assert [press(store, allowed, name) is not None for name in ("red", "red", "blue")] == [True, False, True]


def test_twenty_cookies_of_one_address_leave_room_for_others(store: RunStore) -> None:
    allowed = limits(workspace=3, address=8, in_all=20)
    made = [press(store, allowed, f"cookie {n % 20}", "attacker") for n in range(100)]
    assert sum(run_id is not None for run_id in made) == 8
    # Nor by pausing each.
    for run_id in filter(None, made):
        store.ask(run_id, Request.PAUSE)
    assert press(store, allowed, "cookie 21", "attacker") is None
    # Those of other addresses have something waiting, and fill what regulars may; a newcomer still comes.
    for run_id in filter(None, made):
        store.requeue(run_id)
    for number in range(30):
        press(store, allowed, "busy", f"address {number % 3}")
        press(store, allowed, "busy too", f"address {number % 3}")
    assert press(store, allowed, "new", "attacker") is None
    assert press(store, allowed, "busy", "address 1") is None
    assert press(store, allowed, "new", "new") is not None


def test_of_what_an_address_may_have_a_quarter_is_for_those_of_it_who_have_nothing(store: RunStore) -> None:
    """A class shares one address: two pupils must not take all of it."""
    allowed = limits(address=8)
    for _ in range(8):
        press(store, allowed, "ada", "school")
        press(store, allowed, "bob", "school")
    assert len(store.list_runs()) == 6
    assert press(store, allowed, "eve", "school") is not None
    assert press(store, allowed, "eve", "school") is None
    assert press(store, allowed, "zoe", "school") is not None


def test_twelve_presses_at_once_make_no_more_than_have_room(store: RunStore) -> None:
    allowed = limits(workspace=3)
    with ThreadPoolExecutor(12) as pool:
        made = list(pool.map(lambda _: press(store, allowed), range(12)))
    assert sum(run_id is not None for run_id in made) == 3
    assert sorted(run.number for run in store.list_runs()) == [1, 2, 3]


def test_the_form_hears_what_a_run_takes_and_what_is_before_it(store: RunStore) -> None:
    allowed = Settings(workers=1)
    room = store.room_for(CONFIG, workspace="red", limits=allowed)
    assert room.allowed
    assert room.estimated_seconds == pytest.approx(COST)
    assert room.sentence == f"Takes about {round(COST)} s."
    store.claim(store.create(CONFIG, workspace="blue").id, "anna")
    store.create(CONFIG, workspace="blue")
    store.create(CONFIG, workspace="blue")  # after the newcomer

    def told(workers: int) -> str:
        room = store.room_for(CONFIG, workspace="red", limits=Settings(workers=workers))
        assert room.allowed
        return room.sentence

    before = "2 runs are before it, so it begins in about"
    assert told(1) == f"Takes about {in_words(COST)}. {before} {in_words(2 * COST)}."
    # Two workers are through in half the time, and three have a place left.
    assert told(2) == f"Takes about {in_words(COST)}. {before} {in_words(COST)}."
    assert told(3) == f"Takes about {in_words(COST)}."
    refused = store.room_for(CONFIG, workspace="blue", limits=limits(workspace=3))
    assert not refused.allowed
    assert "this server allows" in refused.sentence


def test_estimates_follow_the_speed_that_workers_measured(store: RunStore) -> None:
    assert store.speed() == 1.0
    store.calibrate("slow", 0.4)
    store.calibrate("fast", 2.0)
    store.calibrate("slow", 0.5)
    assert store.speed() == pytest.approx(1.25)
    run = store.create(CONFIG, workspace="red")
    assert run.cost_seconds == pytest.approx(COST / 1.25)
    for nonsense in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="is no speed"):
            store.calibrate("broken", nonsense)


def test_a_busy_moment_at_a_workers_start_counts_for_a_fifth_at_most(store: RunStore) -> None:
    store.calibrate("here", 2.0)
    store.calibrate("here", 0.1)
    assert store.speed() == pytest.approx(1.6)
    store.calibrate("here", 2.1)
    assert store.speed() == pytest.approx(2.1)


def test_the_owner_of_the_server_has_no_limits(store: RunStore) -> None:
    config = CONFIG.model_copy(update={"epochs": 200, "batch_size": 1})
    assert store.create(config, workspace="shared").status is RunStatus.QUEUED
