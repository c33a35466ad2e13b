"""Curves of twenty runs of 2,000 points in one chart: from the press that asks for them to what is drawn.

The running app is open in Chromium, at another view of these runs, and has come to rest. `overlay_first` is
the first time that anybody asks for the curves: they are read from the database. After that they are kept:
`overlay_from_another_view` is what a visitor waits for, `overlay_other_axis` a switch that draws all of them
anew. `overlay_opened` is a visit by a link, of which most is Streamlit's own start. Times end with the frame
that shows the curves.
"""

from collections.abc import Collection, Iterator

import numpy as np
import psutil
from playwright.sync_api import Page

from benchmarks.app import RUN_PATIENCE, RunningApp, chromium, running_app
from benchmarks.result import Result
from core.config import TrainingConfig
from core.store import SHARED_WORKSPACE, CurvePoint, Progress, RunStatus, RunStore
from tests.support.serve import wait_until

NAMES = (
    "overlay_first",
    "overlay_from_another_view",
    "overlay_other_axis",
    "overlay_bytes",
    "overlay_opened",
)
RUNS, POINTS, EPOCHS = 20, 2_000, 20
BAR = 700.0  # milliseconds
_TIMES = 7
_IDLE_PERCENT = 10.0  # of a core
_STEPS = 1_350  # an epoch of MNIST at batch 40
_DRAWN = f'[data-testid="overlay-chart"][data-lines="{RUNS}"]'
# When the curves are drawn, by the browser's own clock: a poll from outside would come late.
_NOTE = f"""
window.noteWhenDrawn = (axis) => new Promise((resolve) => {{
    const drawn = '{_DRAWN}' + (axis ? `[data-axis="${{axis}}"]` : "");
    const watching = new MutationObserver(() => {{
        if (!document.querySelector(drawn)) return;
        watching.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    }});
    watching.observe(document, {{ subtree: true, childList: true, attributes: true }});
}});
"""
_PRESS = """async ([name, axis]) => {
    const radios = [...document.querySelectorAll('[role="radio"]')];
    const radio = radios.find((one) => one.textContent.trim() === name);
    const drawn = window.noteWhenDrawn(axis), pressed = performance.now();
    radio.click();
    return (await drawn) - pressed;
}"""


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield milliseconds to the drawn curves, and the bytes that are sent for them."""
    with running_app() as app, chromium() as browser:
        store = app.open_store()
        address = f"{app.url}/compare?runs={','.join(write_runs(store))}&view="
        store.close()
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(_NOTE)
        received: list[int] = []
        page.on(
            "websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame)))
        )
        page.goto(f"{address}differs")
        page.get_by_text("Is it luck?").wait_for(timeout=60_000)
        _settle(page, app)
        yield Result("overlay_first", page.evaluate(_PRESS, ["Curves", None]), "ms", BAR)
        views, axes, sizes = [], [], []
        for _ in range(_TIMES):
            _look_away(page)
            received.clear()
            views.append(page.evaluate(_PRESS, ["Curves", None]))
            sizes.append(float(sum(received)))
            axes += [
                page.evaluate(_PRESS, [name, axis]) for name, axis in (("Steps", "step"), ("Epochs", "epoch"))
            ]
        yield Result.of("overlay_from_another_view", views, "ms", BAR)
        yield Result.of("overlay_other_axis", axes, "ms", BAR)
        yield Result.of("overlay_bytes", sizes, "B")
        if "overlay_opened" in wanted:
            yield Result.of("overlay_opened", [_open(page, f"{address}curves") for _ in range(_TIMES)], "ms")


def write_runs(store: RunStore) -> list[str]:
    """Write finished runs with noisy curves, four settings with five seeds each; return their ids."""
    chance = np.random.default_rng(0)
    epochs = np.arange(1, POINTS + 1) * EPOCHS / POINTS
    ids = []
    for number in range(RUNS):
        rate = (0.001, 0.01, 0.0003, 0.003)[number // 5]
        config = TrainingConfig(epochs=EPOCHS, learning_rate=rate, seed=number % 5)
        run = store.create(config, workspace=SHARED_WORKSPACE)
        claim = store.claim(run.id, "benchmark")
        loss = 2.3 * np.exp(-epochs) * chance.lognormal(0, 0.1, POINTS) + 0.05 * chance.lognormal(
            0, 0.3, POINTS
        )
        points = [
            CurvePoint(round(epoch * _STEPS), epoch, value, max(0.1, 1 - value / 2.6), "training")
            for epoch, value in zip(epochs.tolist(), loss.tolist(), strict=True)
        ]
        points += [
            CurvePoint(
                epoch * _STEPS,
                float(epoch),
                0.06 + 2 * np.exp(-epoch),
                0.97 - 0.5 * np.exp(-epoch),
                "validation",
            )
            for epoch in range(1, EPOCHS + 1)
        ]
        claim.record(points, Progress(EPOCHS, _STEPS, _STEPS, 50_000.0, 0.0))
        accuracy = float(chance.normal(0.976, 0.001))
        claim.finish(
            RunStatus.FINISHED, test_accuracy=accuracy, test_loss=0.08, train_seconds=20.0, total_seconds=25.0
        )
        ids.append(run.id)
    return ids


def _settle(page: Page, app: RunningApp) -> None:
    """Wait until the browser has fetched ahead what it draws with, and the workers have started."""
    page.wait_for_function("() => window.Plotly", timeout=60_000)
    processes = [psutil.Process(app.pid), *psutil.Process(app.pid).children(recursive=True)]

    def is_at_rest() -> bool:
        for process in processes:
            process.cpu_percent()
        page.wait_for_timeout(1_000)
        return bool(sum(process.cpu_percent() for process in processes) < _IDLE_PERCENT)

    wait_until(is_at_rest, RUN_PATIENCE, "the app to come to rest")


def _look_away(page: Page) -> None:
    page.get_by_role("radio", name="What differs").click()
    page.get_by_test_id("overlay-chart").wait_for(state="detached")
    page.get_by_text("Is it luck?").wait_for()


def _open(page: Page, address: str) -> float:
    """Return milliseconds from the beginning of a visit to the drawn curves."""
    page.goto("about:blank")
    page.goto(address, wait_until="commit")
    return float(page.evaluate("async () => await window.noteWhenDrawn()"))
