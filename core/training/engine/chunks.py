"""How training images become work for the engine: orders, batches, chunks of batches.

A chunk is a `[steps, batch_size]` array of row numbers, padded with -1 at the end of an epoch.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.config.cost import step_seconds
from core.data.split import epoch_order
from core.training.course import Course
from core.training.engine.rates import learning_rates

Rows = NDArray[np.int32]
Rates = NDArray[np.float32]

# A chunk is as long as the page needs to feel alive and to obey "stop". Each costs 1 ms besides.
SECONDS_A_CHUNK = 0.12
VALIDATION_BATCH = 1_000


def steps_per_chunk(config: TrainingConfig, image_count: int) -> int:
    """Return how many optimizer steps make a chunk of about `SECONDS_A_CHUNK`."""
    steps = -(-image_count // config.batch_size)
    seconds = step_seconds(config, image_count)
    chunks = -(-steps // max(1, int(SECONDS_A_CHUNK / seconds)))
    # Equal chunks: no short one at the end that is mostly padding.
    return -(-steps // chunks)


def batch_parts(config: TrainingConfig) -> list[int]:
    """Return the sizes of the parts in which a batch goes through the network, side by side.

    XLA shares large products among cores and runs products that do not need each other at the same
    time. 128 images by 128 units are too few for the first; as two halves, each with a core of its
    own, they take 16 % less time. Measured with two cores: halves are worth it from 16 images in
    layers of up to 64 units, which take up to a quarter less, and from 96 in layers of up to 256.
    Batch normalization needs the batch as a whole.
    """
    size = config.batch_size
    widest = max((layer.units for layer in config.hidden_layers), default=0)
    fewest = 16 if widest <= 64 else 96
    is_shared = size >= fewest and widest <= 256 and not config.batch_normalization
    return [size // 2, size - size // 2] if is_shared else [size]


def as_chunks(rows: Rows, batch_size: int, steps: int) -> Rows:
    """Lay `rows` out as `[chunks, steps, batch_size]`, padded with -1 at the end."""
    size = batch_size * steps
    padded = np.full(-(-len(rows) // size) * size, -1, dtype=np.int32)
    padded[: len(rows)] = rows
    return padded.reshape(-1, steps, batch_size)


def training_chunks(rows: Rows, config: TrainingConfig, course: Course) -> Iterator[tuple[Rows, Rates]]:
    """Yield the chunks of the epoch in which the course starts, of the next one, and so on to the last.

    With each come the learning rates of its steps, `[steps]`. Chunks that were done before are
    nothing but padding: they take no step and count for nothing, so a run that goes on in mid-epoch
    is one ordinary `fit` all the same, and the number that Keras gives a batch is always the chunk's
    place in its epoch.

    The order of each epoch is a function of seed and epoch alone. A generator, not a
    `PyDataset`: Keras fetches ahead, and an order kept in an object and shuffled at
    the end of an epoch would be changed under the items still being fetched.
    """
    for epoch in range(course.start.epochs, course.epochs):
        chunks = as_chunks(epoch_order(rows, config.seed, epoch), course.batch_size, course.steps_per_chunk)
        steps = course.steps_done(epoch, 0) + np.arange(len(chunks) * course.steps_per_chunk)
        rates = learning_rates(config, course, steps).reshape(len(chunks), -1)
        for number, chunk in enumerate(chunks):
            is_done = course.is_skipped(epoch, number)
            yield np.full_like(chunk, -1) if is_done else chunk, rates[number]


def validation_chunk(rows: Rows) -> Rows:
    """Return the validation rows as one chunk, `[steps, batch]`."""
    batch = min(VALIDATION_BATCH, max(1, len(rows)))
    chunk: Rows = as_chunks(rows, batch, -(-len(rows) // batch))[0]
    return chunk
