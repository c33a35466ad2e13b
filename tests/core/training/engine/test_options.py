"""Each further setting against plain Keras or against what its name promises."""

from typing import Any

import keras
import numpy as np
import pytest

from core.config import INITIALIZERS, HiddenLayer, TrainingConfig
from core.data.dataset import Dataset
from core.data.split import epoch_order, rows_of_run
from core.evaluation.diagnosis.rules import DIVERGED_LOSS
from core.prediction.network import Network
from core.store import RunStatus
from core.training.callbacks.health import Health
from core.training.callbacks.place import Place
from core.training.course import Course, Position
from core.training.engine.chunks import as_chunks
from core.training.engine.labels import noisy_labels
from core.training.engine.model import ChunkedNetwork
from core.training.export import to_onnx
from tests.support.job_samples import Train
from tests.support.network_pool import POOL
from tests.support.training_samples import Weights, fit, rows_of, same_bits, small_config, step_through

TOLERANCE = 1e-5
TWO = (HiddenLayer(units=12), HiddenLayer(units=8, activation="tanh"))


def one_epoch(config: TrainingConfig, dataset: Dataset, steps: int = 4) -> tuple[ChunkedNetwork, list[Any]]:
    """Give one epoch to `train_step` itself, without the seconds that XLA compiles."""
    model = POOL.take(config, dataset)
    return model, step_through(model, config, dataset, steps)


def plainly(
    config: TrainingConfig,
    dataset: Dataset,
    optimizer: keras.optimizers.Optimizer,
    penalty: keras.regularizers.Regularizer | None = None,
    *,
    smoothing: float = 0.0,
) -> Weights:
    """The same epoch as a user of Keras would write it, on batches without any padding."""
    layers: list[keras.layers.Layer] = [
        keras.layers.InputLayer((28, 28)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
    ]
    for layer in config.hidden_layers:
        layers.append(
            keras.layers.Dense(layer.units, activation=layer.activation, kernel_regularizer=penalty)
        )
        if config.batch_normalization:
            layers.append(keras.layers.BatchNormalization())
    layers.append(keras.layers.Dense(10, activation="softmax", kernel_regularizer=penalty))
    model = keras.Sequential(layers)
    # Eagerly: a few steps are taken sooner than their program is made.
    model.compile(
        optimizer, keras.losses.CategoricalCrossentropy(label_smoothing=smoothing), run_eagerly=True
    )
    model.set_weights(POOL.take(config, dataset).get_weights())
    rows, _ = rows_of(config, dataset)
    order = epoch_order(rows, config.seed, 0)
    for start in range(0, len(order), config.batch_size):
        batch = order[start : start + config.batch_size]
        targets = np.eye(10, dtype=np.float32)[dataset.train_labels[batch]]
        model.train_on_batch(np.asarray(dataset.train_images[batch], np.float32), targets)
    return model.get_weights()


def assert_close(one: Weights, other: Weights) -> None:
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=TOLERANCE)


def furthest(one: Weights, other: Weights) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))


def test_batch_normalization_is_that_of_keras_and_padding_is_no_part_of_it(dataset: Dataset) -> None:
    # 600 images in batches of 64: the tenth has 24 images and 40 rows of padding.
    config = small_config(hidden_layers=TWO, batch_normalization=True)
    mine = one_epoch(config, dataset)[0].get_weights()
    plain = plainly(config, dataset, keras.optimizers.Adam(0.001))
    assert_close(mine, plain)
    moving_mean = mine[4]
    assert np.abs(moving_mean).max() > 0.01
    # Steps of nothing but padding at the end of a chunk change nothing either.
    assert_close(one_epoch(config, dataset, steps=16)[0].get_weights(), mine)


def test_batch_normalization_is_in_the_summary_as_keras_counts_it(dataset: Dataset) -> None:
    config = small_config(
        hidden_layers=(HiddenLayer(units=12, dropout=0.5), HiddenLayer(units=8)), batch_normalization=True
    )
    model = POOL.take(config, dataset).plain_model()
    assert config.parameters == model.count_params()
    shown = [(row.name.split()[0], row.parameters) for row in config.layer_summaries()]
    assert shown[1:6] == [("Layer", 9_420), ("Batch", 48), ("Dropout", 0), ("Layer", 104), ("Batch", 32)]


def test_a_compiled_run_with_batch_normalization_becomes_the_same_onnx_network(dataset: Dataset) -> None:
    config = small_config(
        hidden_layers=(HiddenLayer(units=12, dropout=0.2), HiddenLayer(units=8, activation="gelu")),
        batch_normalization=True,
        learning_rate=0.01,
        validation_split=0.1,
    )
    model, _ = fit(config, dataset)
    images = np.asarray(dataset.test_images)
    prediction = Network(to_onnx(model)).predict(images)
    np.testing.assert_allclose(prediction.probabilities, model.probabilities(images), rtol=0, atol=TOLERANCE)
    values, hidden = images, []
    for layer in model.layers:
        values = layer(values, training=False)
        if layer.name.startswith("hidden"):
            hidden.append(values.numpy())
    assert len(prediction.activations) == 2
    for mine, theirs in zip(prediction.activations, hidden, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop", "adamw"])
def test_gradients_are_clipped_by_their_length_taken_together(dataset: Dataset, optimizer: str) -> None:
    config = small_config(optimizer=optimizer, learning_rate=0.05, gradient_clipping=0.02)
    optimizers: dict[str, Any] = {
        "adam": lambda: keras.optimizers.Adam(0.05, global_clipnorm=0.02),
        "sgd": lambda: keras.optimizers.SGD(0.05, momentum=0.9, global_clipnorm=0.02),
        "rmsprop": lambda: keras.optimizers.RMSprop(0.05, global_clipnorm=0.02),
        "adamw": lambda: keras.optimizers.AdamW(0.05, weight_decay=0.004, global_clipnorm=0.02),
    }
    mine = one_epoch(config, dataset)[0].get_weights()
    assert_close(mine, plainly(config, dataset, optimizers[optimizer]()))
    free = config.model_copy(update={"gradient_clipping": 0.0})
    assert furthest(mine, one_epoch(free, dataset)[0].get_weights()) > 0.01


def test_a_clipped_step_is_as_long_as_it_may_be(dataset: Dataset) -> None:
    config = small_config(
        optimizer="sgd", momentum=0.0, learning_rate=1.0, gradient_clipping=0.01, batch_size=600
    )
    before = POOL.take(config, dataset).get_weights()
    after = one_epoch(config, dataset, steps=1)[0].get_weights()  # one step
    moved = np.concatenate([(a - b).ravel() for a, b in zip(after, before, strict=True)])
    assert float(np.linalg.norm(moved)) == pytest.approx(0.01, rel=1e-4)


def test_l1_alone_and_with_l2_is_that_of_keras(dataset: Dataset) -> None:
    for l1, l2 in ((0.001, 0.0), (0.001, 0.002)):
        config = small_config(l1=l1, l2=l2)
        mine = one_epoch(config, dataset)[0].get_weights()
        penalty = keras.regularizers.L1L2(l1, l2)
        assert_close(mine, plainly(config, dataset, keras.optimizers.Adam(0.001), penalty))
        without = one_epoch(config.model_copy(update={"l1": 0.0}), dataset)[0].get_weights()
        assert furthest(mine, without) > 1e-4


@pytest.mark.parametrize("encoding", ["integer", "one-hot"])
def test_label_smoothing_is_that_of_keras_and_not_in_the_loss_shown(dataset: Dataset, encoding: str) -> None:
    config = small_config(label_smoothing=0.2, label_encoding=encoding)
    mine = one_epoch(config, dataset)[0].get_weights()
    assert_close(mine, plainly(config, dataset, keras.optimizers.Adam(0.001), smoothing=0.2))
    assert furthest(mine, one_epoch(small_config(), dataset)[0].get_weights()) > 1e-3
    still = {"learning_rate": 1e-12}  # the weights stay: only what is shown could differ
    _, smoothed = one_epoch(config.model_copy(update=still), dataset)
    _, plain = one_epoch(small_config().model_copy(update=still), dataset)
    assert smoothed[-1]["loss"] == pytest.approx(plain[-1]["loss"], abs=1e-6)


def test_first_weights_are_as_their_name_says(dataset: Dataset) -> None:
    kernels = {}
    for name in INITIALIZERS:
        config = small_config(initializer=name, hidden_layers=(HiddenLayer(units=200), *TWO))
        weights = ChunkedNetwork(config, dataset).get_weights()
        assert same_bits(weights, ChunkedNetwork(config, dataset).get_weights())
        assert not any(bias.any() for bias in weights[1::2])
        kernels[name] = weights[::2]
    first = {name: kernel[0] for name, kernel in kernels.items()}
    # Uniform up to a bound: Glorot √(6 / (in + out)), He √(6 / in).
    assert np.abs(first["glorot"]).max() == pytest.approx((6 / 984) ** 0.5, rel=0.01)
    assert np.abs(first["he"]).max() == pytest.approx((6 / 784) ** 0.5, rel=0.01)
    assert first["wide"].std() == pytest.approx(1, rel=0.01)
    assert not any(kernel.any() for kernel in kernels["zeros"])
    other = small_config(initializer="wide", seed=4, hidden_layers=(HiddenLayer(units=200), *TWO))
    assert not np.array_equal(ChunkedNetwork(other, dataset).get_weights()[0], first["wide"])


def test_from_zeros_hidden_layers_learn_nothing(dataset: Dataset) -> None:
    weights = one_epoch(small_config(initializer="zeros"), dataset)[0].get_weights()
    kernel, bias, out, out_bias = weights
    assert not kernel.any()
    assert not bias.any()
    assert not out.any()
    assert out_bias.any()


def test_a_wide_start_is_shown_and_no_divergence(train: Train) -> None:
    hidden = (HiddenLayer(units=64), HiddenLayer(units=64))
    run = train(small_config(initializer="wide", hidden_layers=hidden))
    assert (run.status, run.message) == (RunStatus.FINISHED, None)
    assert run.test_loss is not None


@pytest.mark.parametrize("is_resumed", [False, True])
def test_a_wide_start_may_lose_four_times_what_it_began_with(is_resumed: bool) -> None:
    first = 2 * DIVERGED_LOSS
    # A worker that goes on in mid-run sees a loss that has fallen: the bound is still of the first one.
    seen = [0.1 * first, 3.5 * first] if is_resumed else [first, 0.1 * first, 3.5 * first]
    place = Place(Course(600, 64, 2, 1, Position(1) if is_resumed else Position()))
    health = Health(small_config(initializer="wide"), place, first if is_resumed else None)
    health.set_model(keras.Sequential())
    for loss in (*seen, 4.5 * first):
        assert health.diagnosis is None
        health.on_train_batch_end(0, {"chunk_loss": loss})
    assert health.diagnosis is not None


def test_label_noise_falsifies_its_share_of_the_training_labels_only(dataset: Dataset) -> None:
    config = small_config(label_noise=0.25, validation_split=0.2)
    labels = np.asarray(dataset.train_labels)
    training, validation = rows_of(config, dataset)
    noisy = noisy_labels(config, labels)
    assert (noisy.dtype, noisy.min(), noisy.max()) == (np.int32, 0, 9)
    assert np.mean(noisy[training] != labels[training]) == 0.25
    assert np.array_equal(noisy[validation], labels[validation])
    assert np.array_equal(noisy, noisy_labels(config, labels))
    assert not np.array_equal(noisy, noisy_labels(config.model_copy(update={"seed": 4}), labels))
    # All wrong ones are among the rows in use, and everything is wrong at 1.
    few = config.model_copy(update={"training_fraction": 0.1, "label_noise": 1.0})
    used, _ = rows_of(few, dataset)
    wrong = np.flatnonzero(noisy_labels(few, labels) != labels)
    assert np.array_equal(wrong, used)


def test_a_run_learns_the_noisy_labels_and_is_checked_on_right_ones(dataset: Dataset) -> None:
    config = small_config(label_noise=0.5, validation_split=0.2).model_copy(update={"learning_rate": 1e-12})
    model, logs = one_epoch(config, dataset)
    training, validation = rows_of(config, dataset)
    noisy = noisy_labels(config, np.asarray(dataset.train_labels))
    hits = model.probabilities(dataset.train_images[training]).argmax(axis=1) == noisy[training]
    assert logs[-1]["accuracy"] == pytest.approx(hits.mean(), abs=1e-6)
    for metric in model.metrics:
        metric.reset_state()
    checked = model.test_step((as_chunks(validation, len(validation), 1)[0],))
    right = model.probabilities(dataset.train_images[validation]).argmax(axis=1)
    assert float(checked["accuracy"]) == pytest.approx(np.mean(right == dataset.train_labels[validation]))
    # The labels that other runs of this process share are as they were.
    assert np.array_equal(ChunkedNetwork(small_config(), dataset)._labels.numpy(), dataset.train_labels)


def test_a_fraction_of_the_training_images_after_the_same_split() -> None:
    whole, held_out = rows_of_run(small_config(validation_split=0.2), 1_000)
    few, same = rows_of_run(small_config(validation_split=0.2, training_fraction=0.1), 1_000)
    assert len(few) == 80
    assert len(np.unique(few)) == 80
    assert np.isin(few, whole).all()
    assert np.array_equal(same, held_out)
    assert (np.diff(few) > 0).all()
    other, _ = rows_of_run(small_config(validation_split=0.2, training_fraction=0.1, seed=4), 1_000)
    assert not np.array_equal(few, other)
    assert len(rows_of_run(small_config(training_fraction=0.001), 100)[0]) == 1


def test_a_run_sees_its_fraction_only(train: Train) -> None:
    run = train(small_config(hidden_layers=(), training_fraction=0.5))
    assert run.steps_per_epoch == 5  # 300 images in batches of 64
