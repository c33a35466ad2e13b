"""Runs that differ in their seed alone are one group."""

from core.evaluation.seed_groups import seed_groups
from core.store import RunStatus
from core.store.records import RateChange
from tests.support.run_samples import a_run


def numbers(*runs: object) -> list[list[int]]:
    return [[run.number for run in group.runs] for group in seed_groups(runs)]  # type: ignore[arg-type]


def test_seeds_of_a_setting_belong_together_in_the_order_in_which_they_come() -> None:
    runs = [
        a_run(3, config={"seed": 1}),
        a_run(1, config={"learning_rate": 0.01}),
        a_run(2),
        a_run(4, config={"learning_rate": 0.01, "seed": 9}),
    ]
    assert numbers(*runs) == [[3, 2], [1, 4]]
    assert numbers(*runs, runs[0]) == [[3, 2], [1, 4]]
    assert seed_groups([]) == []


def test_what_makes_no_difference_parts_none() -> None:
    assert numbers(a_run(1), a_run(2, config={"momentum": 0.5, "seed": 2})) == [[1, 2]]


def test_another_way_is_another_group() -> None:
    on_the_way = (RateChange(1.0, 0.001, 0.01),)
    runs = [
        a_run(1),
        a_run(2, parent="0" * 12, fork_epoch=2),
        a_run(3, rate_changes=on_the_way),
        a_run(4, imported=True),
        a_run(5, imported=True),
        a_run(6, config={"seed": 3}, parent="0" * 12, fork_epoch=2),
    ]
    assert numbers(*runs) == [[1], [2, 6], [3], [4], [5]]


def test_only_runs_trained_to_their_end_are_witnesses_and_each_seed_once() -> None:
    (group,) = seed_groups(
        [
            a_run(1, config={"seed": 1}, test_accuracy=0.97),
            a_run(2, config={"seed": 1}, test_accuracy=0.97),
            a_run(3, config={"seed": 2}, test_accuracy=0.96),
            a_run(4, config={"seed": 3}, test_accuracy=0.5, status=RunStatus.STOPPED),
            a_run(5, config={"seed": 4}, test_accuracy=None, status=RunStatus.RUNNING),
        ]
    )
    assert group.tested == {1: 0.97, 2: 0.96}
    assert group.first.number == 1
