"""The chunked training step: many optimizer steps in one compiled program.

Plain `model.fit(x, y)` returns to Python after every batch, which for these small
networks costs far more than the arithmetic. Here one Keras "batch" is a chunk: a
`[steps, batch_size]` array of row numbers. The images stay on the device as uint8;
the step gathers each batch's rows and loops over the steps inside one XLA program.
It remains ordinary Keras: `fit`, callbacks, metrics and `validation_data` all work.

A row number of -1 is padding: it weighs nothing, and a step of nothing but padding
is not taken, so the last, smaller batch of an epoch counts as Keras counts it.
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.config import CLASS_COUNT, TrainingConfig
from core.data.dataset import Dataset
from core.data.split import epoch_order
from core.training.augmentation import build_augmentation
from core.training.device import training_tensors
from core.training.labels import noisy_labels
from core.training.network import (
    build_layers,
    build_loss,
    build_optimizer,
    build_smoothed_loss,
    input_shape,
)

Rows = NDArray[np.int32]

# A chunk is as long as the page needs to feel alive and to obey "stop".
SECONDS_A_CHUNK = 0.08
# Rough speed of one small core pair, measured: only the chunk length depends on it.
_FLOPS_A_SECOND = 6e10
_SECONDS_A_STEP = 2e-5
_SECONDS_A_PARAMETER = 1e-9

EVALUATION_BATCH = 1_000


class ChunkedNetwork(keras.Sequential):
    """A Keras Sequential model whose batches are chunks of row numbers.

    Parameters
    ----------
    config
        What to build.
    dataset
        Its training images and labels are put on the device once.
    """

    def __init__(self, config: TrainingConfig, dataset: Dataset) -> None:
        super().__init__(build_layers(config), name="digit_lab")
        self._one_hot = config.label_encoding == "one-hot"
        self._config = config
        self._source, self._labels = training_tensors(dataset)
        if config.label_noise:
            self._labels = tf.constant(noisy_labels(config, dataset.train_labels))
        self._images = tf.reshape(self._source, (-1, *input_shape(config)))  # shares the memory
        self._augmentation = build_augmentation(config)
        self._example_loss = build_loss(config)
        self._smoothed_loss = build_smoothed_loss(config)
        self._normalizes = config.batch_normalization
        # The penalties' strengths are inputs of the compiled program, so that another run may
        # reuse it with other values; whether there is a penalty at all is part of the program.
        self._has_penalty = config.l1 > 0 or config.l2 > 0
        self._l1 = tf.Variable(config.l1, dtype=tf.float32, trainable=False, name="l1")
        self._l2 = tf.Variable(config.l2, dtype=tf.float32, trainable=False, name="l2")
        self._loss_mean = keras.metrics.Mean(name="loss")
        self._accuracy_mean = keras.metrics.Mean(name="accuracy")
        self.compile(optimizer=build_optimizer(config), jit_compile=True)
        self.optimizer.build(self.trainable_variables)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """Running loss and accuracy; Keras resets them at each epoch."""
        return [self._loss_mean, self._accuracy_mean]

    def _forward(self, images: tf.Tensor, is_image: tf.Tensor, training: bool) -> tf.Tensor:
        """Return the probabilities of a batch whose padding enters no batch statistics."""
        if not (training and self._normalizes):
            return self(images, training=training)
        values = images
        for layer in self.layers:
            # Not by Keras' own way of handing masks on: it ends at Flatten, which knows none.
            mask = {"mask": is_image} if isinstance(layer, keras.layers.BatchNormalization) else {}
            values = layer(values, training=True, **mask)
        return values

    def _read(self, rows: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return summed loss, hits, images of one batch of rows, and the summed loss to learn from."""
        weights = tf.cast(rows >= 0, tf.float32)
        rows = tf.maximum(rows, 0)
        labels = tf.gather(self._labels, rows)
        images = tf.gather(self._images, rows)
        if training and self._augmentation is not None:
            images = self._augmentation(images, self.optimizer.iterations)
        probabilities = self._forward(images, weights > 0, training)
        targets = tf.one_hot(labels, CLASS_COUNT) if self._one_hot else labels
        loss = tf.reduce_sum(self._example_loss(targets, probabilities) * weights)
        hits = tf.cast(tf.argmax(probabilities, axis=1, output_type=tf.int32) == labels, tf.float32)
        objective = loss
        if self._smoothed_loss is not None:
            smoothed = self._smoothed_loss(tf.one_hot(labels, CLASS_COUNT), probabilities)
            objective = tf.reduce_sum(smoothed * weights)
        return loss, tf.reduce_sum(hits * weights), tf.reduce_sum(weights), objective

    @tf.function
    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """Take one optimizer step for each row of the chunk `data`, `[steps, batch_size]` int32.

        Returns the running means of the epoch, and loss and accuracy of this chunk alone:
        the cross-entropy without penalty and smoothing, so that training and validation compare.
        """
        chunk = data[0] if isinstance(data, tuple) else data
        steps = tf.reduce_sum(tf.cast(tf.reduce_any(chunk >= 0, axis=1), tf.int32))
        loss_sum, hit_sum, image_sum = tf.constant(0.0), tf.constant(0.0), tf.constant(0.0)
        # Not `for step in tf.range(steps)`: XLA wants the bounds of a range as constants, so every chunk's
        # row numbers became part of the program and each chunk was compiled anew (a second every time).
        step = tf.constant(0)
        while step < steps:
            with tf.GradientTape() as tape:
                loss, hits, images, objective = self._read(chunk[step], training=True)
                objective /= images
                if self._has_penalty:
                    objective += self._penalty()
            gradients = tape.gradient(objective, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            loss_sum += loss
            hit_sum += hits
            image_sum += images
            step += 1
        # No number by zero: the chunks that a resumed epoch skips are nothing but padding.
        chunk_loss = tf.math.divide_no_nan(loss_sum, image_sum)
        chunk_accuracy = tf.math.divide_no_nan(hit_sum, image_sum)
        self._loss_mean.update_state(chunk_loss, sample_weight=image_sum)
        self._accuracy_mean.update_state(chunk_accuracy, sample_weight=image_sum)
        return {
            **{metric.name: metric.result() for metric in self.metrics},
            "chunk_loss": chunk_loss,
            "chunk_accuracy": chunk_accuracy,
        }

    @tf.function
    def test_step(self, data: Any) -> dict[str, tf.Tensor]:
        """Add one chunk of row numbers, `[steps, batch]`, to the validation means."""
        chunk = data[0] if isinstance(data, tuple) else data
        for step in tf.range(tf.shape(chunk)[0]):
            loss, hits, images, _ = self._read(chunk[step], training=False)
            self._loss_mean.update_state(loss / images, sample_weight=images)
            self._accuracy_mean.update_state(hits / images, sample_weight=images)
        return {metric.name: metric.result() for metric in self.metrics}

    def _penalty(self) -> tf.Tensor:
        kernels = [layer.kernel for layer in self.layers if isinstance(layer, keras.layers.Dense)]
        absolute = tf.add_n([tf.reduce_sum(tf.abs(kernel)) for kernel in kernels])
        return self._l1 * absolute + self._l2 * tf.add_n([tf.reduce_sum(kernel**2) for kernel in kernels])

    def restart(self, config: TrainingConfig) -> None:
        """Become the untrained network of `config`, which must have this one's program.

        Weights, dropout seeds, optimizer and everything that a program takes as input are as in
        a network built anew: what follows is equal bit for bit, but compiled already.
        """
        fresh = keras.Sequential(build_layers(config))
        for variable, value in zip(self.variables, fresh.variables, strict=True):
            variable.assign(value)
        for variable in self.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))
        self.optimizer.learning_rate = config.learning_rate
        self._l1.assign(config.l1)
        self._l2.assign(config.l2)
        if self._augmentation is not None:
            self._augmentation.seed.assign(config.seed)
        self._config = config

    def reads(self, dataset: Dataset) -> bool:
        """Return whether the images of this network are those of `dataset`."""
        return training_tensors(dataset)[0] is self._source

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the softmax outputs, (n, 10), of raw images, (n, 28, 28)."""
        flat = images.reshape(-1, *self.input_shape[1:])
        # Eager calls: compiling a program for one pass would cost more than the pass.
        batches = [
            self(tf.constant(flat[start : start + EVALUATION_BATCH]), training=False).numpy()
            for start in range(0, len(flat), EVALUATION_BATCH)
        ]
        return np.concatenate(batches)

    def plain_model(self) -> keras.Sequential:
        """Return the trained network as a `keras.Sequential` that loads without this module."""
        plain = keras.Sequential(build_layers(self._config, regularized=True), name="digit_lab")
        plain.set_weights(self.get_weights())
        return plain


def steps_per_chunk(config: TrainingConfig, image_count: int) -> int:
    """Return how many optimizer steps make a chunk of about `SECONDS_A_CHUNK`."""
    steps = -(-image_count // config.batch_size)
    seconds = (
        6 * config.parameters * min(config.batch_size, image_count) / _FLOPS_A_SECOND
        + _SECONDS_A_STEP
        + config.parameters * _SECONDS_A_PARAMETER
    )
    chunks = -(-steps // max(1, int(SECONDS_A_CHUNK / seconds)))
    # Equal chunks: no short one at the end that is mostly padding.
    return -(-steps // chunks)


def as_chunks(rows: Rows, batch_size: int, steps: int) -> Rows:
    """Lay `rows` out as `[chunks, steps, batch_size]`, padded with -1 at the end."""
    size = batch_size * steps
    padded = np.full(-(-len(rows) // size) * size, -1, dtype=np.int32)
    padded[: len(rows)] = rows
    return padded.reshape(-1, steps, batch_size)


def training_chunks(
    rows: Rows, config: TrainingConfig, steps: int, first_epoch: int = 0, first_chunk: int = 0
) -> Iterator[tuple[Rows]]:
    """Yield the chunks of epoch `first_epoch`, the next one, and so on, without end.

    Chunks of the first epoch before `first_chunk` are nothing but padding: they take no step and
    count for nothing, so a run that goes on in mid-epoch is one ordinary `fit` all the same, and
    the number that Keras gives a batch is always the chunk's place in its epoch.

    The order of each epoch is a function of seed and epoch alone. A generator, not a
    `PyDataset`: Keras fetches ahead, and an order kept in an object and shuffled at
    the end of an epoch would be changed under the items still being fetched.
    """
    epoch = first_epoch
    while True:
        for number, chunk in enumerate(
            as_chunks(epoch_order(rows, config.seed, epoch), config.batch_size, steps)
        ):
            is_done = epoch == first_epoch and number < first_chunk
            yield (np.full_like(chunk, -1) if is_done else chunk,)
        epoch += 1


def validation_chunk(rows: Rows) -> Rows:
    """Return the validation rows as one chunk, `[steps, batch]`."""
    batch = min(EVALUATION_BATCH, max(1, len(rows)))
    chunk: Rows = as_chunks(rows, batch, -(-len(rows) // batch))[0]
    return chunk
