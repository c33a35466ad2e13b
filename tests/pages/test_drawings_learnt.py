"""Labelled drawings in the form of the Train page: too few, learnt, measured, learnt again; and by a link."""

from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig, to_query
from core.config.teaching import LEAST_DRAWINGS
from core.store import RunStore
from core.take_home.bundle import TakeHome
from pages.parts.shared import state
from tests.pages.samples import APP, MINE
from tests.pages.test_learn import CONFIG, ended, keep, newest
from tests.pages.test_learn import open_page as open_draw


def open_train(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def links(app: AppTest) -> dict[str, str]:
    return {one.proto.label: one.proto.query_string for one in app.get("page_link")}


def test_a_link_that_asks_for_drawings_where_there_are_none_gets_a_sentence_and_a_way(
    store: RunStore, submitted: list[str]
) -> None:
    app = open_train(drawings="everyone", epochs="2")
    (problem,) = [one.value for one in app.error]
    assert f"has 0 to learn; at least {LEAST_DRAWINGS} are needed. Label some on the page Draw" in problem
    assert app.button(key="train").disabled
    assert "Draw and label digits" in links(app)
    assert dict(app.query_params) == {"drawings": "everyone", "epochs": "2"}
    # Clothes are no digits: the choice is not there, and not in the way.
    app.selectbox(key=state.DATASET).set_value("fashion-mnist").run()
    assert not app.button(key="train").disabled
    assert "Draw and label digits" not in links(app)


def test_drawings_are_learnt_measured_and_learnt_again(store: RunStore, submitted: list[str]) -> None:
    keep(store, MINE, 12, held_back=4)
    app = open_train()
    app.button_group(key=state.setting("drawings")).set_value("mine").run()
    assert not app.exception
    assert any(one.value.startswith("Drawings: 12 to learn, 4 held back") for one in app.caption)
    app.slider(key=state.setting("drawings_share")).set_value(0.3).run()
    app.button(key="train").click().run()
    run = newest(store)
    assert submitted == [run.id]
    assert (run.config.drawings, run.config.drawings_share) == ("mine", 0.3)
    store.delete_drawings(MINE)
    ended(store, run, 3, 0.977)
    app = open_train(run=run.id)
    assert "Drawings held back: 100 % of 4 · MNIST: 97.70 %" in [one.value for one in app.success]
    app.button(key=f"again_{run.id}").click().run()
    assert not app.exception
    again = newest(store)
    assert again.id != run.id
    for lesson in map(store.lesson, (run.id, again.id)):
        assert lesson is not None
        assert (len(lesson.learnt_labels), len(lesson.held_back_labels), lesson.share) == (12, 4, 0.3)
    # What is taken home says that it does without them.
    assert "somebody's drawings" in TakeHome(store, run, store.has_lesson(run.id)).script().decode()


def test_draw_offers_to_train_a_new_network_with_them(store: RunStore, submitted: list[str]) -> None:
    base = ended(store, store.create(CONFIG, workspace=MINE), 5, 0.977)
    assert "Train a new one with them" not in links(open_draw(run=base.id))
    keep(store, MINE, LEAST_DRAWINGS)
    query = parse_qs(links(open_draw(run=base.id))["Train a new one with them"])
    assert {name: value for name, (value,) in query.items()} == to_query(TrainingConfig(drawings="mine"))
