"""In another language Compare and Tune show no word of English either."""

from types import SimpleNamespace

import pytest

from core.experiments.one_press import STUDIES
from core.store import RunStore
from pages.parts.shared import handles, state
from tests.pages.language.test_pages import check, open_page
from tests.pages.test_studies import find_rate, studied
from tests.pages.test_tune import searched

pytestmark = pytest.mark.usefixtures("pseudo", "submitted", "driver")
COMPARE, TUNE = "pages/compare.py", "pages/tune.py"


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing looks after experiments."""
    monkeypatch.setattr(handles, "driver", lambda: SimpleNamespace(wake=lambda: None))


def test_nothing_to_compare(store: RunStore) -> None:
    app = open_page(COMPARE)
    check(app)
    check(app.button(key="duel_example").click().run())
    check(app.segmented_control(key=state.DUEL_GUESS).set_value("a").run())


def test_a_search(store: RunStore) -> None:
    app = open_page(TUNE)
    check(app)
    check(app.multiselect(state.TUNE_RANGES).set_value(["learning_rate", "optimizer", "layers"]).run())
    check(app.button_group(state.TUNE_SAMPLER).set_value("grid").run())
    check(app.text_input(state.tune("learning_rate", "high")).set_value("1000").run())
    check(open_page(TUNE, search=searched(store).id))


def test_studies(store: RunStore) -> None:
    app = open_page(TUNE)
    check(app.button_group(state.TUNE_VIEW).set_value("study").run())
    check(open_page(TUNE, study=find_rate(store).id))
    for study in STUDIES[1:]:
        check(open_page(TUNE, study=studied(store, study).id))
