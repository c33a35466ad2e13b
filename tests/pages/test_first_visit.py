"""What a first visit to the Train page shows while there is no run."""

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from pages.parts.shared import state


def texts(elements: Any) -> list[str]:
    return [str(element.value) for element in elements]


def test_a_wrong_setting_is_told_on_top_and_takes_no_hint_away(open_page: Callable[[], AppTest]) -> None:
    app = open_page()
    (hint,) = texts(app.info)
    app.text_input(key=state.setting("learning_rate")).set_value("abc").run()
    (told,) = texts(app.error)
    assert "“abc” is no number" in told
    assert texts(app.warning) == [told]
    what_happens = "this network learns from"
    assert texts(app.info)[0].partition(what_happens)[1:] == hint.partition(what_happens)[1:]
    app.selectbox(key=state.DATASET).set_value("fashion-mnist").run()
    assert "pictures like these" in texts(app.info)[0]
    app.text_input(key=state.setting("learning_rate")).set_value("0.01").run()
    assert not app.warning


def test_settings_of_a_link_that_do_not_go_together_are_told_on_top(open_page: Callable[[], AppTest]) -> None:
    app = open_page()
    app.query_params["early_stopping"], app.query_params["validation_split"] = "loss", "0.00001"
    app.run()
    assert "Press **▶ Train**" in texts(app.info)[0]
    assert texts(app.warning) == texts(app.error)
    assert app.warning
