"""Seconds of an epoch, ours against plain `model.fit(x, y)`, in turn and in fresh processes."""

from collections.abc import Collection, Iterator
from statistics import median

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result

# Batch size -> how many times faster than plain Keras an epoch is required to be.
REQUIRED = {40: 8.0, 128: 5.0, 1_024: 1.5}
PAIRS = 3
EPOCHS = 4

NAMES = tuple(
    f"{name}_batch_{batch_size}"
    for batch_size in REQUIRED
    for name in ("epoch_ratio", "epoch_seconds", "epoch_seconds_plain")
)


def _epoch_seconds(environment: dict[str, str], way: str, batch_size: int) -> float:
    """Return the median seconds of an epoch of one fresh process, the first epoch left out."""
    printed = run_json(environment, "benchmarks.epochs", way, str(batch_size), str(EPOCHS))
    seconds: list[float] = printed["epoch_seconds"]
    return median(seconds)


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield for each batch size the median ratio of `PAIRS` pairs, then the seconds behind it."""
    with temporary_home() as (_, environment):
        for batch_size, required in REQUIRED.items():
            if not any(name in wanted for name in NAMES if name.endswith(f"_batch_{batch_size}")):
                continue
            pairs = [
                (
                    _epoch_seconds(environment, "plain", batch_size),
                    _epoch_seconds(environment, "ours", batch_size),
                )
                for _ in range(PAIRS)
            ]
            plain_seconds = median(plain for plain, _ in pairs)
            our_seconds = median(ours for _, ours in pairs)
            ratio = median(plain / ours for plain, ours in pairs)
            yield Result(f"epoch_ratio_batch_{batch_size}", ratio, "×", required)
            yield Result(f"epoch_seconds_batch_{batch_size}", our_seconds, "s", plain_seconds)
            yield Result(f"epoch_seconds_plain_batch_{batch_size}", plain_seconds, "s")
