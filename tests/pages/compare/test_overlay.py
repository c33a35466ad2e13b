"""The curves of several runs on the Compare page: which lines, how they are drawn, what the address says."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.store import CurvePoint, Progress, RunStatus, RunStore
from pages.parts.shared import handles, state
from tests.pages.samples import APP, MINE
from tests.support.store_samples import holding


def trained(store: RunStore, *, ends: bool = True, points: int = 20, **settings: Any) -> str:
    """Return the id of a run with a curve, which has ended or still trains."""
    run = store.create(TrainingConfig(epochs=2, **settings), workspace=MINE)
    claim = store.claim(run.id, "worker")
    recorded = [CurvePoint(step, step / 10, 2.3 / (1 + step), 0.5, "training") for step in range(points)]
    recorded.append(CurvePoint(10, 1.0, 0.3, 0.9, "validation"))
    claim.record(recorded, Progress(2, 10, 10, 1_000.0, 0.0))
    if ends:
        claim.finish(
            RunStatus.FINISHED, test_accuracy=0.97, test_loss=0.1, train_seconds=4.0, total_seconds=9.0
        )
    return run.id


def open_page(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("pages/compare.py").run()
    assert not app.exception
    return app


def sent(app: AppTest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the chart is told, and what is told of the lines that move."""
    updates = []
    for component in app.get("bidi_component"):
        content = bytes(component.proto.bytes)
        if b"\n" in content:
            updates.append(json.loads(content.partition(b"\n")[2]))
    (chart,) = (update for update in updates if "order" in update)
    (moving,) = (update for update in updates if "moving" in update)
    return chart, moving


def test_runs_in_the_order_of_the_address_and_how_they_are_drawn(store: RunStore) -> None:
    one, other = trained(store), trained(store, learning_rate=0.01)
    app = open_page(
        runs=f"{other},{one}", view="curves", x="seconds", log="1", smooth="0.6", lines="validation"
    )
    chart, moving = sent(app)
    assert chart["order"] == [other, one]
    assert [line["name"] for line in chart["lines"]] == [
        "#2 · learning rate 0.01",
        "#1 · learning rate 0.001",
    ]
    assert (chart["axis"], chart["kinds"], chart["logarithmic"]) == ("seconds", ["validation"], True)
    assert not chart["logarithmicAxis"]
    # 4 seconds for 1.9 epochs.
    assert chart["lines"][0]["seconds"] == pytest.approx(4 / 1.9, rel=1e-3)
    assert moving["moving"] == []
    assert app.slider(key=state.OVERLAY_SMOOTHING).value == 0.6
    assert app.query_params["x"] == "seconds"


def test_what_is_chosen_stands_in_the_address_and_what_is_usual_does_not(store: RunStore) -> None:
    run = trained(store)
    app = open_page(runs=run, view="curves", bands="1", x="parsecs", smooth="nan", lines="<b>")
    chart, _ = sent(app)
    assert (chart["axis"], chart["kinds"]) == ("epoch", ["training", "validation"])
    assert app.slider(key=state.OVERLAY_SMOOTHING).value == 0
    assert {"x", "smooth", "lines"} & set(app.query_params) == set()

    app.segmented_control(key=state.OVERLAY_AXIS).set_value("step").run()
    app.toggle(key=state.OVERLAY_LOGARITHMIC).set_value(True).run()
    app.slider(key=state.OVERLAY_SMOOTHING).set_value(0.5).run()

    found = {name: app.query_params[name] for name in ("runs", "x", "log", "smooth")}
    assert found == {"runs": run, "x": "step", "log": "1", "smooth": "0.5"}
    assert sent(app)[0]["axis"] == "step"


def test_seeds_become_one_line_with_a_band(store: RunStore) -> None:
    seeds = [trained(store, seed=seed) for seed in range(3)]
    other = trained(store, learning_rate=0.01)
    app = open_page(runs=",".join([*seeds, other]), view="curves", bands="1")
    chart, _ = sent(app)
    assert chart["order"] == [seeds[0], other]
    assert [line["name"] for line in chart["lines"]] == [
        "#1 with 3 seeds · learning rate 0.001",
        "#4 · learning rate 0.01",
    ]
    assert set(chart["lines"][0]["bands"]) == {"training", "validation"}
    assert chart["lines"][1]["bands"] == {}

    app.toggle(key=state.OVERLAY_BANDS).set_value(False).run()

    chart, _ = sent(app)
    assert chart["order"] == [*seeds, other]
    assert chart["lines"][1]["name"] == "#2 · learning rate 0.001, seed 1"
    assert len({(line["colour"], line["dash"]) for line in chart["lines"]}) == 4
    assert not open_page(runs=other, view="curves").toggle(key=state.OVERLAY_BANDS).value


def test_a_run_that_trains_is_handed_over_by_itself_and_moves(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handles.watcher(), "_fresh_seconds", 0.0)
    still, alive = trained(store), trained(store, ends=False, seed=1)
    app = open_page(runs=f"{still},{alive}", view="curves")
    chart, moving = sent(app)
    assert chart["order"] == [still, alive]
    assert [line["id"] for line in chart["lines"]] == [still]
    assert [line["id"] for line in moving["moving"]] == [alive]
    before = len(moving["moving"][0]["training"][0])
    assert moving["moving"][0]["end"] == 2

    more = [CurvePoint(20 + step, 2 + step / 10, 0.1, 0.9, "training") for step in range(5)]
    holding(store, alive, "worker").record(more, Progress(2, 10, 10, 1_000.0, 0.0))
    app.run()
    assert len(sent(app)[1]["moving"][0]["training"][0]) == before + 5


def test_without_runs_it_says_what_to_do(store: RunStore) -> None:
    trained(store)
    app = open_page(runs="", view="curves")
    app.session_state[state.COMPARED] = ()
    app.run()
    assert "Choose runs in the table" in "".join(info.value for info in app.info)


def test_where_nothing_can_be_written_a_plain_chart_stands(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages.parts.shared import overlay_chart

    monkeypatch.setattr(overlay_chart, "_prepared", lambda *_: None)
    app = open_page(runs=trained(store), view="curves", log="1")
    (figure,) = app.get("plotly_chart")
    assert json.loads(figure.proto.spec)["layout"]["yaxis"]["type"] == "log"
    assert "redrawn as a whole" in "".join(caption.value for caption in app.caption)
