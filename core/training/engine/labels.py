"""Labels made wrong on purpose, to show how a network learns them by heart."""

import numpy as np
from numpy.typing import NDArray

from core.config import CLASS_COUNT, TrainingConfig
from core.data.split import rows_of_run

# Keeps the random stream apart from those of core.data.split.
_NOISE_STREAM = 2**31 + 2


def noisy_labels(config: TrainingConfig, labels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the labels, int32 (n,), with a share of those in training replaced by another class.

    Which ones, and by what, is a function of the seed. Validation labels stay right. After
    Zhang et al. 2017, who draw among all classes; here among the other nine, so that the
    share says how many are wrong.
    """
    noisy = labels.astype(np.int32)
    rows, _ = rows_of_run(config, len(labels))
    rng = np.random.default_rng([config.seed, _NOISE_STREAM])
    wrong = rng.permutation(rows)[: round(len(rows) * config.label_noise)]
    noisy[wrong] = (noisy[wrong] + rng.integers(1, CLASS_COUNT, len(wrong))) % CLASS_COUNT
    return noisy
