"""The chunked step against plain Keras: same batches, same order, same weights."""

from typing import Any

import keras
import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.data.dataset import Dataset
from core.data.split import epoch_order
from core.evaluation.loss import cross_entropy
from core.training.engine.chunks import as_chunks
from core.training.engine.dropout import HashedDropout
from core.training.engine.model import ChunkedNetwork
from tests.support.network_pool import POOL
from tests.support.training_samples import Weights, fit, rows_of, same_bits, small_config, step_through

# Two orders of adding up the same float32 numbers.
TOLERANCE = 1e-5


def plain_keras(config: TrainingConfig, rate: Any) -> keras.Sequential:
    """The network as a user of Keras would write it down, and nothing of ours in it."""
    penalty = keras.regularizers.L2(config.l2) if config.l2 else None
    layers = [
        keras.layers.InputLayer((28, 28) if config.input_form == "image" else (784,)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
        *(
            keras.layers.Dense(layer.units, activation=layer.activation, kernel_regularizer=penalty)
            for layer in config.hidden_layers
        ),
        keras.layers.Dense(10, activation="softmax", kernel_regularizer=penalty),
    ]
    optimizers = {
        "adam": lambda: keras.optimizers.Adam(rate),
        "sgd": lambda: keras.optimizers.SGD(rate, momentum=config.momentum),
        "rmsprop": lambda: keras.optimizers.RMSprop(rate),
        "adamw": lambda: keras.optimizers.AdamW(rate, weight_decay=config.weight_decay),
    }
    words = {"integer": "sparse_categorical_crossentropy", "one-hot": "categorical_crossentropy"}
    model = keras.Sequential(layers)
    model.compile(
        optimizers[config.optimizer](),
        words[config.label_encoding],
        metrics=["accuracy"],
        run_eagerly=True,  # a few steps are taken sooner than their program is made
    )
    return model


def as_keras_wants(config: TrainingConfig, images: Any, labels: Any) -> tuple[Any, Any]:
    """Images and labels in the form that the configuration names."""
    pixels = np.asarray(images, np.float32)
    if config.input_form == "flat":
        pixels = pixels.reshape(-1, 784)
    return pixels, np.eye(10, dtype=np.float32)[labels] if config.label_encoding == "one-hot" else labels


def train_plainly(
    config: TrainingConfig, dataset: Dataset, weights: Weights, epochs: int, rate: Any = None
) -> keras.Sequential:
    """Feed the batches of each epoch to `train_on_batch`, one at a time."""
    model = plain_keras(config, config.learning_rate if rate is None else rate)
    model.set_weights(weights)
    rows, _ = rows_of(config, dataset)
    for epoch in range(epochs):
        order = epoch_order(rows, config.seed, epoch)
        for start in range(0, len(order), config.batch_size):
            batch = order[start : start + config.batch_size]
            model.train_on_batch(
                *as_keras_wants(config, dataset.train_images[batch], dataset.train_labels[batch])
            )
    return model


def assert_close(one: Weights, other: Weights) -> None:
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=TOLERANCE)


@pytest.mark.xla
def test_fit_ends_with_the_weights_of_plain_keras(dataset: Dataset) -> None:
    # 540 images in batches of 64: the ninth batch has 28, and the last chunk of 4 holds one batch.
    config = small_config(
        hidden_layers=(HiddenLayer(units=12), HiddenLayer(units=8, activation="tanh")),
        l2=0.001,
        validation_split=0.1,
    )
    model = POOL.take(config, dataset)
    start = model.get_weights()
    _, history = fit(config, dataset, model=model, steps=4)
    plain = train_plainly(config, dataset, start, config.epochs)
    assert_close(model.get_weights(), plain.get_weights())
    assert max(float(np.abs(a - b).max()) for a, b in zip(start, plain.get_weights(), strict=True)) > 0.01

    _, held_out = rows_of(config, dataset)
    images, labels = as_keras_wants(config, dataset.train_images[held_out], dataset.train_labels[held_out])
    probabilities = plain.predict(images, verbose=0)
    assert history.history["val_accuracy"][-1] == pytest.approx(np.mean(probabilities.argmax(1) == labels))
    # The penalty is no part of what is shown: training and validation compare.
    assert history.history["val_loss"][-1] == pytest.approx(cross_entropy(probabilities, labels), abs=1e-5)


@pytest.mark.xla
@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "adam", "label_encoding": "one-hot", "input_form": "flat"},
        {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.5, "l2": 0.01, "label_encoding": "one-hot"},
        {"optimizer": "rmsprop", "batch_size": 600},
        {"optimizer": "adamw", "weight_decay": 0.1, "batch_size": 601, "hidden_layers": ()},
        # In halves of 64 and 65; of the last batch's 24 images none is in the second half.
        {"optimizer": "adam", "batch_size": 129, "validation_split": 0.1},
        {"optimizer": "adam", "hidden_layers": (HiddenLayer(units=65),)},
    ],
    ids=["adam", "sgd", "rmsprop", "adamw", "in halves", "as a whole"],
)
def test_every_optimizer_steps_as_in_plain_keras(dataset: Dataset, changes: dict[str, Any]) -> None:
    config = small_config(**changes)
    model = POOL.take(config, dataset)
    start = model.get_weights()
    step_through(model, config, dataset, steps=4)
    plain = train_plainly(config, dataset, start, epochs=1)
    assert_close(model.get_weights(), plain.get_weights())
    assert not same_bits(model.get_weights(), start)

    images, labels = as_keras_wants(config, dataset.test_images, dataset.test_labels)
    loss, accuracy = plain.evaluate(images, labels, verbose=0)
    probabilities = model.probabilities(dataset.test_images)
    assert np.mean(probabilities.argmax(1) == dataset.test_labels) == pytest.approx(accuracy)
    if not config.l2:  # Keras adds the penalty to the loss that it reports
        assert cross_entropy(probabilities, dataset.test_labels) == pytest.approx(loss, abs=1e-5)


@pytest.mark.xla
def test_padding_changes_nothing(dataset: Dataset) -> None:
    config = small_config(hidden_layers=(HiddenLayer(units=12, dropout=0.3),))
    weights, logs = [], []
    for steps in (1, 10, 16):  # 600 images are 10 batches: none, none, and six steps of nothing
        model = POOL.take(config, dataset)
        logs.append(step_through(model, config, dataset, steps))
        weights.append([variable.numpy() for variable in [*model.variables, *model.optimizer.variables]])
    for others in weights[1:]:
        assert_close(others, weights[0])
    assert [len(of_chunks) for of_chunks in logs] == [10, 1, 1]
    for one in logs[1:]:
        assert one[-1]["loss"] == pytest.approx(logs[0][-1]["loss"], abs=1e-5)
        assert one[-1]["accuracy"] == pytest.approx(logs[0][-1]["accuracy"], abs=1e-6)


def test_the_logs_are_means_over_the_images_seen(dataset: Dataset) -> None:
    # The weights stay as they are, at a rate that nobody can choose.
    config = small_config(batch_size=250).model_copy(update={"learning_rate": 1e-12})
    model = POOL.take(config, dataset)
    probabilities = model.probabilities(dataset.train_images)
    first, second = step_through(model, config, dataset, steps=2)
    order = epoch_order(rows_of(config, dataset)[0], config.seed, 0)
    seen, rest = order[:500], order[500:]
    hits = probabilities.argmax(1) == dataset.train_labels
    for logs, rows in ((first, seen), (second, rest)):
        expected = cross_entropy(probabilities[rows], dataset.train_labels[rows])
        assert logs["chunk_loss"] == pytest.approx(expected, abs=1e-5)
        assert model.measure(rows) == pytest.approx((expected, np.mean(hits[rows])), abs=1e-5)
        # Of each step: batches of 250, 250 and then 100, and one of nothing but padding.
        batches = [rows[:250], rows[250:]]
        assert logs["step_hits"] == pytest.approx([hits[batch].sum() for batch in batches])
        losses = [
            cross_entropy(probabilities[batch], dataset.train_labels[batch]) * len(batch) for batch in batches
        ]
        assert logs["step_losses"] == pytest.approx(losses, rel=1e-5)
    expected = cross_entropy(probabilities, np.asarray(dataset.train_labels))
    assert second["loss"] == pytest.approx(expected, abs=1e-5)


def test_validation_is_a_mean_over_images_and_not_over_batches(dataset: Dataset) -> None:
    model = POOL.take(small_config(), dataset)
    rows = np.arange(100, 230, dtype=np.int32)
    logs = model.test_step((as_chunks(rows, 64, 3)[0],))  # 64, 64 and 2 images
    probabilities, labels = model.probabilities(dataset.train_images[rows]), dataset.train_labels[rows]
    assert float(logs["loss"]) == pytest.approx(cross_entropy(probabilities, labels), abs=1e-5)
    assert float(logs["accuracy"]) == pytest.approx(np.mean(probabilities.argmax(1) == labels))


def trained(dataset: Dataset, **changes: Any) -> Weights:
    """Weights after one epoch."""
    config = small_config(**changes)
    model = POOL.take(config, dataset)
    step_through(model, config, dataset, steps=10)
    return model.get_weights()


@pytest.mark.parametrize(
    ("common", "changes"),
    [
        ({}, {"hidden_layers": (HiddenLayer(units=12, activation="gelu"),)}),
        ({}, {"hidden_layers": (HiddenLayer(units=12, dropout=0.5),)}),
        ({}, {"optimizer": "rmsprop"}),
        ({"optimizer": "sgd"}, {"momentum": 0.1}),
        ({"optimizer": "adamw"}, {"weight_decay": 0.5}),
        ({}, {"learning_rate": 0.002}),
        ({}, {"l2": 0.1}),
        ({}, {"batch_size": 32}),
        ({}, {"validation_split": 0.2}),
    ],
    ids=lambda value: "-".join(value),
)
def test_every_control_changes_what_is_learnt(
    dataset: Dataset, common: dict[str, Any], changes: dict[str, Any]
) -> None:
    before, after = trained(dataset, **common), trained(dataset, **common | changes)
    assert all(np.abs(one - other).max() > 1e-5 for one, other in zip(before, after, strict=True))


def test_the_seed_decides_where_the_weights_start(dataset: Dataset) -> None:
    hidden = (HiddenLayer(units=12), HiddenLayer(units=12))
    one, same, other = (
        ChunkedNetwork(small_config(seed=seed, hidden_layers=hidden), dataset).get_weights()
        for seed in (1, 1, 2)
    )
    assert same_bits(one, same)
    assert not any(np.array_equal(a, b) for a, b in zip(one[::2], other[::2], strict=True))
    # Adding dropout or another layer behind leaves the start of the earlier layers alone.
    dropped = (HiddenLayer(units=12, dropout=0.5), *hidden)
    assert np.array_equal(
        ChunkedNetwork(small_config(seed=1, hidden_layers=dropped), dataset).get_weights()[0], one[0]
    )


def test_encodings_and_input_forms_are_two_ways_of_writing_the_same(dataset: Dataset) -> None:
    plain = trained(dataset)
    assert_close(trained(dataset, label_encoding="one-hot"), plain)
    assert_close(trained(dataset, input_form="flat"), plain)
    shapes = {
        form: ChunkedNetwork(small_config(input_form=form), dataset).input_shape for form in ("image", "flat")
    }
    assert shapes == {"image": (None, 28, 28), "flat": (None, 784)}
    losses = {
        encoding: type(ChunkedNetwork(small_config(label_encoding=encoding), dataset)._example_loss).__name__
        for encoding in ("integer", "one-hot")
    }
    assert losses == {"integer": "SparseCategoricalCrossentropy", "one-hot": "CategoricalCrossentropy"}


def test_dropout_drops_while_training_only(dataset: Dataset) -> None:
    config = small_config(hidden_layers=(HiddenLayer(units=12, dropout=0.9),))
    model = POOL.take(config, dataset)
    images = np.asarray(dataset.test_images[:5])
    assert np.array_equal(model.probabilities(images), model.probabilities(images))
    assert np.abs(model(images, training=True).numpy() - model.probabilities(images)).max() > 0.01
    dropped = model.get_layer("dropout_1")(np.ones((1_000, 12), np.float32), training=True).numpy()
    assert np.mean(dropped == 0) == pytest.approx(0.9, abs=0.02)


def test_probabilities_of_more_images_than_go_at_once(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = POOL.take(small_config(input_form="flat"), dataset)
    at_once = model.probabilities(dataset.test_images)
    monkeypatch.setattr("core.training.engine.model.EVALUATION_BATCH", 64)  # 200 = 3 · 64 + 8
    np.testing.assert_allclose(model.probabilities(dataset.test_images), at_once, atol=1e-6)
    assert at_once.shape == (200, 10)
    np.testing.assert_allclose(at_once.sum(axis=1), 1, atol=1e-6)


@pytest.mark.xla
@pytest.mark.parametrize("batch_size", [15, 64])  # as a whole, and in halves
def test_how_long_a_chunk_is_changes_no_bit(dataset: Dataset, batch_size: int) -> None:
    config = small_config(batch_size=batch_size, epochs=1)
    one, *others = (
        # Each compiled for this length alone: of one that has met two, Keras' program knows neither.
        fit(config, dataset, model=ChunkedNetwork(config, dataset), steps=steps)[0].get_weights()
        for steps in (1, 2, 3)
    )
    assert all(same_bits(one, other) for other in others)


def test_dropout_draws_anew_for_each_half_of_a_batch(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Any] = []
    call = HashedDropout.call

    def note(self: HashedDropout, values: Any, training: bool = False) -> Any:
        after = call(self, values, training=training)
        kept.append(np.asarray(after) != 0)  # a sigmoid is never 0 by itself
        return after

    monkeypatch.setattr(HashedDropout, "call", note)
    layer = HiddenLayer(units=16, activation="sigmoid", dropout=0.5)
    config = small_config(hidden_layers=(layer,), batch_size=128)
    model = ChunkedNetwork(config, dataset)
    kept.clear()
    batch = np.arange(128)
    labels = dataset.train_labels[batch].astype(np.int32)
    losses, hits, _ = model._learn(batch, labels, np.ones(128, np.float32))
    assert losses.shape == hits.shape == (128,)
    first, second = kept
    assert first.shape == second.shape == (64, 16)
    assert 0.3 < first.mean() < 0.7
    assert not np.array_equal(first, second)
