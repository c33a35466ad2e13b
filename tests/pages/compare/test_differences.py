"""What made the difference, and whether it is luck: the table, the sentences, the press for more seeds."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.evaluation.luck import SEEDS, compare_seeds, in_words
from core.evaluation.seed_groups import seed_groups
from core.experiments.plans import read_fixed_plan
from core.store import Progress, RunStatus, RunStore
from core.store.tables import experiments, runs
from pages.parts.compare import repeat
from pages.parts.compare.repeat import missing_trials
from pages.parts.shared import handles, state
from tests.pages.compare.test_overlay import open_page
from tests.pages.samples import MINE
from tests.support.experiment_samples import seeds_plan
from tests.support.run_samples import a_run
from tests.support.store_samples import holding

GOOD = (0.9770, 0.9775, 0.9780, 0.9772, 0.9778)
WORSE = (0.9730, 0.9735, 0.9728, 0.9733, 0.9739)
HIDDEN_8 = {"hidden_layers": ({"units": 8},)}


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """How often the page has woken what looks after experiments; none is at work."""
    calls: list[bool] = []
    monkeypatch.setattr(handles, "driver", lambda: SimpleNamespace(wake=lambda: calls.append(True)))
    return calls


@pytest.fixture
def finish(store: RunStore) -> Callable[..., list[str]]:
    """Return a function that adds finished runs of one setting, a seed each, and returns their ids."""

    def add(accuracies: Sequence[float], **settings: Any) -> list[str]:
        ids = []
        for seed, accuracy in enumerate(accuracies):
            config = TrainingConfig.model_validate({"seed": seed, **settings})
            run = store.create(config, workspace=MINE)
            store.claim(run.id, "worker")
            claim = holding(store, run.id, "worker")
            claim.record([], Progress(5, 10, 10, None, None))
            claim.finish(
                RunStatus.FINISHED,
                test_accuracy=accuracy,
                test_loss=0.1,
                train_seconds=4.0,
                total_seconds=9.0,
            )
            ids.append(run.id)
        return ids

    return add


def show(*ids: str) -> AppTest:
    return open_page(runs=",".join(ids), view="differs")


def said(app: AppTest) -> str:
    """Return what is told of luck, as it was written."""
    return "\n".join(one.value.replace("\\", "") for one in app.markdown)


def table(app: AppTest) -> str:
    (found,) = (one.proto.body for one in app.get("html") if "side-by-side" in one.proto.body)
    return found


def test_the_settings_that_differ_and_the_figures_a_column_a_setting(
    finish: Callable[..., list[str]],
) -> None:
    app = show(*finish([0.97]), *finish([0.9742], learning_rate=0.01))
    html = table(app)
    assert '<th scope="row">Learning rate</th><td>0.001</td><td>0.01</td>' in html
    assert '<b title="best">97.42 %</b><small>+0.42 points</small>' in html
    assert "Batch size" not in html
    assert "Seed" not in html
    assert html.count('<th scope="col">') == 2


def test_a_figure_that_one_seed_alone_has_is_told_as_of_one(
    finish: Callable[..., list[str]], store: RunStore
) -> None:
    seeds = finish([0.97, 0.98, 0.99])
    with store.database.transaction(write=True) as connection:
        connection.execute(update(runs).where(runs.c.id.in_(seeds[1:])).values(test_loss=None))
    assert "<small>of 1 seed</small>" in table(show(*seeds))


def test_the_one_run_that_is_missing_is_told_as_one(finish: Callable[..., list[str]]) -> None:
    app = show(*finish(GOOD), *finish(WORSE[:4], **HIDDEN_8))
    assert app.button(key=state.REPEAT).help.startswith("Trains the one run that 5 seeds of each still need.")


def test_seeds_are_one_column_and_a_difference_is_told_with_its_interval(
    finish: Callable[..., list[str]],
) -> None:
    app = show(*finish(WORSE, **HIDDEN_8), *finish(GOOD))
    html = table(app)
    assert html.count('<th scope="col">') == 2
    assert "#1 with 5 seeds" in html
    assert "97.75 % ± 0.05" in html
    assert in_words(compare_seeds(GOOD, WORSE, paired=True), "128-128", "8") in said(app)
    captions = "\n".join(caption.value for caption in app.caption)
    assert "p < 0.001" in captions
    assert "97.30 % of 10,000 means 97.0 % to 97.6 %" in captions  # the luck of the test images
    assert not [button for button in app.button if button.key == state.REPEAT]


def test_among_several_settings_each_has_to_be_clearer(finish: Callable[..., list[str]]) -> None:
    app = show(*finish(WORSE), *finish(GOOD, learning_rate=0.01), *finish(WORSE[::-1], learning_rate=0.1))
    assert "learning rate 0.01 reads 0.42 points more than learning rate 0.001" in said(app)
    assert "toss a coin" in said(app)
    assert "2 comparisons at once" in "\n".join(caption.value for caption in app.caption)


def test_one_setting_alone_says_what_a_seed_changes(finish: Callable[..., list[str]]) -> None:
    assert "5 seeds of one setting read 97.75 % on average, from 97.70 % to 97.80 %" in said(
        show(*finish(GOOD))
    )
    assert "One run tells nothing about luck" in said(show(*finish([0.97], learning_rate=0.01)))


def test_other_images_are_not_held_against_these(finish: Callable[..., list[str]]) -> None:
    app = show(*finish(WORSE), *finish(GOOD, dataset="fashion-mnist"))
    assert "Only runs with the images of the first one" in "\n".join(caption.value for caption in app.caption)
    assert "more than luck" not in said(app)


def test_a_press_repeats_both_with_more_seeds_and_their_runs_join(
    finish: Callable[..., list[str]], store: RunStore, woken: list[bool]
) -> None:
    one, other = finish([0.97]), finish([0.96], learning_rate=0.01)
    app = show(*one, *other)
    assert "One run each tells nothing about luck: repeat each with other seeds." in said(app)

    app.button(key=state.REPEAT).click().run()

    (experiment,) = store.list_experiments(workspaces=[MINE])
    trials = read_fixed_plan(experiment).trials
    assert [(trial.config.learning_rate, trial.config.seed) for trial in trials] == [
        *((0.001, seed) for seed in range(1, SEEDS)),
        *((0.01, seed) for seed in range(1, SEEDS)),
    ]
    assert woken == [True]
    assert app.button(key=state.REPEAT).disabled  # they are still to be made
    # As the driver makes them: one now, one later.
    added = []
    for trial in (0, 4):
        run = store.create(trials[trial].config, workspace=MINE)
        added.append(run.id)
    with store.database.transaction(write=True) as connection:
        for place, run_id in enumerate(added):
            connection.execute(
                update(runs).where(runs.c.id == run_id).values(experiment=experiment.id, trial=place)
            )
    app.run()
    assert app.session_state[state.COMPARED] == (*one, *other, *added)
    # Taken out again it does not come back.
    app.session_state[state.COMPARED] = (*one, *other)
    app.run()
    assert app.session_state[state.COMPARED] == (*one, *other)
    assert app.button(key=state.REPEAT).disabled
    # No more come: those that are missing can be asked for.
    with store.database.transaction(write=True) as connection:
        connection.execute(update(experiments).values(status=RunStatus.STOPPED))
    app.run()
    assert not app.button(key=state.REPEAT).disabled


def test_the_page_comes_again_once_no_more_runs_come(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.create_experiment(seeds_plan(TrainingConfig(), 2), workspace=MINE)
    kept = {state.REPEATED: repeat._Repeated(made.id)}
    again: list[bool] = []
    monkeypatch.setattr(st, "session_state", kept)
    monkeypatch.setattr(st, "rerun", lambda: again.append(True))
    repeat._join()
    assert (again, list(kept)) == ([], [state.REPEATED])
    with store.database.transaction(write=True) as connection:
        connection.execute(update(experiments).values(status=RunStatus.FAILED))
    repeat._join()
    assert (again, list(kept)) == ([True], [])


def test_what_this_server_refuses_is_told(
    finish: Callable[..., list[str]], woken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = show(*finish([0.97]))
    monkeypatch.setenv("DIGITLAB_MAX_EPOCHS", "1")
    handles.get_settings.cache_clear()
    app.button(key=state.REPEAT).click().run()
    assert "this server allows 1" in "\n".join(warning.value for warning in app.warning)
    assert woken == []


def test_what_its_settings_alone_do_not_make_is_not_repeated(
    finish: Callable[..., list[str]], store: RunStore
) -> None:
    (run,) = finish([0.97])
    with store.database.transaction(write=True) as connection:
        connection.execute(update(runs).where(runs.c.id == run).values(parent="0" * 12, fork_epoch=1))
    assert not [button for button in show(run).button if button.key == state.REPEAT]


def test_many_settings_are_repeated_as_often_as_can_be_compared(finish: Callable[..., list[str]]) -> None:
    rates = [0.001 * (place + 1) for place in range(7)]
    found = [finish([0.97], learning_rate=rate)[0] for rate in rates]
    for count, seeds in ((4, 5), (5, 4), (6, 3)):
        app = show(*found[:count])
        assert app.button(key=state.REPEAT).label == f"Repeat with {seeds} seeds"
        assert "repeat each with other seeds" in said(app)
        assert "choose fewer" not in "\n".join(caption.value for caption in app.caption)
    app = show(*found)
    assert not [button for button in app.button if button.key == state.REPEAT]
    assert "28 more runs would make 5 seeds of each" in "\n".join(caption.value for caption in app.caption)


def test_missing_seeds_are_such_that_all_settings_have_the_same() -> None:
    def group(*seeds: int, rate: float = 0.001, **changes: Any) -> list[Any]:
        first = round(1e5 * rate)  # runs have ids of their own
        return [a_run(first + n, config={"seed": n, "learning_rate": rate}, **changes) for n in seeds]

    def wanted(*runs: list[Any]) -> list[tuple[float, int]]:
        found = missing_trials(seed_groups([run for some in runs for run in some]))
        return [(trial.config.learning_rate, trial.config.seed) for trial in found]

    assert wanted(group(0), group(7, rate=0.01)) == [
        *((0.001, seed) for seed in (1, 2, 3, 7)),
        *((0.01, seed) for seed in (0, 1, 2, 3)),
    ]
    assert wanted(group(3, 4, 5, 6, 8), group(8, rate=0.01)) == [(0.01, seed) for seed in (3, 4, 5, 6)]
    assert wanted(group(0, 1, 2, 3, 4), group(5, 6, 7, 8, 9, rate=0.01)) == []  # enough of each
    # What has failed is no witness, what still trains will be one.
    assert wanted(group(0, status=RunStatus.FAILED))[0] == (0.001, 0)
    assert wanted(group(0, status=RunStatus.RUNNING))[0] == (0.001, 1)
    assert wanted(group(0, imported=True)) == []
