"""A class: thirty visitors at once press Train, look, evaluate and draw, on one small server.

They speak Streamlit's protocol (tests/support/visitor.py), so that the server's cores are not the browsers'.
`classroom_answer_s` is the 95th percentile of all answers of pages while runs train, ticks of the live panel
among them. Every third presses Train twice; `classroom_runs_ahead` is the most runs of one and the same other
visitor that began while somebody was waiting for a first one.
"""

import asyncio
import base64
import io
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import attrgetter
from statistics import quantiles

from PIL import Image, ImageDraw

from benchmarks.app import RunningApp, running_app
from benchmarks.memory_watch import MemoryWatch
from benchmarks.result import Result
from core.config import to_query
from core.errors import DigitLabError
from core.recipes import get_recipe
from core.store import Run, RunStatus
from tests.support.visitor import Visitor

NAMES = (
    "classroom_answer_s",
    "classroom_tick_s",
    "classroom_errors",
    "classroom_unfinished",
    "classroom_runs_ahead",
    "classroom_seconds",
    "classroom_mb_before",
    "classroom_mb_peak",
    "classroom_mb_after",
)

VISITORS = 30
PRESSES = VISITORS + VISITORS // 3
# Everybody is in the room within so many seconds.
ARRIVAL_SECONDS = 10.0
ALLOWED_SECONDS = 1.0
_PATIENCE = 600.0


def run() -> Iterator[Result]:
    """Yield what a lesson costs: answers, errors, memory of app and workers together."""
    with running_app(needs_mnist=True) as app, MemoryWatch(app.pid) as memory:
        # The first visit starts what every later one finds: it is not the class's.
        asyncio.run(_look(app))
        before = memory.now()
        memory.forget()
        began = time.monotonic()
        visitors, errors = asyncio.run(_lesson(app))
        seconds = time.monotonic() - began
        store = app.open_store()
        runs = store.list_runs(limit=10 * VISITORS)
        store.close()
        unfinished = PRESSES - sum(one.status is RunStatus.FINISHED for one in runs)
        peak, after = memory.peak, memory.now()
    answers = [taken for one in visitors for action in one.seconds.values() for taken in action]
    ticks = [taken for one in visitors for taken in one.seconds.get("tick", [])]
    for number, error in enumerate(errors):
        print(f"  error {number + 1}: {error}")
    yield Result(
        "classroom_answer_s", _percentile(answers), "s", ALLOWED_SECONDS, low=min(answers), high=max(answers)
    )
    yield Result("classroom_tick_s", _percentile(ticks), "s", low=min(ticks), high=max(ticks))
    yield Result("classroom_errors", len(errors), "", 0)
    yield Result("classroom_unfinished", unfinished, "", 0)
    yield Result("classroom_runs_ahead", runs_ahead(runs), "", 1)
    yield Result("classroom_seconds", seconds, "s")
    yield Result("classroom_mb_before", before, "MB")
    yield Result("classroom_mb_peak", peak, "MB")
    yield Result("classroom_mb_after", after, "MB")


def runs_ahead(runs: Sequence[Run]) -> int:
    """Return the most runs of one other workspace that began while a workspace waited for its first."""
    most = 0
    for first in {
        run.workspace: run for run in sorted(runs, key=attrgetter("created_at"), reverse=True)
    }.values():
        if first.started_at is None:
            continue
        began = Counter(
            run.workspace
            for run in runs
            if run.workspace != first.workspace
            and run.started_at is not None
            and first.created_at <= run.started_at < first.started_at
        )
        most = max(most, *began.values(), 0)
    return most


async def _look(app: RunningApp) -> None:
    async with Visitor(app.url) as visitor:
        await visitor.open()


async def _lesson(app: RunningApp) -> tuple[list[Visitor], list[str]]:
    chance = random.Random(0)
    visitors = [Visitor(app.url) for _ in range(VISITORS)]
    came = await asyncio.gather(
        *(_take_part(one, chance.uniform(0, ARRIVAL_SECONDS), number) for number, one in enumerate(visitors)),
        return_exceptions=True,
    )
    errors = [
        f"visitor {number}: {error!r}"
        for number, error in enumerate(came)
        if isinstance(error, BaseException)
    ]
    errors += [
        f"visitor {number}: {text}"
        for number, found in enumerate(came)
        if isinstance(found, list)
        for text in found
    ]
    return visitors, errors


async def _take_part(visitor: Visitor, delay: float, number: int) -> list[str]:
    """Train the recipe, watch until it has ended, evaluate it, draw; return the errors that were on show."""
    await asyncio.sleep(delay)
    config = get_recipe("two-128").config.model_copy(update={"dataset": "mnist", "seed": number})
    seen: list[str] = []
    query = "&".join(f"{name}={value}" for name, value in to_query(config).items())
    async with visitor:
        await visitor.open()
        await visitor.open(query=query)
        seen += visitor.errors()
        await visitor.press("Train")
        if number % 3 == 0:
            await visitor.press("Train")
        await visitor.wait_for(
            lambda: any("it has never seen them" in text for text in visitor.texts()),
            "the run to end",
            _PATIENCE,
        )
        seen += visitor.errors()
        await visitor.open("evaluate")
        seen += visitor.errors()
        await visitor.open("draw")
        seen += visitor.errors()
        await visitor.say("canvas", {"drawing": {"raw": {"objects": [{"type": "path"}]}, "data": _seven()}})
        seen += visitor.errors()
        return seen


def _seven() -> str:
    """Return a drawn 7 as the canvas sends it."""
    picture = Image.new("RGBA", (280, 280), "white")
    ImageDraw.Draw(picture).line([(70, 60), (210, 60), (120, 230)], fill="black", width=22)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _percentile(values: list[float]) -> float:
    if len(values) < 2:
        raise DigitLabError("The visitors got no answers: look at the errors above.")
    return quantiles(values, n=20)[-1]
