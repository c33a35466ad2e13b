"""A run of one's own stays in sight beside those of a search; and what Train shows other pages show too."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.store import RunStore
from pages.parts.shared import state
from tests.pages.samples import MINE
from tests.pages.test_earlier import ended, handed, table
from tests.support.search_samples import search, study_driver, study_plan

__all__ = ["handed"]  # a fixture


def searched(store: RunStore, count: int) -> list[str]:
    """Have a search of this browser make so many runs; return their ids."""
    made = store.create_experiment(study_plan(runs=count), workspace=MINE)
    search(store, study_driver(store), made)
    return [run.id for run in store.experiment_runs(made.id)]


def chosen(app: AppTest) -> str:
    app.query_params.clear()
    app.switch_page("pages/evaluate.py").run()
    picked: str = app.session_state[state.picked_run("evaluate")]
    return picked


def test_ones_own_run_is_on_show_after_a_search(
    open_page: Callable[[], AppTest], store: RunStore, handed: list[list[str]]
) -> None:
    first, mine = ended(store, accuracy=0.95), ended(store, epochs=3)
    trials = searched(store, 25)  # more than the list of Train has
    app = open_page()
    assert app.session_state[state.RUN_SHOWN] == mine
    assert app.selectbox(state.RUN_PICKED).options[0].startswith("#2")
    assert len(app.selectbox(state.RUN_PICKED).options) == 2
    assert handed == [["#1"]]
    assert [row[0].replace("\\", "") for row in table(app)] == ["#2", "#1"]
    assert chosen(app) == mine
    # Those of the search are there to be chosen, and by their links.
    listed = app.selectbox(state.picked_run("evaluate"))
    assert len(listed.options) == 27
    assert {first, *trials} < {run.id for run in store.list_runs()}


def test_where_there_are_only_runs_of_a_search_the_newest_is_on_show(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    trials = searched(store, 3)
    app = open_page()
    assert app.session_state[state.RUN_SHOWN] == trials[-1]
    assert chosen(app) == trials[-1]


def test_the_run_of_a_link_to_train_is_on_show_on_the_other_pages(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    theirs = ended(store, "b" * 24)
    ended(store)
    app = open_page()
    app.query_params["run"] = theirs
    app.run()
    assert app.session_state[state.RUN_SHOWN] == theirs
    assert chosen(app) == theirs
