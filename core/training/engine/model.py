"""The chunked training step: many optimizer steps in one compiled program.

Plain `model.fit(x, y)` returns to Python after every batch, which for these small
networks costs far more than the arithmetic. Here one Keras "batch" is a chunk: a
`[steps, batch_size]` array of row numbers. The images stay on the device as uint8;
the step gathers each batch's rows and loops over the steps inside one XLA program.
It remains ordinary Keras: `fit`, callbacks, metrics and `validation_data` all work.

A row number of -1 is padding: it weighs nothing, and a step of nothing but padding
is not taken, so the last, smaller batch of an epoch counts as Keras counts it.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.config import CLASS_COUNT, TrainingConfig
from core.data.dataset import Dataset
from core.memory import trim
from core.training.course import Course
from core.training.engine.augmentation import build_augmentation
from core.training.engine.chunks import Rows, batch_parts, training_chunks, validation_chunk
from core.training.engine.device import as_images, as_words, gather_images, training_tensors
from core.training.engine.drawings import OwnImages
from core.training.engine.labels import noisy_labels
from core.training.engine.layers import (
    build_layers,
    build_loss,
    build_optimizer,
    build_smoothed_loss,
    input_shape,
)

# XLA makes a step fast; what a run does is the same without it. Only tests turn it off, where they do not
# ask for XLA's own bits: to compile takes most of the time of a tiny training.
COMPILES_WITH_XLA = True
# Images of one eager call for the probabilities of all test images.
EVALUATION_BATCH = 1_000


class ChunkedNetwork(keras.Sequential):
    """A Keras Sequential model whose batches are chunks of row numbers.

    Parameters
    ----------
    config
        What to build.
    dataset
        Its training images and labels are put on the device once; its drawings into `own_images`,
        None where there are none.
    """

    def __init__(self, config: TrainingConfig, dataset: Dataset) -> None:
        super().__init__(build_layers(config), name="digit_lab")
        self._one_hot = config.label_encoding == "one-hot"
        self._config = config
        self._source, self._labels = training_tensors(dataset)
        if config.label_noise:
            self._labels = tf.constant(noisy_labels(config, dataset.train_labels))
        self._words = as_words(self._source)
        self.own_images = OwnImages(dataset.drawings) if dataset.drawings is not None else None
        self._image_shape = input_shape(config)
        self._augmentation = build_augmentation(config)
        self._example_loss = build_loss(config)
        self._smoothed_loss = build_smoothed_loss(config)
        self._normalizes = config.batch_normalization
        self._parts = batch_parts(config)
        # The penalties' strengths are inputs of the compiled program, so that another run may
        # reuse it with other values; whether there is a penalty at all is part of the program.
        self._has_penalty = config.l1 > 0 or config.l2 > 0
        self._l1 = tf.Variable(config.l1, dtype=tf.float32, trainable=False, name="l1")
        self._l2 = tf.Variable(config.l2, dtype=tf.float32, trainable=False, name="l2")
        self._loss_mean = keras.metrics.Mean(name="loss")
        self._accuracy_mean = keras.metrics.Mean(name="accuracy")
        self.compile(optimizer=build_optimizer(config), jit_compile=COMPILES_WITH_XLA)
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

    def _learn(self, rows: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Return what `_read` does of one training batch, which may be read in parts side by side."""
        own = self.own_images
        words = tf.gather(self._words, rows) if own is None else own.gather_words(self._words, rows)
        images = as_images(words, self._image_shape)
        if self._augmentation is not None:
            images = self._augmentation(images, self.optimizer.iterations)
        of_images, of_labels, of_weights = (
            tf.split(values, self._parts) for values in (images, labels, weights)
        )
        parts = zip(of_images, of_labels, of_weights, strict=True)
        losses, hits, objectives = zip(
            *(self._read(*part, training=True) for part in parts),
            strict=True,
        )
        return tf.concat(losses, axis=0), tf.concat(hits, axis=0), tf.add_n(objectives)

    def _read(
        self, images: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return loss and hit of each image, `[images]`, and the summed loss to learn from.

        Both are zero where the weight is: at padding.
        """
        probabilities = self._forward(images, weights > 0, training)
        targets = tf.one_hot(labels, CLASS_COUNT) if self._one_hot else labels
        losses = self._example_loss(targets, probabilities) * weights
        is_hit = tf.argmax(probabilities, axis=1, output_type=tf.int32) == labels
        objective = tf.reduce_sum(losses)
        if self._smoothed_loss is not None:
            smoothed = self._smoothed_loss(tf.one_hot(labels, CLASS_COUNT), probabilities)
            objective = tf.reduce_sum(smoothed * weights)
        return losses, tf.cast(is_hit, tf.float32) * weights, objective

    def _unpack(self, chunk: tf.Tensor, spare_steps: int = 0) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return a chunk's rows without -1, their labels and weights, each `[steps, batch]`."""
        chunk = tf.pad(chunk, ((0, spare_steps), (0, 0)), constant_values=-1)
        rows = tf.maximum(chunk, 0)
        own = self.own_images
        labels = tf.gather(self._labels, rows) if own is None else own.gather_labels(self._labels, rows)
        return rows, labels, tf.cast(chunk >= 0, tf.float32)

    @tf.function(autograph=False)
    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """Take one optimizer step for each row of a chunk.

        `data` is the chunk's row numbers, `[steps, batch_size]` int32, and the learning rates of its
        steps, `[steps]` float32: inputs of the program, so that all schedules share one.
        Returns the running means of the epoch, the loss of this chunk alone, and for each of its steps
        the sums of losses and hits over its images, `[steps]`, 0 at padding: the cross-entropy without
        penalty and smoothing, so that training and validation compare.
        """
        # Whatever does not depend on the network's weights is done here for all steps at once,
        # and sums over a batch wait for the end: a kernel of the loop costs about a microsecond
        # however little it does, and a step has dozens of them. So a step writes down the losses of
        # its images as they are, which costs no more than to add them up over the steps.
        # One step more, of padding: were there but one, XLA would know which it is, write another
        # program and add in another order.
        chunk, rates = data
        rows, labels, weights = self._unpack(chunk, spare_steps=1)
        image_counts = tf.reduce_sum(weights, axis=1)
        steps = tf.reduce_sum(tf.cast(image_counts > 0, tf.int32))

        def take(step: tf.Tensor, losses: tf.TensorArray, hits: tf.TensorArray) -> tuple[Any, ...]:
            with tf.GradientTape() as tape:
                step_losses, step_hits, objective = self._learn(rows[step], labels[step], weights[step])
                objective /= image_counts[step]
                if self._has_penalty:
                    objective += self._penalty()
            gradients = tape.gradient(objective, self.trainable_variables)
            self.optimizer.learning_rate.assign(rates[step])
            self.optimizer.apply(gradients, self.trainable_variables)
            return step + 1, losses.write(step, step_losses), hits.write(step, step_hits)

        by_image = self._repeat(take, steps, *(_rows_like(chunk) for _ in range(2)))
        losses, hits = (tf.reduce_sum(array.stack(), axis=1) for array in by_image)
        loss = self._finish(weights, losses, hits)
        return {
            **{metric.name: metric.result() for metric in self.metrics},
            "chunk_loss": loss,
            "step_losses": losses,
            "step_hits": hits,
        }

    @tf.function(autograph=False)
    def test_step(self, data: Any) -> dict[str, tf.Tensor]:
        """Add one chunk of row numbers, `[steps, batch]`, to the validation means."""
        rows, labels, weights = self._unpack(data[0])

        def read(step: tf.Tensor, losses: tf.Tensor, hits: tf.Tensor) -> tuple[tf.Tensor, ...]:
            images = gather_images(self._words, rows[step], self._image_shape)
            step_losses, step_hits, _ = self._read(images, labels[step], weights[step], training=False)
            return step + 1, losses + step_losses, hits + step_hits

        nothing = tf.zeros_like(weights[0])
        self._finish(weights, *self._repeat(read, tf.shape(rows)[0], nothing, nothing))
        return {metric.name: metric.result() for metric in self.metrics}

    @staticmethod
    def _repeat(body: Callable[..., tuple[Any, ...]], steps: tf.Tensor, losses: Any, hits: Any) -> list[Any]:
        """Return losses and hits after `steps` calls of `body`, in one compiled loop.

        Written out, because what autograph makes of a Python loop costs it a third of a second.
        And not over a `tf.range`: XLA wants the bounds of a range as constants, so every chunk's
        row numbers became part of the program and each chunk was compiled anew.
        """
        begin = (tf.constant(0), losses, hits)
        return list(tf.while_loop(lambda step, losses, hits: step < steps, body, begin)[1:])

    def _finish(self, weights: tf.Tensor, *sums: tf.Tensor) -> tf.Tensor:
        """Add a chunk's losses and hits, summed over some axis, to the metrics; return its mean loss."""
        image_count = tf.reduce_sum(weights)
        # No number by zero: the chunks that a resumed epoch skips are nothing but padding.
        loss, accuracy = (tf.math.divide_no_nan(tf.reduce_sum(values), image_count) for values in sums)
        self._loss_mean.update_state(loss, sample_weight=image_count)
        self._accuracy_mean.update_state(accuracy, sample_weight=image_count)
        return loss

    def _penalty(self) -> tf.Tensor:
        kernels = [layer.kernel for layer in self.layers if isinstance(layer, keras.layers.Dense)]
        absolute = tf.add_n([tf.reduce_sum(tf.abs(kernel)) for kernel in kernels])
        return self._l1 * absolute + self._l2 * tf.add_n([tf.reduce_sum(kernel**2) for kernel in kernels])

    def restart(self, config: TrainingConfig) -> None:
        """Become the untrained network of `config`, which must have this one's program.

        Weights, dropout seeds, optimizer and everything that a program takes as input are as in
        a network built anew: what follows is equal bit for bit, but compiled already.
        """
        # By the same name: TensorFlow remembers each name of a variable, 150 KB a network, for good.
        fresh = keras.Sequential(build_layers(config), name=self.name)
        for variable, value in zip(self.variables, fresh.variables, strict=True):
            variable.assign(value)
        for variable in self.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))
        self._l1.assign(config.l1)
        self._l2.assign(config.l2)
        if self._augmentation is not None:
            self._augmentation.seed.assign(config.seed)
        self._config = config

    def reads(self, dataset: Dataset) -> bool:
        """Return whether the images of this network are those of `dataset`."""
        return training_tensors(dataset)[0] is self._source

    def training_images(self, rows: Rows) -> NDArray[np.uint8]:
        """Return the training images at `rows`, uint8 (n, 28, 28), from the device and not from the file."""
        images: NDArray[np.uint8] = tf.gather(self._source, rows).numpy()
        return images

    def measure(self, rows: Rows) -> tuple[float, float]:
        """Return the mean loss and accuracy of the training images at `rows`, as the network stands.

        Eagerly, undistorted and without dropout: for at most a thousand images or so.
        """
        images = gather_images(self._words, tf.constant(rows), self._image_shape)
        labels = tf.gather(self._labels, rows)
        losses, hits, _ = self._read(images, labels, tf.ones(len(rows)), training=False)
        return float(tf.reduce_mean(losses)), float(tf.reduce_mean(hits))

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the softmax outputs, (n, 10), of raw images, (n, 28, 28)."""
        flat = images.reshape(-1, *self.input_shape[1:])
        # Eager calls: compiling a program for one pass would cost more than the pass.
        batches = [
            self(tf.constant(flat[start : start + EVALUATION_BATCH]), training=False).numpy()
            for start in range(0, len(flat), EVALUATION_BATCH)
        ]
        return np.concatenate(batches)

    def get_weights(self) -> list[NDArray[Any]]:
        """Return kernels, biases and statistics layer by layer, in the form of Keras' own layers."""
        return [array for layer in self.layers for array in layer.get_weights()]

    def set_weights(self, weights: list[NDArray[Any]]) -> None:
        """Take over what `get_weights` of such a network, or of its `plain_model`, returned."""
        given = iter(weights)
        for layer in self.layers:
            layer.set_weights([next(given) for _ in layer.weights])

    def plain_model(self) -> keras.Sequential:
        """Return the trained network as a `keras.Sequential` that loads without this module."""
        plain = keras.Sequential(build_layers(self._config, plain=True), name="digit_lab")
        plain.set_weights(self.get_weights())
        return plain


def _rows_like(chunk: tf.Tensor) -> tf.TensorArray:
    """Return an array for a number of each image of a chunk, `[steps, batch]`, written step by step."""
    # Not `chunk.shape[0]`: a program that has met chunks of two lengths knows neither as it is traced.
    return tf.TensorArray(tf.float32, tf.shape(chunk)[0], element_shape=chunk.shape[1:])


def fit_rows(
    network: ChunkedNetwork,
    config: TrainingConfig,
    course: Course,
    training_rows: Rows,
    validation_rows: Rows,
    *,
    callbacks: list[keras.callbacks.Callback],
) -> keras.callbacks.History:
    """Train `network` chunk by chunk with an ordinary Keras `fit`, and return what that does."""
    chunks = tf.data.Dataset.from_generator(
        lambda: training_chunks(training_rows, config, course),
        output_signature=(
            tf.TensorSpec((course.steps_per_chunk, course.batch_size), tf.int32),
            tf.TensorSpec((course.steps_per_chunk,), tf.float32),
        ),
    )
    # All steps of the validation in one chunk: one call into the program.
    validation = (
        tf.data.Dataset.from_tensors((validation_chunk(validation_rows),)) if len(validation_rows) else None
    )
    if network.train_function is None:
        callbacks = [*callbacks, _TrimOnce()]
    return network.fit(
        _untuned(chunks.prefetch(2)),
        epochs=course.epochs,
        initial_epoch=course.start.epochs,
        steps_per_epoch=course.chunks_per_epoch,
        validation_data=None if validation is None else _untuned(validation),
        shuffle=False,
        verbose=0,
        callbacks=callbacks,
    )


class _TrimOnce(keras.callbacks.Callback):
    """Gives back what compiling took, up to 100 MB, before anything else comes on top of it."""

    _is_done = False

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._is_done:
            trim()
        self._is_done = True


def _untuned(chunks: tf.data.Dataset) -> tf.data.Dataset:
    """Return `chunks` without the thread that tunes their fetching: `fit` waits up to a second for it."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return chunks.with_options(options)
