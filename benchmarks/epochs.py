"""Train 784-128-128-10 on MNIST, our way or the plain way, and print each epoch's seconds.

python -m benchmarks.epochs ours|plain BATCH_SIZE EPOCHS prints one JSON line. It is a process
of its own, because what ran before would warm it up. "ours" is the whole job that a worker
executes, with curve, checkpoints and all; "plain" is `model.fit(x, y)` as tutorials write it.
An epoch's seconds are those from the end of the epoch before: the first has none, as the
compiling of the program falls into it.
"""

import itertools
import json
import sys
import time
from typing import Any

from core.config import CLASS_COUNT, IMAGE_SHAPE, TrainingConfig
from core.data.library import DatasetLibrary
from core.recipes import get_recipe
from core.settings import get_settings

# Keras is imported in the functions: the runner imports this module to look for `run`, and
# neither wants 6 s nor 640 MB for that.


class EpochClock:
    """Keeps the time at which each epoch ended; `callback` is what `fit` gets."""

    def __init__(self) -> None:
        import keras

        self._ends: list[float] = []
        self.callback = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: self._ends.append(time.perf_counter())
        )

    def seconds(self) -> list[float]:
        """Return the seconds of the second epoch, the third and so on."""
        return [end - begin for begin, end in itertools.pairwise(self._ends)]


def recipe_config(**changes: Any) -> TrainingConfig:
    """Return recipe `two-128` on MNIST, with these changes."""
    return get_recipe("two-128").config.model_copy(update={"dataset": "mnist", **changes})


def ours(batch_size: int, epochs: int, clock: EpochClock) -> float:
    """Run the worker's job with `clock` hung on its `fit`; return the test accuracy."""
    import keras

    from core.store import RunStore
    from core.training.job import train_run

    plain_fit = keras.Model.fit

    def clocked_fit(model: Any, *arguments: Any, callbacks: Any = (), **options: Any) -> Any:
        return plain_fit(model, *arguments, callbacks=[*callbacks, clock.callback], **options)

    keras.Model.fit = clocked_fit
    store = RunStore.from_settings(get_settings())
    run = store.create(recipe_config(batch_size=batch_size, epochs=epochs), workspace="benchmarks")
    train_run(run.id)
    accuracy = store.get(run.id).test_accuracy
    assert accuracy is not None, store.get(run.id).message
    return accuracy


def plain(batch_size: int, epochs: int, clock: EpochClock) -> float:
    """Train the same network as tutorials do; return the test accuracy."""
    import keras

    settings = get_settings()
    dataset = DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout).open("mnist")
    images = dataset.train_images.astype("float32") / 255
    labels = keras.utils.to_categorical(dataset.train_labels, CLASS_COUNT)
    keras.utils.set_random_seed(0)
    hidden = recipe_config(batch_size=batch_size, epochs=epochs).hidden_layers
    model = keras.Sequential(
        [
            keras.layers.Input(IMAGE_SHAPE),
            keras.layers.Flatten(),
            *(keras.layers.Dense(layer.units, activation=layer.activation) for layer in hidden),
            keras.layers.Dense(CLASS_COUNT, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, batch_size=batch_size, epochs=epochs, verbose=0, callbacks=[clock.callback])
    _, accuracy = model.evaluate(
        dataset.test_images.astype("float32") / 255,
        keras.utils.to_categorical(dataset.test_labels, CLASS_COUNT),
        verbose=0,
    )
    return float(accuracy)


def main(way: str, batch_size: int, epochs: int) -> None:
    """Train and print the JSON line."""
    clock = EpochClock()
    accuracy = {"ours": ours, "plain": plain}[way](batch_size, epochs, clock)
    print(json.dumps({"epoch_seconds": clock.seconds(), "test_accuracy": accuracy}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
