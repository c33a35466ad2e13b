"""The settings form: whatever a configuration holds is shown, and comes out as it went in."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from core.config import HiddenLayer, TrainingConfig, counts, to_query
from core.store import RunStore
from pages.parts.shared import state
from pages.parts.shared.decimals import read_decimal
from pages.parts.shared.fields import FIELDS, LAYER, SECTIONS, Field
from tests.support.config_samples import at_the_bound, random_config

BOUNDS = (at_the_bound(highest=False), at_the_bound(highest=True))


def shown(config: TrainingConfig) -> Iterator[tuple[Field, object]]:
    """Yield all fields of the form with the value that a configuration has for them."""
    yield from ((one, getattr(config, one.name)) for one in FIELDS if counts(one.name, dict(config)))
    yield from ((one, getattr(layer, one.name)) for layer in config.hidden_layers for one in LAYER)


def test_every_setting_is_in_the_form_once_and_after_the_one_that_it_counts_with() -> None:
    names = [one.name for one in FIELDS]
    assert sorted([*names, "hidden_layers"]) == sorted(TrainingConfig.model_fields)
    assert [one.name for one in LAYER] == list(HiddenLayer.model_fields)
    assert names.index("optimizer") < min(names.index("momentum"), names.index("weight_decay"))
    assert names.index("early_stopping") < min(names.index("patience"), names.index("restore_best"))


def test_every_choice_has_its_title_and_the_usual_value_its_place() -> None:
    for one in (*FIELDS, *LAYER):
        if one.titles:
            assert set(one.titles) == set(one.options), one.name
        assert one.fits(one.usual), one.name


def test_no_value_of_a_thousand_configurations_is_rounded_or_cut() -> None:
    for config in (*BOUNDS, *map(random_config, range(1_000))):
        for one, value in shown(config):
            held = one.widget_value(value)
            if isinstance(held, str) and isinstance(value, float):
                assert read_decimal(held, 0.1) == (value, None), one.name
                assert replace(one, kind="decimal").fits(value)
            else:
                assert held == value, one.name
                assert one.fits(held), one.name


def test_a_value_between_two_steps_is_typed_and_one_on_a_step_slides() -> None:
    (noise,) = (one for one in FIELDS if one.name == "label_noise")
    assert (noise.kind, noise.step) == ("slider", 0.05)
    assert noise.widget_value(0.35) == 0.35
    assert noise.widget_value(0.123) == "0.123"
    (rotation,) = (one for one in FIELDS if one.name == "augmentation_rotation")
    assert not rotation.fits(45.5)


def test_the_real_form_gives_back_what_an_address_brings(open_page: Callable[[], AppTest]) -> None:
    app = open_page()
    for config in (*BOUNDS, *map(random_config, range(25)), TrainingConfig()):
        app.query_params.clear()
        for name, text in to_query(config).items():
            app.query_params[name] = text
        app.run()
        assert not app.exception
        assert not app.warning
        assert app.session_state[state.FORM_CONFIG] == config.as_it_counts()


def test_a_comma_is_a_point_and_what_is_no_number_is_told_under_its_field(
    open_page: Callable[[], AppTest], submitted: list[str], store: RunStore
) -> None:
    app = open_page()
    rate = state.setting("learning_rate")
    app.text_input(key=rate).set_value("0,01").run()
    app.text_input(key=state.layer_setting(1, "dropout")).set_value("0,3").run()
    assert app.query_params["learning_rate"] == "0.01"
    for text, sentence in {
        "abc": "Learning rate: “abc” is no number. Write one, for example 0.001.",
        "1e-7": "Learning rate is 0.0000001; it must be at least 0.000001.",
        "": "Learning rate: A number is missing here. Write one, for example 0.001.",
    }.items():
        app.text_input(key=rate).set_value(text).run()
        assert [error.value for error in app.error] == [sentence]
        assert app.button(key="train").disabled
        assert app.text_input(key=rate).value == text
        assert app.query_params["learning_rate"] == "0.01"
    # Typed just before the press: what is on show is trained, or nothing is.
    app.text_input(key=rate).set_value("0,02")
    app.run()
    app.text_input(key=rate).set_value("0,05")
    app.button(key="train").click().run()
    (run_id,) = submitted
    config = store.get(run_id).config
    assert (config.learning_rate, config.hidden_layers[1].dropout) == (0.05, 0.3)
    app.text_input(key=rate).set_value("x")
    app.button(key="train").click().run()
    app.text_input(key=rate).set_value("0.05").run()
    assert submitted == [run_id]


def test_a_split_that_comes_to_no_image_is_told_before_it_is_waited_for(
    open_page: Callable[[], AppTest], submitted: list[str]
) -> None:
    app = open_page()
    app.query_params["early_stopping"], app.query_params["validation_split"] = "loss", "0.00001"
    app.run()
    (error,) = app.error
    assert "a validation split of 0.00001 of 60,000 training images is none" in error.value
    assert app.button(key="train").disabled
    app.text_input(key=state.setting("validation_split")).set_value("0.001").run()
    assert not app.error
    assert not app.button(key="train").disabled


def test_every_widget_has_its_title_and_help(open_page: Callable[[], AppTest]) -> None:
    app = open_page()
    kinds = ("selectbox", "number_input", "text_input", "slider", "toggle", "button_group")
    widgets = {widget.key: widget for kind in kinds for widget in app.get(kind)}
    for one in (one for section in SECTIONS for one in section.fields):
        if counts(one.name, dict(TrainingConfig())):
            widget = widgets[state.setting(one.name)]
            assert (widget.label, widget.help) == (one.title, " ".join(one.help))


def test_the_kinds_of_the_table_are_those_that_are_drawn() -> None:
    kinds = {one.kind for one in (*FIELDS, *LAYER)}
    assert kinds == set(get_args(Field.__annotations__["kind"]))


@pytest.mark.parametrize("name", ["label_noise", "augmentation_shift", "momentum"])
def test_a_slider_gives_way_to_a_field_and_comes_back(open_page: Callable[[], AppTest], name: str) -> None:
    app = open_page()
    for text, is_typed in (("0.123", True), ("0.5", False), ("0.7123", True)):
        app.query_params.clear()
        app.query_params[name] = text
        app.query_params["optimizer"] = "sgd"
        app.run()
        key = state.setting(name)
        typed = [one.value for one in app.text_input if one.key == key]
        slid = [one.value for one in app.slider if one.key == key]
        assert (typed, slid) == (([text], []) if is_typed else ([], [float(text)]))
        assert app.session_state[state.FORM_CONFIG] == TrainingConfig(optimizer="sgd", **{name: float(text)})
