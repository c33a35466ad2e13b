"""What a tick of the panel costs: how little it draws, how little it reads, and for how many at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.store import CurvePoint, Progress, Request, RunStatus, RunStore
from core.store.watching import Watched, Watcher
from pages.parts.shared import handles
from tests.pages.samples import MINE
from tests.support.store_samples import holding


@pytest.fixture
def run_id(store: RunStore) -> str:
    """A run of this browser that is training, with one point on its curve."""
    run = store.create(TrainingConfig(), workspace=MINE)
    store.claim(run.id, "worker")
    record(store, run.id, 1)
    return run.id


def record(store: RunStore, run_id: str, number: int) -> None:
    point = CurvePoint(10 * number, number / 100, 1 / number, 0.9, "training")
    holding(store, run_id, "worker").record([point], Progress(1, 10 * number, 1_350, 61_234.0, 75.0))


@contextmanager
def statements(store: RunStore) -> Iterator[list[str]]:
    """Yield a list of the statements that the pages' own store executes meanwhile."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            heard.append(statement)

    engine = store._database.engine
    event.listen(engine, "after_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "after_cursor_execute", hear)


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_all_viewers_of_a_run_share_what_is_read_and_made(
    open_page: Callable[[], AppTest], store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    from pages.parts.shared import live_chart

    real = live_chart.compact
    monkeypatch.setattr(live_chart, "compact", lambda info: made.append(1) or real(info))
    first, second = open_page(), open_page()
    assert metrics(first) == metrics(second)
    assert len(made) == 1
    record(store, run_id, 4)
    first.run()
    second.run()
    assert metrics(second)["Loss"] == "0.2500"
    assert len(made) == 2


def test_what_was_pressed_is_seen_at_once(
    open_page: Callable[[], AppTest], store: RunStore, run_id: str
) -> None:
    app = open_page()
    assert app.button(key=f"pause_{run_id}").label == "Pause"
    app.button(key=f"pause_{run_id}").click().run()
    assert store.get(run_id).request is Request.PAUSE
    assert app.button(key=f"pause_{run_id}").label == "Pausing…"


def test_a_tick_draws_few_elements_and_asks_only_the_shared_reader(
    store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(run_id: str) -> None:
        import streamlit as st

        from core.store import Request, RunStatus
        from pages.parts.shared.runs.panel import Look, _live

        look = Look(logarithmic=False, smoothing=0.6, has_ghosts=False)
        _live(run_id, (RunStatus.RUNNING, Request.NONE), look, [], "#1", st.empty())

    watcher = Watcher(store, fresh_seconds=3_600)
    watcher.look(run_id)
    record(store, run_id, 2)
    watcher.expire()
    monkeypatch.setattr(handles, "watcher", lambda: watcher)
    monkeypatch.setattr(handles, "store", lambda: pytest.fail("a tick asks the database by itself"))
    app = AppTest.from_function(script, args=(run_id,)).run(timeout=60)
    with statements(store) as heard:
        app.run()
    assert not app.exception
    assert metrics(app)["Loss"] == "0.5000"
    assert heard == []

    def count(block: Any) -> int:
        return 1 + sum(map(count, getattr(block, "children", {}).values()))

    # Each is a message to each viewer, twice a second: eight numbers, the line of the bar, the chart.
    assert count(app.main) <= 13


def test_a_run_that_ends_takes_the_whole_page_along(
    open_page: Callable[[], AppTest], store: RunStore, run_id: str
) -> None:
    app = open_page()
    assert "Finished" not in "".join(one.value for one in app.success)
    holding(store, run_id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.3)
    app.run()
    assert "Finished" in app.success[0].value
    assert not [button for button in app.button if button.key == f"pause_{run_id}"]


def test_a_press_that_deletes_the_run_takes_the_whole_page_along(store: RunStore, run_id: str) -> None:
    holding(store, run_id, "worker").finish(RunStatus.STOPPED)
    store.delete(run_id)

    def script(run_id: str) -> None:
        import streamlit as st

        from pages.parts.shared import state
        from pages.parts.shared.runs.panel import Look, _live, _panel

        # Each part comes alone after a press in it: the page has not looked yet whether the run is there.
        come_again = st.session_state.setdefault("come_again", [])
        for part in ("panel", "live"):
            if part not in come_again:
                come_again.append(part)
                st.session_state[state.PAGE_IS_BEHIND] = True
                if part == "panel":
                    _panel(run_id, "#1", st.empty(), ())
                else:
                    look = Look(logarithmic=False, smoothing=0.6, has_ghosts=False)
                    _live(run_id, (), look, [], "#1", st.empty())
        st.write("The whole page")

    app = AppTest.from_function(script, args=(run_id,)).run(timeout=60)
    assert not app.exception
    assert [one.value for one in app.markdown] == ["The whole page"]


def test_a_bar_that_was_drawn_before_the_run_paused_is_drawn_again(
    open_page: Callable[[], AppTest], store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page()
    real, paused = handles.watcher().look, []

    def look(run_id: str, *, anew: bool = False) -> Watched:
        if not paused:  # between the bar and the panel of one and the same page
            paused.append(run_id)
            holding(store, run_id, "worker").finish(RunStatus.PAUSED)
            handles.watcher().expire()
        return real(run_id, anew=anew)

    monkeypatch.setattr(handles.watcher(), "look", look)
    app = open_page()
    assert paused
    assert app.button(key=f"resume_{run_id}").label == "Resume"
