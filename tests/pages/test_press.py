"""A press on Train: what it trains when settings are sent together with it."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.store import RunStore
from pages.parts.shared import state


def errors(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in app.error)


def test_a_value_sent_together_with_the_press_on_train_is_trained(
    open_page: Callable[[], AppTest], submitted: list[str], store: RunStore
) -> None:
    app = open_page()
    app.number_input(key=state.setting("epochs")).set_value(
        9
    )  # no run of the page between this and the press
    app.button(key="train").click().run()
    assert store.get(submitted[0]).config == TrainingConfig(epochs=9)
    # A value that this server refuses is told, and nothing is started.
    app = open_page()
    app.number_input(key=state.layer_setting(0, "units")).set_value(2_048)
    app.number_input(key=state.layer_setting(1, "units")).set_value(2_048)
    app.button(key="train").click().run()
    assert "parameters; this server allows" in errors(app)
    assert len(submitted) == 1


def test_a_press_on_settings_that_cannot_be_does_not_train_later(
    open_page: Callable[[], AppTest], submitted: list[str]
) -> None:
    app = open_page()
    app.slider(key=state.setting("validation_split")).set_value(0.0)
    app.selectbox(key=state.setting("early_stopping")).set_value("loss")
    app.button(key="train").click().run()
    assert "the validation split is 0" in errors(app)
    app.slider(key=state.setting("validation_split")).set_value(0.1).run()
    assert not app.button(key="train").disabled
    assert submitted == []
