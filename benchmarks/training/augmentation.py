"""What distorting the training images costs: seconds of an epoch with it against without.

python -m benchmarks.training.augmentation PAIRS prints one JSON list of pairs, measured in turn within
this process: the machine's moods then meet both alike. It is a process of its own, because
what ran before would warm it up.
"""

import json
import sys
import time
from collections.abc import Iterator

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from benchmarks.training.ways import open_mnist
from core.config import HiddenLayer, TrainingConfig

# Keras is imported in the function: the runner imports this module to look for `run`.

# The epoch with every distortion may take so many times as long as the one without.
ALLOWED = 1.5
PAIRS = 7

NAMES = ("augmentation_ratio",)

_PLAIN = TrainingConfig(
    hidden_layers=(HiddenLayer(units=512), HiddenLayer(units=512)), batch_size=128, validation_split=0.0
)
_DISTORTED = _PLAIN.model_copy(
    update={
        "augmentation_shift": 2.0,
        "augmentation_rotation": 15.0,
        "augmentation_scale": 0.15,
        "augmentation_shear": 0.2,
        "augmentation_elastic": 1.0,
    }
)


def run() -> Iterator[Result]:
    """Yield the median ratio of `PAIRS` pairs of epochs of 784-512-512-10 at batch 128."""
    with temporary_home() as (_, environment):
        pairs: list[tuple[float, float]] = run_json(
            environment, "benchmarks.training.augmentation", str(PAIRS)
        )
    ratios = [distorted / plain for plain, distorted in pairs]
    yield Result.of("augmentation_ratio", ratios, "×", ALLOWED)


def _epochs(config: TrainingConfig) -> Iterator[float]:
    """Yield the seconds of each epoch; the first one has the compiling in it."""
    import numpy as np

    from core.training.course import Course, Position
    from core.training.engine.chunks import steps_per_chunk
    from core.training.engine.model import ChunkedNetwork, fit_rows

    dataset = open_mnist()
    rows = np.arange(len(dataset.train_images), dtype=np.int32)
    steps = steps_per_chunk(config, len(rows))
    model = ChunkedNetwork(config, dataset)
    for epoch in range(sys.maxsize):
        course = Course(len(rows), config.batch_size, epoch + 1, steps, Position(epoch))
        began = time.perf_counter()
        fit_rows(model, config, course, rows, rows[:0], callbacks=[])
        yield time.perf_counter() - began


def main(pair_count: int) -> None:
    """Measure and print the JSON list of `[plain, distorted]` seconds."""
    plain, distorted = _epochs(_PLAIN), _epochs(_DISTORTED)
    for epochs in (plain, distorted):
        next(epochs)
    print(json.dumps([(next(plain), next(distorted)) for _ in range(pair_count)]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
