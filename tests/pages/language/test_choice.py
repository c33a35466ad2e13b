"""Which language a page has: the address, a choice of before, the browser, English."""

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import HTTPConnection
from streamlit.testing.v1 import AppTest

from core.bring_back.network import AS_IT_IS
from core.config import TrainingConfig
from core.store import Request, RunStore
from pages.parts.shared import state
from pages.parts.shared.language import choice
from pages.parts.shared.language.choice import COOKIE, PARAMETER, closest, language, language_of
from tests.pages.samples import APP, MINE
from tests.pages.test_take_home import UNSCALED, bring
from tests.pages.test_tune import searched
from tests.support.search_samples import RATE, UNITS

TITLES = {"en": "Train a network to read digits", "de": "Bring einem Netz Ziffern bei"}


def open_page(locale: str | None = None, page: str | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    app.context = {"locale": locale} if locale else {}
    for name, value in query.items():
        app.query_params[name] = value
    (app.switch_page(page) if page else app).run()
    assert not app.exception
    return app


def titles(app: AppTest) -> list[str]:
    return [one.value for one in app.title]


@pytest.mark.parametrize(
    ("tag", "found"),
    [("de-AT", "de"), ("DE", "de"), ("fr_CA", "fr"), ("den", None), ("it", None), ("", None), (None, None)],
)
def test_a_tag_asks_for_one_of_ours_or_none(tag: str | None, found: str | None) -> None:
    assert closest(tag) == found


@pytest.mark.parametrize(
    ("locale", "title"), [("de-CH", "de"), ("en-GB", "en"), ("it-IT", "en"), (None, "en"), ("<b>", "en")]
)
def test_the_browser_is_asked(submitted: list[str], locale: str | None, title: str) -> None:
    assert titles(open_page(locale)) == [TITLES[title]]


def test_the_address_goes_before_the_browser_and_is_no_setting(submitted: list[str]) -> None:
    app = open_page("en-US", lang="de", epochs="7")
    assert titles(app) == [TITLES["de"]]
    assert not app.warning
    assert (app.query_params[PARAMETER], app.query_params["epochs"]) == ("de", "7")
    del app.query_params[PARAMETER]  # as a link to another page does
    assert titles(app.run()) == [TITLES["de"]]
    assert titles(open_page("de-DE", lang="xx")) == [TITLES["de"]]


def test_a_cookie_goes_before_the_browser(submitted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    context = SimpleNamespace(cookies={COOKIE: "en"}, locale="de-DE", timezone=None, ip_address=None)
    monkeypatch.setattr(choice.st, "context", context)
    assert titles(open_page()) == [TITLES["en"]]


def test_a_choice_changes_the_page_its_address_and_the_browsers_cookie(submitted: list[str]) -> None:
    app = open_page("en-US")
    told = [one.proto.json for one in app.get("bidi_component") if '"seconds"' in one.proto.json]
    assert not any(COOKIE in one for one in told)
    app.radio(key=state.LANGUAGE_SWITCH).set_value("de").run()
    assert titles(app) == [TITLES["de"]]
    assert app.query_params[PARAMETER] == "de"
    (told,) = [one.proto.json for one in app.get("bidi_component") if COOKIE in one.proto.json]
    assert '"de"' in told.replace(" ", "").replace('"language":"de"', '"de"')
    app.radio(key=state.LANGUAGE_SWITCH).set_value("en").run()
    assert titles(app) == [TITLES["en"]]


def lists(app: AppTest) -> dict[str, Any]:
    """Return what the browser is told of each list of a page, by its key."""
    kinds = ("selectbox", "multiselect", "button_group", "radio", "select_slider")
    return {one.key: one.proto for kind in kinds for one in app.get(kind) if one.key}


def read_in(language: str, app: AppTest) -> set[str]:
    """Switch the language; return the keys of the lists whose words have changed.

    The browser has to be told anew what is chosen in each: it would send words that the page has no more.
    """
    before = lists(app)
    app.radio(key=state.LANGUAGE_SWITCH).set_value(language).run()
    assert not app.exception
    after = lists(app)
    changed = {key for key in before if list(before[key].options) != list(after[key].options)}
    assert {key for key in changed if not after[key].set_value} == set()
    return changed


def test_what_was_set_stays_when_the_language_changes(submitted: list[str]) -> None:
    app = open_page("en-US")
    app.selectbox(key=state.setting("optimizer")).set_value("sgd").run()
    app.selectbox(key=state.setting("early_stopping")).set_value("loss").run()
    app.text_input(key=state.setting("learning_rate")).set_value("0.02").run()
    app.segmented_control(key=state.setting("input_form")).set_value("flat").run()
    app.segmented_control(key=state.SPEED).set_value(Request.SLOW).run()
    before = app.session_state[state.FORM_CONFIG]
    assert before != TrainingConfig()
    for one in ("de", "fr", "en"):
        assert state.setting("optimizer") in read_in(one, app)
        assert app.session_state[state.FORM_CONFIG] == before
        assert app.session_state[state.SPEED] is Request.SLOW


def test_what_is_chosen_on_tune_stays_when_the_language_changes(
    submitted: list[str], store: RunStore
) -> None:
    app = open_page("en-US", "pages/tune.py")
    choices, ranges = state.tune("learning_rate_schedule", "choices"), ["learning_rate_schedule", "units"]
    app.multiselect(key=state.TUNE_RANGES).set_value(ranges).run()
    app.multiselect(key=choices).set_value(["constant", "cosine"]).run()
    assert {state.TUNE_VIEW, state.TUNE_RANGES, choices, state.TUNE_GOAL} <= read_in("de", app)
    assert app.session_state[state.TUNE_RANGES] == ranges
    assert app.session_state[choices] == ["constant", "cosine"]


def test_the_best_run_that_is_chosen_stays_when_the_language_changes(
    submitted: list[str], store: RunStore
) -> None:
    searched(store, 8, goal="parameters", sampler="random", seed=3)  # a front of several
    app = open_page("en-US", "pages/tune.py")
    last = int(app.selectbox(key=state.SEARCH_TRIAL).options[-1].split()[1]) - 1
    app.selectbox(key=state.SEARCH_TRIAL).set_value(last).run()
    assert {state.SEARCH_TRIAL, state.SEARCH_FIGURE} <= read_in("de", app)
    assert app.session_state[state.SEARCH_TRIAL] == last


def test_the_settings_of_a_figure_stay_when_the_language_changes(
    submitted: list[str], store: RunStore
) -> None:
    dropout = {"name": "dropout", "low": 0.0, "high": 0.5}
    searched(store, 8, sampler="random", seed=3, ranges=[RATE, UNITS, dropout])
    app = open_page("en-US", "pages/tune.py")
    app.segmented_control(key=state.SEARCH_FIGURE).set_value("contour").run()
    key, wanted = state.search_settings("contour"), ["dropout", "units"]
    assert app.session_state[key] != wanted
    app.multiselect(key=key).set_value(wanted).run()
    for one in ("de", "en"):
        assert key in read_in(one, app)
        assert app.session_state[key] == wanted
    assert not app.exception


def test_what_is_chosen_on_compare_stays_when_the_language_changes(
    submitted: list[str], store: RunStore
) -> None:
    runs = ",".join(store.create(TrainingConfig(), workspace=owner).id for owner in (MINE, "b" * 24))
    app = bring(open_page("en-US", "pages/compare.py", runs=runs), "net.keras", UNSCALED)
    chosen = {
        state.OVERLAY_AXIS: "step",
        state.OVERLAY_KINDS: "validation",
        state.BROUGHT_SCALE: AS_IT_IS,
        state.BROUGHT_DATASET: "fashion-mnist",
    }
    for kind, keys in (
        (app.segmented_control, (state.OVERLAY_AXIS, state.OVERLAY_KINDS)),
        (app.selectbox, (state.BROUGHT_SCALE, state.BROUGHT_DATASET)),
    ):
        for key in keys:
            kind(key=key).set_value(chosen[key])
    app.run()
    assert {state.COMPARE_VIEW, state.TAKEN_HOME, *chosen} <= read_in("de", app)
    assert {key: app.session_state[key] for key in chosen} == chosen


def test_the_duel_stays_when_the_language_changes(submitted: list[str], store: RunStore) -> None:
    app = open_page("en-US", "pages/compare.py", view="duel")
    app.button(key="duel_example").click().run()
    app.selectbox(key=state.DUEL_SETTING).set_value("optimizer").run()
    value = state.duel_value("optimizer")
    app.selectbox(key=value).set_value("sgd").run()
    assert {state.DUEL_A, state.DUEL_SETTING, state.DUEL_GUESS, value} <= read_in("de", app)
    assert app.session_state[value] == "sgd"


def test_outside_of_a_session_it_is_english() -> None:
    assert language() == "en"


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "found"),
    [
        ("", "", "de-DE,de;q=0.9,en;q=0.8", "de"),
        ("", "", "it, fr;q=0.5", "fr"),
        ("", f"{COOKIE}=en", "de", "en"),
        ("lang=fr", f"{COOKIE}=en", "de", "fr"),
        ("", "", "", "en"),
        ("lang=%00", f"{COOKIE}=;;=", ",;,", "en"),
    ],
)
def test_the_first_page_speaks_the_language_of_who_asks(
    query: str, cookie: str, accepted: str, found: str
) -> None:
    headers = [(b"cookie", cookie.encode()), (b"accept-language", accepted.encode())]
    scope = {"type": "http", "headers": headers, "query_string": query.encode()}
    assert language_of(HTTPConnection(scope)) == found
