"""Duels: the plan, what the pairs say, and how a guess is scored."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import ttest_rel

from core.config import MAX_SEED, HiddenLayer, TrainingConfig
from core.config.variation import with_settings
from core.errors import ConfigError
from core.experiments.driver import Driver
from core.experiments.duel import (
    Guess,
    Result,
    duel_plan,
    guess_of,
    names_of,
    pairs_of,
    result_of,
    result_of_experiment,
    sides_of,
    tally,
    value_of,
    was_right,
)
from core.store import Experiment, Progress, Request, Run, RunStatus, RunStore
from tests.support.store_samples import CONFIG, empty_artifacts, empty_database

A = TrainingConfig(hidden_layers=(HiddenLayer(units=6), HiddenLayer(units=5)), seed=7)


def test_a_duel_trains_both_sides_with_the_seeds_after_that_of_a() -> None:
    plan = duel_plan(A, "learning_rate", 0.01, 3)
    assert [trial.config.seed for trial in plan.trials] == [8, 8, 9, 9, 10, 10]
    assert [trial.config.learning_rate for trial in plan.trials] == [0.001, 0.01] * 3
    a, b = sides_of(plan)
    assert b.model_copy(update={"learning_rate": 0.001}) == a
    assert names_of(a, b) == ("A (learning rate 0.001)", "B (learning rate 0.01)")
    late = duel_plan(A.model_copy(update={"seed": MAX_SEED}), "epochs", 2, 2)
    assert [trial.config.seed for trial in late.trials] == [0, 0, 1, 1]


def test_what_layers_have_is_changed_in_all_of_them() -> None:
    assert [layer.dropout for layer in with_settings(A, {"dropout": 0.2}).hidden_layers] == [0.2, 0.2]
    assert [layer.units for layer in with_settings(A, {"layers": 3}).hidden_layers] == [6, 5, 5]
    assert [layer.units for layer in with_settings(A, {"layers": 1}).hidden_layers] == [6]
    none = with_settings(A, {"layers": 0})
    assert none.hidden_layers == ()
    assert with_settings(none, {"layers": 1}).hidden_layers == (HiddenLayer(),)
    assert (value_of(A, "layers"), value_of(A, "units"), value_of(A, "epochs")) == (2, 6, 5)


@pytest.mark.parametrize(
    ("setting", "value", "seeds", "words"),
    [
        ("learning_rate", 0.001, 3, "A and B are the same"),
        ("momentum", 0.5, 3, "A and B are the same"),  # it does not count beside Adam
        ("learning_rate", 1e9, 3, "Learning rate"),
        ("dataset", "fashion-mnist", 3, "cannot be what a duel is about"),
        ("seed", 8, 3, "cannot be what a duel is about"),
        ("learning_rate", 0.01, 0, "1 to 10 seeds"),
        ("learning_rate", 0.01, 11, "1 to 10 seeds"),
    ],
)
def test_what_is_no_duel_is_refused(setting: str, value: Any, seeds: int, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        duel_plan(A, setting, value, seeds)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))


Accuracies = list[float | None]


def fight(
    store: RunStore, a: Accuracies, b: Accuracies, guess: Guess | None = None, *, stop_after: int = 99
) -> Experiment:
    """Have a duel end with these accuracies; None is a run that diverges."""
    plan = duel_plan(CONFIG, "learning_rate", 0.01, len(a))
    made = store.create_experiment(plan, workspace="red", guess=guess and guess.to_json())
    driver, trained = Driver(store, lambda: 2), 0
    accuracies = [one for pair in zip(a, b, strict=True) for one in pair]
    while not store.experiment(made.id).status.is_ended:
        driver.look_after()
        for run in store.queue():
            claim = store.claim(run.id, "worker")
            accuracy = accuracies[run.trial or 0]
            claim.record([], Progress(CONFIG.epochs, 1, 1, None, None))
            if accuracy is None:
                claim.fail("diverged", has_checkpoint=False)
            else:
                claim.finish(RunStatus.FINISHED, test_accuracy=accuracy, train_seconds=1.0)
            trained += 1
            if trained == stop_after:
                store.request_experiment(made.id, Request.STOP)
    return store.experiment(made.id)


def test_the_driver_keeps_what_the_pairs_say(store: RunStore) -> None:
    a, b = [0.9650, 0.9671, 0.9640], [0.9702, 0.9715, 0.9688]
    ended = fight(store, a, b, Guess(better="b", points=0.5))
    result = result_of_experiment(ended)
    assert result is not None
    assert (result.a, result.b, result.better) == (tuple(a), tuple(b), "b")
    assert result.comparison is not None
    assert result.comparison.p_value == pytest.approx(ttest_rel(b, a).pvalue)
    assert was_right(ended) is True
    # Deleted runs change nothing of what has been kept.
    for run in store.experiment_runs(ended.id):
        store.delete(run.id)
    assert result_of_experiment(store.experiment(ended.id)) == result


def test_a_difference_that_may_be_luck_is_none(store: RunStore) -> None:
    ended = fight(store, [0.965, 0.967, 0.966], [0.966, 0.965, 0.967], Guess(better="a"))
    result = result_of_experiment(ended)
    assert result is not None
    assert result.better == "none"
    assert was_right(ended) is False
    same = result_of_experiment(fight(store, [0.965, 0.967], [0.965, 0.967]))
    assert same is not None
    assert same.better == "none"
    assert same.comparison is not None
    assert same.comparison.p_value == 1


def test_a_side_that_always_fails_has_lost(store: RunStore) -> None:
    ended = fight(store, [0.96, 0.95], [None, None], Guess(better="a"))
    result = result_of_experiment(ended)
    assert result is not None
    assert (result.better, result.failed_b, result.is_walkover, result.comparison) == ("a", 2, True, None)
    assert was_right(ended) is True
    # Once may be an accident of the machine.
    one = result_of_experiment(fight(store, [0.96], [None]))
    assert one == Result(failed_b=1)


def test_what_cannot_tell_is_not_scored(store: RunStore) -> None:
    single = fight(store, [0.96], [0.97], Guess(better="b"))
    stopped = fight(store, [0.96] * 4, [0.97] * 4, Guess(better="b"), stop_after=6)
    unguessed = fight(store, [0.96, 0.961], [0.97, 0.9702])
    assert [was_right(one) for one in (single, stopped, unguessed)] == [None, None, None]
    assert stopped.status is RunStatus.STOPPED
    right = fight(store, [0.96, 0.961], [0.97, 0.9712], Guess(better="b"))
    wrong = fight(store, [0.96, 0.961], [0.97, 0.9712], Guess(better="none"))
    assert tally([single, stopped, unguessed, right, wrong]) == (1, 2)


def test_what_is_kept_is_checked(store: RunStore) -> None:
    ended = fight(store, [0.96, 0.961], [0.97, 0.9712], Guess(better="b"))
    assert guess_of(replace(ended, guess="not JSON")) is None
    assert guess_of(replace(ended, guess='{"better": "me"}')) is None
    assert result_of_experiment(replace(ended, outcome={"duel": {"better": 3}})) is None
    assert result_of_experiment(replace(ended, outcome={})) is None
    uneven = {"seeds": [1, 2], "a": [0.9, 0.9], "b": [0.9], "better": "a"}
    assert result_of_experiment(replace(ended, outcome={"duel": uneven})) is None


def test_who_is_ahead_while_it_goes_on(store: RunStore) -> None:
    plan = duel_plan(CONFIG, "learning_rate", 0.01, 3)
    ended = fight(store, [0.96, 0.97, 0.95], [0.97, 0.96, 0.95])
    runs: list[Run] = store.experiment_runs(ended.id)
    assert [pair.ahead for pair in pairs_of(plan, runs)] == ["b", "a", "none"]
    half = pairs_of(plan, runs[:3])
    assert [pair.ahead for pair in half] == ["b", None, None]
    assert (half[1].b, half[2].a) == (None, None)
    assert result_of(half).seeds == (half[0].seed,)
    assert result_of(half).better is None
