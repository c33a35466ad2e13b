"""The address of the Train page: what brings settings, what is kept, and whose word counts."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig, to_query
from core.recipes import get_recipe
from core.store import RunStore
from pages.parts.shared import launch, link, state
from tests.pages.samples import MINE


def go_to(app: AppTest, address: Mapping[str, str]) -> AppTest:
    """Go to an address within the session: back, forth, or by a link of a page."""
    app.query_params.clear()
    for name, text in address.items():
        app.query_params[name] = text
    app.run()
    assert not app.exception
    return app


def config_of(app: AppTest) -> TrainingConfig:
    made = app.session_state[state.FORM_CONFIG]
    assert isinstance(made, TrainingConfig)
    return made


def warnings(app: AppTest) -> list[str]:
    return [warning.value for warning in app.warning]


def test_back_and_forth_load_what_their_address_says(open_page: Callable[[], AppTest]) -> None:
    app = open_page()
    addresses = [{}]
    for name in ("two-dense", "pyramid-128-32"):
        app.button(key=f"recipe_{name}").click().run()
        assert dict(app.query_params) == to_query(get_recipe(name).config)
        addresses.append(dict(app.query_params))
    for place, config in (
        (1, get_recipe("two-dense").config),
        (2, get_recipe("pyramid-128-32").config),
        (0, TrainingConfig()),
        (2, get_recipe("pyramid-128-32").config),
    ):
        go_to(app, addresses[place])
        assert config_of(app) == config
        assert dict(app.query_params) == addresses[place]


def test_what_the_visitor_does_outweighs_an_address_that_is_behind(
    open_page: Callable[[], AppTest], submitted: list[str], store: RunStore
) -> None:
    app = open_page()
    app.button(key="recipe_two-dense").click().run()
    before = dict(app.query_params)
    app.button(key="recipe_pyramid-128-32").click().run()
    # The browser has not heard of the new address when it sends the next change.
    app.query_params.clear()
    for name, text in before.items():
        app.query_params[name] = text
    app.number_input(key=state.setting("epochs")).set_value(9).run()
    wanted = get_recipe("pyramid-128-32").config.model_copy(update={"epochs": 9})
    assert config_of(app) == wanted
    assert dict(app.query_params) == to_query(wanted)
    app.query_params["epochs"] = before.get("epochs", "25")
    app.button(key="train").click().run()
    assert store.get(submitted[0]).config.batch_size == 32


def test_the_warning_of_a_link_goes_when_settings_are_loaded_anew(open_page: Callable[[], AppTest]) -> None:
    app = go_to(open_page(), {"epochs": "9999", "seed": "3"})
    assert [text for text in warnings(app) if "“9999”" in text]
    # Nothing has changed: the address says so still, and so does the page.
    assert warnings(app.run())
    assert dict(app.query_params) == {"epochs": "9999", "seed": "3"}
    go_to(app, {"epochs": "7"})
    assert (config_of(app).epochs, warnings(app)) == (7, [])
    go_to(app, {"epochs": "many"})
    assert warnings(app)
    app.number_input(key=state.setting("seed")).set_value(5).run()
    assert (warnings(app), dict(app.query_params)) == ([], {"seed": "5"})


def test_a_dataset_that_takes_the_place_of_mnist_rewrites_no_address_and_hides_no_warning(
    open_page: Callable[[], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.train.link.default_dataset", lambda: "pen-strokes")
    app = go_to(open_page(), {"epochs": "many"})
    assert [text for text in warnings(app.run()) if "“many”" in text]
    assert (config_of(app).dataset, dict(app.query_params)) == ("pen-strokes", {"epochs": "many"})
    app.number_input(key=state.setting("seed")).set_value(5).run()
    assert not [text for text in warnings(app) if "“many”" in text]
    assert dict(app.query_params) == {"dataset": "pen-strokes", "seed": "5"}
    # Back to what the link brought, by hand: the address says so.
    app.number_input(key=state.setting("seed")).set_value(config_of(app.run()).seed + 1).run()
    app.number_input(key=state.setting("seed")).set_value(TrainingConfig().seed).run()
    assert dict(app.query_params) == {"dataset": "pen-strokes"}


def test_the_page_keeps_what_others_have_in_the_address(
    open_page: Callable[[], AppTest], submitted: list[str]
) -> None:
    app = go_to(open_page(), {"campaign": "open day", "batch_size": "64"})
    assert ["unknown setting “campaign”" in text for text in warnings(app)] == [True]
    app.number_input(key=state.setting("epochs")).set_value(2).run()
    app.button(key="train").click().run()
    assert dict(app.query_params) == {
        "campaign": "open day",
        "batch_size": "64",
        "epochs": "2",
        "run": submitted[0],
    }


def test_text_of_an_address_is_no_markdown(open_page: Callable[[], AppTest]) -> None:
    app = go_to(open_page(), {"[Log in](https://example.org/)": "1", "epochs": "![x](https://example.org/)"})
    assert len(warnings(app)) == 2
    assert all("](https" not in text.replace(r"\]", "") for text in warnings(app))


def test_a_run_is_shown_by_its_link_and_a_choice_stands_in_the_address(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    theirs = store.create(TrainingConfig(epochs=3), workspace="b" * 24)
    first, second = (store.create(TrainingConfig(epochs=count), workspace=MINE) for count in (11, 12))

    def epochs_shown(app: AppTest) -> str:
        return next(metric.value for metric in app.metric if metric.label == "Epoch").split("/")[-1].strip()

    app = open_page()
    assert epochs_shown(app) == "12"
    assert "run" not in app.query_params  # the newest, whichever that is
    go_to(app, {"run": theirs.id})
    assert epochs_shown(app) == "3"
    app.selectbox(key=state.RUN_PICKED).set_value(first.id).run()
    assert (epochs_shown(app), app.query_params["run"]) == ("11", first.id)
    app.number_input(key=state.setting("epochs")).set_value(8).run()
    assert dict(app.query_params) == {"run": first.id, "epochs": "8"}
    go_to(app, {"run": second.id, "epochs": "8"})
    assert epochs_shown(app) == "12"
    go_to(app, {"run": "0123456789ab"})
    assert [text for text in warnings(app) if "0123456789ab" in text]
    assert epochs_shown(app) == "12"


def test_a_page_that_was_left_has_its_settings_again_unless_its_link_says_others(
    open_page: Callable[[], AppTest],
) -> None:
    app = open_page()
    app.number_input(key=state.setting("batch_size")).set_value(77).run()
    app.switch_page("pages/evaluate.py").run()
    app.query_params.clear()
    app.switch_page("pages/train.py").run()
    assert config_of(app) == TrainingConfig(batch_size=77)
    assert app.query_params["batch_size"] == "77"
    app.switch_page("pages/evaluate.py").run()
    app.query_params.clear()
    app.query_params["batch_size"] = "78"
    app.switch_page("pages/train.py").run()
    assert config_of(app) == TrainingConfig(batch_size=78)


class _Address(dict[str, str]):
    """Stands for `st.query_params`."""

    def to_dict(self) -> dict[str, str]:
        return dict(self)

    def from_dict(self, parameters: dict[str, str]) -> None:
        self.clear()
        self.update(parameters)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> _Address:
    found = _Address()
    monkeypatch.setattr(link, "st", SimpleNamespace(session_state={}, query_params=found))
    return found


def test_an_address_that_is_on_its_way_is_no_way_back_while_the_visitor_acts(address: _Address) -> None:
    page = link.Link("train", lambda name: name in {"epochs", "run"})
    assert page.arrived(has_acted=False) == {}
    for epochs in "123":
        page.write({"epochs": epochs})
    address.from_dict({"epochs": "2", "other": "x"})  # the third is still on its way
    assert page.arrived(has_acted=True) is None
    page.write({"epochs": "4"})
    assert address == {"epochs": "4", "other": "x"}
    address.from_dict({"epochs": "3"})
    assert page.arrived(has_acted=True) is None
    address.from_dict({"epochs": "4"})
    assert page.arrived(has_acted=True) is None
    # All that was on its way has arrived: an older address is a way back now, whatever else is done.
    address.from_dict({"epochs": "2"})
    assert page.arrived(has_acted=True) == {"epochs": "2"}
    assert page.arrived(has_acted=False) is None
    page.write({"epochs": "5"})
    address.from_dict({"epochs": "2"})
    assert page.arrived(has_acted=False) == {"epochs": "2"}


def test_an_internet_address_is_stored_as_a_word_that_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, home: object
) -> None:
    def word(text: str | None) -> str | None:
        context = SimpleNamespace(ip_address=text)
        monkeypatch.setattr(launch, "st", SimpleNamespace(context=context))
        return launch._address()

    assert word(None) is None
    assert word("no address") is None
    one = word("198.51.100.7")
    assert one is not None
    assert len(one) == 24
    assert one == word("198.51.100.7") != word("198.51.100.8")
    # A provider's customer has a network of them.
    assert word("2001:db8:1:2::7") == word("2001:db8:1:2:3:4:5:6") != word("2001:db8:1:3::7")
