"""One network trained in three ways: ours, the plain way, and an expert's way with Keras.

"ours" is the whole job that a worker executes, with curve, checkpoints and all; "plain" is
`model.fit(x, y)` as tutorials write it. "expert" is the same network with all that Keras
offers for speed: one XLA program a batch, many batches a call, the data cached in TensorFlow's
memory. Those settings were the fastest of nine tried, arrays instead of `tf.data` among them.

Keras is imported in the functions: the runner imports this module, and it wants neither the
6 s nor the 640 MB.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from core.config import CLASS_COUNT, IMAGE_SHAPE, TrainingConfig
from core.data.dataset import Dataset
from core.data.library import DatasetLibrary
from core.errors import DigitLabError
from core.recipes import get_recipe
from core.settings import get_settings
from core.store import Run, RunStatus, RunStore

_EXPERT_STEPS = 250


class EpochClock:
    """Keeps the time at which each epoch ended; `callback` is what `fit` gets."""

    def __init__(self) -> None:
        import keras

        self._ends: list[float] = []
        self.callback = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: self._ends.append(time.perf_counter())
        )

    def seconds(self) -> list[float]:
        """Return the seconds of the second epoch, the third and so on.

        The first has none, as the compiling of the program falls into it.
        """
        return [end - begin for begin, end in itertools.pairwise(self._ends)]


def recipe_config(**changes: Any) -> TrainingConfig:
    """Return recipe `two-128` on MNIST, with these changes."""
    return get_recipe("two-128").config.model_copy(update={"dataset": "mnist", **changes})


def open_mnist() -> Dataset:
    """Return the MNIST of this process's settings."""
    settings = get_settings()
    return DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout).open("mnist")


@contextmanager
def fits_through(instead: Callable[..., Any]) -> Iterator[None]:
    """While the block runs, `instead(fit, model, *arguments, **options)` is called for each `model.fit`."""
    import keras

    fit = keras.Model.fit

    def call(model: Any, *arguments: Any, **options: Any) -> Any:
        return instead(fit, model, *arguments, **options)

    with patch.object(keras.Model, "fit", call):
        yield


def train(config: TrainingConfig) -> Run:
    """Run the worker's job in this process on a new run; return it finished.

    Raises
    ------
    DigitLabError
        If it ends in another way.
    """
    from core.training.job import train_run

    store = RunStore.from_settings(get_settings())
    try:
        run_id = store.create(config, workspace="benchmarks").id
        train_run(run_id)
        run = store.get(run_id)
    finally:
        store.close()
    if run.status is not RunStatus.FINISHED:
        raise DigitLabError(f"Run {run.id} ended as {run.status}: {run.message}")
    return run


def ours(config: TrainingConfig, *added: Any) -> float:
    """Run the worker's job with callbacks added to its own; return the test accuracy."""

    def fit_with_added(fit: Any, *arguments: Any, callbacks: Any = (), **options: Any) -> Any:
        return fit(*arguments, callbacks=[*callbacks, *added], **options)

    with fits_through(fit_with_added):
        accuracy = train(config).test_accuracy
    assert accuracy is not None
    return accuracy


def plain(config: TrainingConfig, *callbacks: Any) -> float:
    """Train the same network as tutorials do; return the test accuracy."""
    dataset = open_mnist()
    images, labels = _arrays(dataset.train_images, dataset.train_labels)
    model = _network(config)
    model.fit(
        images,
        labels,
        batch_size=config.batch_size,
        epochs=config.epochs,
        verbose=0,
        callbacks=list(callbacks),
    )
    return _accuracy(model, dataset)


def expert(config: TrainingConfig, *callbacks: Any) -> float:
    """Train the same network as somebody does who knows Keras well; return the test accuracy."""
    import tensorflow as tf

    dataset = open_mnist()
    arrays = _arrays(dataset.train_images, dataset.train_labels)
    images = tf.data.Dataset.from_tensor_slices(arrays).cache().shuffle(len(arrays[0]))
    model = _network(config, jit_compile=True, steps_per_execution=_EXPERT_STEPS)
    batches = images.batch(config.batch_size).prefetch(tf.data.AUTOTUNE)
    model.fit(batches, epochs=config.epochs, verbose=0, callbacks=list(callbacks))
    return _accuracy(model, dataset)


WAYS: dict[str, Callable[..., float]] = {"plain": plain, "expert": expert, "ours": ours}


def _network(config: TrainingConfig, **options: Any) -> Any:
    """Return the network of `config` as tutorials write it, compiled with these options."""
    import keras

    # No `set_random_seed`: once TensorFlow has a seed, `fit` shuffles arrays into the same order in
    # every epoch, and the network ends 0.3 % worse. Each training is another by chance.
    model = keras.Sequential(
        [
            keras.layers.Input(IMAGE_SHAPE),
            keras.layers.Flatten(),
            *(keras.layers.Dense(layer.units, activation=layer.activation) for layer in config.hidden_layers),
            keras.layers.Dense(CLASS_COUNT, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"], **options)
    return model


def _arrays(images: Any, labels: Any) -> tuple[Any, Any]:
    """Return float32 images between 0 and 1, and one-hot labels."""
    import keras

    return images.astype("float32") / 255, keras.utils.to_categorical(labels, CLASS_COUNT)


def _accuracy(model: Any, dataset: Dataset) -> float:
    _, accuracy = model.evaluate(*_arrays(dataset.test_images, dataset.test_labels), verbose=0)
    return float(accuracy)
