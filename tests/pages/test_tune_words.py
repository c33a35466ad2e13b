"""What the Tune page says of a search: of its form, its cost, its best run."""

from core.store import RunStore
from pages.parts.compare.run_table import _KINDS
from pages.parts.shared import state
from pages.parts.tune.studies.words import WORDS
from tests.pages.test_tune import MINE, _images_are_there_and_no_driver, open_page, texts
from tests.support.search_samples import study_plan

__all__ = ["_images_are_there_and_no_driver"]  # the same here: it is used by itself


def test_minutes_that_cannot_be_are_told_by_the_name_of_their_field(store: RunStore) -> None:
    app = open_page()
    app.selectbox(state.TUNE_BUDGET).set_value("minutes").run()
    for minutes, sentence in (
        ("-1", "At most (minutes) is -1; it must be above 0."),
        ("1e9", "At most (minutes) is 1000000000; it must be at most 10,000."),
    ):
        app.text_input(state.TUNE_MINUTES).set_value(minutes).run()
        assert sentence in texts(app.error)


def test_a_grid_says_how_many_points_it_has(store: RunStore) -> None:
    app = open_page()
    app.button_group(state.TUNE_SAMPLER).set_value("grid").run()
    assert "The grid has 9 points" in texts(app.caption)
    app.number_input(state.tune("units", "points")).set_value(2).run()
    assert "The grid has 6 points" in texts(app.caption)
    app.number_input(state.TUNE_RUNS).set_value(4).run()
    assert "4 of the 6 points of the grid, about" in texts(app.caption)


def test_names_of_searches_are_in_the_language_of_who_looks(store: RunStore) -> None:
    store.create_experiment(study_plan(), workspace=MINE, name="Learning rate, Units")
    store.create_experiment(study_plan(), workspace=MINE, name="Learning rate + 2")
    app = open_page(lang="de")
    names = [name.split(" · ")[0] for name in app.selectbox(state.SEARCH_PICKED).options]
    assert names == ["Lernrate + 2", "Lernrate, Neuronen"]


def test_a_search_begun_in_german_has_its_name_for_everybody(store: RunStore) -> None:
    app = open_page(lang="de")
    app.button("start_search").click().run()
    assert store.list_experiments()[0].name == "Learning rate, Units"


def test_studies_have_one_name_on_all_pages() -> None:
    assert {study: words.title for study, words in WORDS.items()}.items() <= _KINDS.items()
