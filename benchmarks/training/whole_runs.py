"""Recipe `two-128` from the worker taking the run to its final test figures, against a plain script.

The plain script is `model.fit` and `model.evaluate` as tutorials write them; ours is the whole
job with curve, checkpoints, test and exported network. Cold is the first run of a process, which
compiles; warm is a later one of the same shapes. Imports count on neither side: workers have
them behind them before a run is asked for, and the rehearsal of a tiny network of other shapes.
"""

import json
import sys
import time
from collections.abc import Collection, Iterator

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from benchmarks.training.ways import plain, recipe_config
from core.settings import get_settings
from core.store import CurvePoint, Progress, RunStore

PAIRS = 3
RUNS_A_PROCESS = 3
# What is asked: times as fast as the plain script; seconds to the first point; MB.
REQUIRED = {
    "recipe_ratio_cold": 5.0,
    "recipe_ratio_warm": 8.0,
    "first_point_cold_s": 3.0,
    "first_point_warm_s": 0.7,
}
NAMES = (*REQUIRED, "recipe_seconds_cold", "recipe_seconds_warm", "recipe_seconds_plain")


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the median ratios over `PAIRS` pairs of fresh processes, and the seconds behind them."""
    with temporary_home() as (_, environment):
        pairs = [
            (
                run_json(environment, "benchmarks.training.whole_runs", "plain"),
                run_json(environment, "benchmarks.training.whole_runs", "ours"),
            )
            for _ in range(PAIRS)
        ]
    for name, place in (("cold", 0), ("warm", -1)):
        ratios = [plain_way["seconds"][0] / ours["seconds"][place] for plain_way, ours in pairs]
        yield Result.of(f"recipe_ratio_{name}", ratios, "×", REQUIRED[f"recipe_ratio_{name}"])
        first = [ours["first_point"][place] for _, ours in pairs]
        yield Result.of(f"first_point_{name}_s", first, "s", REQUIRED[f"first_point_{name}_s"])
        yield Result.of(f"recipe_seconds_{name}", [ours["seconds"][place] for _, ours in pairs], "s")
    yield Result.of("recipe_seconds_plain", [plain_way["seconds"][0] for plain_way, _ in pairs], "s")


def time_plain() -> dict[str, list[float]]:
    """Time the plain script once."""
    import keras  # noqa: F401  (workers have their imports behind them too)

    began = time.perf_counter()
    plain(recipe_config())
    return {"seconds": [time.perf_counter() - began]}


def time_ours() -> dict[str, list[float]]:
    """Time the worker's job for several seeds, one after another in this process."""
    from core.training.worker import get_ready, tidy_up, train_run  # TensorFlow: not in the runner's process

    get_ready()
    settings = get_settings()
    store = RunStore.from_settings(settings)
    seconds, first_point = [], []
    for seed in range(RUNS_A_PROCESS):
        created = store.create(recipe_config(seed=seed), workspace="benchmarks")
        clock = _PointClock()
        train_run(created.id, settings, clock)
        seconds.append(clock.elapsed())
        tidy_up()  # as a worker does when the results are written
        assert clock.first is not None, store.get(created.id).message
        first_point.append(clock.first)
    return {"seconds": seconds, "first_point": first_point}


class _PointClock:
    """Counts seconds from its making, and keeps when the first point came."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.first: float | None = None

    def elapsed(self) -> float:
        return time.perf_counter() - self._began

    def __call__(self, progress: Progress, points: list[CurvePoint]) -> None:
        if self.first is None and points:
            self.first = self.elapsed()


if __name__ == "__main__":
    print(json.dumps(time_plain() if sys.argv[1] == "plain" else time_ours()))
