"""The studies of the Tune page, with runs that a formula trains."""

import pytest

from core.config import HiddenLayer, TrainingConfig, from_query
from core.experiments.one_press import STUDIES, Study, study_plan
from core.experiments.plans import read_fixed_plan
from core.store import CurvePoint, Experiment, Progress, RunStatus, RunStore
from pages.parts.shared import state
from tests.pages.test_tune import MINE, OTHERS, _images_are_there_and_no_driver, open_page, texts
from tests.support.search_samples import search, study_driver, train

__all__ = ["_images_are_there_and_no_driver"]  # the same here: it is used by itself

BASE = TrainingConfig(hidden_layers=(HiddenLayer(units=8),), epochs=2, learning_rate=0.02)


def studied(store: RunStore, study: Study, workspace: str = MINE) -> Experiment:
    """Return a study of a browser that has ended."""
    made = store.create_experiment(study_plan(study, BASE), workspace=workspace)
    return search(store, study_driver(store), made)


def find_rate(store: RunStore) -> Experiment:
    """Return a study of the learning rate whose one run has learnt and then run away."""
    made = store.create_experiment(study_plan("learning-rate", BASE), workspace=MINE)
    driver = study_driver(store)
    driver.look_after()
    (run,) = store.queue()
    claim = store.claim(run.id, "worker")
    losses = [2.3] * 35 + [1.5, 0.9, 0.5, 0.3, 0.2, 0.15, 0.1, 0.1, 0.1, 0.15, 0.3, 2.0, 5.0, 20.0, 50.0]
    ends = [3 * (place + 1) / len(losses) for place in range(len(losses))]
    points = [
        CurvePoint(place + 1, epoch, loss, 0.5, "training")
        for place, (epoch, loss) in enumerate(zip(ends, losses, strict=True))
    ]
    claim.record(points, Progress(3, 10, 10, None, None))
    claim.finish(RunStatus.FINISHED, test_accuracy=0.1, train_seconds=2.0, total_seconds=3.0)
    driver.look_after()
    return store.experiment(made.id)


def test_a_press_begins_each_study_with_the_settings_of_the_form(store: RunStore) -> None:
    app = open_page()
    app.button_group(state.TUNE_VIEW).set_value("study").run()
    assert "Press one of the four" in texts(app.info)
    app.number_input(state.tune("epochs", "usual")).set_value(1)
    app.text_input(state.tune("share", "usual")).set_value("0.1")
    app.number_input(state.STUDY_SEEDS).set_value(2)
    app.run()
    assert "18 runs, about" in texts(app.caption)
    for study in STUDIES:
        app.button(f"study_{study}").click().run()
        assert not app.exception
        made = store.list_experiments()[0]
        plan = read_fixed_plan(made)
        assert (made.kind, made.workspace, app.query_params["study"]) == (study, MINE, made.id)
        assert {trial.config.dataset for trial in plan.trials} == {"mnist"}
        assert plan.trials[-1].config.training_fraction == 0.1
    assert app.selectbox(state.STUDY_PICKED).options[0].startswith("How much data is enough?")


def test_the_forms_keep_what_they_hold_while_another_page_or_the_other_form_is_shown(store: RunStore) -> None:
    app = open_page()
    app.selectbox(state.TUNE_BASE).set_value("recipe:two-128").run()
    app.multiselect(state.TUNE_RANGES).set_value(["learning_rate"]).run()
    app.text_input(state.tune("learning_rate", "low")).set_value("0.02").run()
    app.button_group(state.TUNE_VIEW).set_value("study").run()
    app.number_input(state.tune("epochs", "recipe:two-128")).set_value(4)
    app.text_input(state.tune("share", "recipe:two-128")).set_value("0.2")
    app.number_input(state.STUDY_SEEDS).set_value(3)
    app.run()
    for _ in range(2):
        app.switch_page("pages/train.py").run()
        app.switch_page("pages/tune.py").run()
        assert app.selectbox(state.TUNE_BASE).value == "recipe:two-128"
        assert app.number_input(state.tune("epochs", "recipe:two-128")).value == 4
        assert app.text_input(state.tune("share", "recipe:two-128")).value == "0.2"
        assert app.number_input(state.STUDY_SEEDS).value == 3
    app.button_group(state.TUNE_VIEW).set_value("search").run()
    assert app.multiselect(state.TUNE_RANGES).value == ["learning_rate"]
    assert app.text_input(state.tune("learning_rate", "low")).value == "0.02"
    assert app.number_input(state.tune("epochs", "recipe:two-128")).value == 4


def test_the_rate_that_is_found_goes_into_the_form(store: RunStore) -> None:
    made = find_rate(store)
    app = open_page(study=made.id)
    assert "is lowest at 0.9. Take a third of that, 0.3" in texts(app.markdown)
    link = next(one for one in app.get("page_link") if one.proto.label == "Train with 0.3")
    config, _ = from_query(dict(pair.split("=") for pair in link.proto.query_string.split("&")))
    assert config == BASE.model_copy(update={"learning_rate": 0.3})


@pytest.mark.parametrize(
    ("study", "sentence"),
    [
        ("batch-size", "batches of 8 read most right"),
        ("width-depth", "8 reads most right"),
        ("data-amount", "More images do not make fewer mistakes here"),
    ],
)
def test_a_study_shows_its_picture_and_what_to_see(store: RunStore, study: Study, sentence: str) -> None:
    made = studied(store, study)
    app = open_page(study=made.id)
    assert sentence in texts(app.markdown)
    assert "Finished" in texts(app.markdown)
    labels = [one.proto.label for one in app.get("page_link")]
    assert {"Use the best", "Compare its runs"} <= set(labels)
    app.button("delete_search").click().run()
    assert store.list_experiments() == []
    app.button("undo_search").click().run()
    assert store.list_experiments()[0].id == made.id
    assert sentence in texts(app.markdown)


def test_one_value_is_no_choice(store: RunStore) -> None:
    made = store.create_experiment(study_plan("data-amount", BASE, seeds=2), workspace=MINE)
    driver = study_driver(store)

    def train_next() -> tuple[bool, bool]:
        driver.look_after()
        train(store, store.queue()[0])
        app = open_page(study=made.id)
        offers = "Use the best" in [one.proto.label for one in app.get("page_link")]
        return offers, "One value has been measured so far" in texts(app.markdown)

    assert train_next() == (False, True)
    assert train_next() == (True, False)


def test_studies_of_others_are_shown_and_cannot_be_touched_and_a_search_is_no_study(store: RunStore) -> None:
    made = studied(store, "batch-size", OTHERS)
    app = open_page(study=made.id)
    assert "batches of 8 read most right" in texts(app.markdown)
    assert not [one for one in app.button if one.key == "delete_search"]
    app = open_page(study="0" * 12)
    assert "There is no experiment" in texts(app.warning)


def test_a_study_that_has_just_begun_has_a_picture_too(store: RunStore) -> None:
    for study in STUDIES:
        made = store.create_experiment(study_plan(study, BASE), workspace=MINE)
        app = open_page(study=made.id)
        assert "Waits for its first run." in texts(app.markdown)
        assert app.get("plotly_chart")
