"""Distortions against slow oracles, their ranges, their chance, and where they must not act."""

from math import cos, exp, radians, sin
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from scipy import ndimage

from core.config import TrainingConfig
from core.data.dataset import Dataset
from core.data.split import epoch_order
from core.evaluation.loss import cross_entropy
from core.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.training.course import Position
from core.training.engine.augmentation import (
    MAX_GROUPS,
    Augmentation,
    affine_positions,
    build_augmentation,
    resample,
)
from core.training.engine.programs import program_key
from tests.support.network_pool import POOL
from tests.support.training_samples import fit, rows_of, same_bits, small_config

CENTRE = 13.5
ALL_KINDS = {
    "augmentation_shift": 2.0,
    "augmentation_rotation": 15.0,
    "augmentation_scale": 0.15,
    "augmentation_shear": 0.2,
    "augmentation_elastic": 1.0,
}


def affine(
    images: NDArray[Any],
    *,
    rotation: float = 0.0,
    scale: tuple[float, float] = (0.0, 0.0),
    shear: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.float32]:
    """Ours: one map for all images, (n, 28, 28)."""
    values = np.float32([rotation, *scale, shear, *shift])
    turn, wide, high, slant, right, down = tf.unstack(tf.constant(values[:, None]))
    columns, rows = affine_positions(turn, (wide, high), slant, (right, down))
    moved: NDArray[np.float32] = resample(tf.constant(images[None], tf.float32), columns, rows)[0].numpy()
    return moved


def scipy_affine(
    images: NDArray[Any],
    *,
    rotation: float = 0.0,
    scale: tuple[float, float] = (0.0, 0.0),
    shear: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.float64]:
    """The oracle: SciPy's one pass over the plane, with the matrix multiplied out in (x, y)."""
    turn = np.array([[cos(rotation), -sin(rotation)], [sin(rotation), cos(rotation)]])
    matrix = turn @ np.array([[1, shear], [0, 1]]) @ np.diag([exp(scale[0]), exp(scale[1])])
    matrix = matrix[::-1, ::-1]  # SciPy counts (row, column)
    offset = np.array(shift[::-1]) + CENTRE - matrix @ [CENTRE, CENTRE]
    return np.stack(
        [
            ndimage.affine_transform(image.astype(float), matrix, offset, order=1, mode="grid-constant")
            for image in images
        ]
    )


# Of these, one of the two passes does all the work, or they do not meet: linear interpolation is the same.
@pytest.mark.parametrize(
    "kind",
    [
        {"shift": (1.3, 0.0)},
        {"shift": (-0.4, 2.75)},
        {"scale": (0.2, 0.0)},
        {"scale": (-0.3, 0.4)},
        {"shear": 0.35},
        {"shear": -0.2, "shift": (1.5, 0.0)},
    ],
)
def test_shift_scale_and_shear_are_scipys(dataset: Dataset, kind: dict[str, Any]) -> None:
    images = np.asarray(dataset.train_images[:20])
    np.testing.assert_allclose(affine(images, **kind), scipy_affine(images, **kind), rtol=0, atol=0.01)


@pytest.mark.parametrize(
    ("kind", "tolerance"),
    [
        ({"rotation": radians(15)}, 0.02),
        ({"rotation": radians(-15)}, 0.02),
        ({"rotation": radians(45)}, 0.05),
        ({"rotation": radians(-10), "scale": (0.1, -0.15), "shear": 0.2, "shift": (-2.0, 1.5)}, 0.02),
    ],
)
def test_rotation_is_scipys_but_for_the_second_interpolation(
    dataset: Dataset, kind: dict[str, Any], tolerance: float
) -> None:
    # Smooth pictures: of sharp edges, two interpolations in a row blur more than one.
    images = np.stack([ndimage.gaussian_filter(i.astype(float), 2.0) for i in dataset.train_images[:20]])
    difference = np.abs(affine(images, **kind) - scipy_affine(images, **kind))
    assert difference.max() < tolerance * images.max()


def test_any_positions_are_read_by_linear_interpolation(dataset: Dataset) -> None:
    chance = np.random.default_rng(5)
    images = np.asarray(dataset.train_images[:6], np.float32).reshape(2, 3, 28, 28)
    columns, rows = chance.uniform(-4, 31, (2, 2, 28, 28)).astype(np.float32)
    places = np.arange(-2, 30)  # two black pixels beyond each border
    expected = np.empty_like(images)
    for group, number in np.ndindex(2, 3):
        framed = np.pad(images[group, number], 2)
        first = np.stack(
            [np.interp(columns[group, y], places, framed[y + 2], left=0, right=0) for y in range(28)]
        )
        framed = np.pad(first, 2)
        expected[group, number] = np.stack(
            [np.interp(rows[group, x], places, framed[:, x + 2], left=0, right=0) for x in range(28)], axis=1
        )
    ours = resample(tf.constant(images), tf.constant(columns), tf.constant(rows))
    np.testing.assert_allclose(ours, expected, rtol=0, atol=0.01)


_compiled: dict[str, tuple[Augmentation, Any]] = {}


def distort(config: TrainingConfig, images: NDArray[Any], step: int = 0) -> NDArray[np.uint8]:
    """What the training program makes of a batch, compiled as there and, as there, for all seeds."""
    key = program_key(config)
    if key not in _compiled:
        made = Augmentation(config)
        _compiled[key] = made, tf.function(made, jit_compile=True)
    augmentation, compiled = _compiled[key]
    augmentation.seed.assign(config.seed)
    distorted: NDArray[np.uint8] = compiled(tf.constant(images), tf.constant(step, tf.int64)).numpy()
    return distorted


@pytest.mark.xla
def test_ranges_of_zero_change_no_bit_and_are_not_in_the_program(dataset: Dataset) -> None:
    config = small_config()
    images = np.asarray(dataset.train_images[: config.batch_size])
    assert distort(config, images).tobytes() == images.tobytes()
    assert build_augmentation(config) is None
    for name, value in ALL_KINDS.items():
        assert build_augmentation(small_config(**{name: value})) is not None


@pytest.mark.parametrize("name", ALL_KINDS)
def test_each_range_is_used_and_kept(name: str) -> None:
    """Taken apart again, the positions of many steps fill the range that was asked for."""
    limit = ALL_KINDS[name]
    augmentation = Augmentation(small_config(batch_size=256, **{name: limit}))
    steps = [augmentation.positions(tf.constant(step)) for step in range(20)]
    columns = np.concatenate([columns for columns, _ in steps])
    rows = np.concatenate([rows for _, rows in steps])
    lines = np.arange(28.0)
    if name == "augmentation_elastic":
        moved = np.stack([columns - lines, rows - lines])
        np.testing.assert_allclose(moved.std(axis=1), limit, rtol=0.15)
        assert abs(np.diff(moved, axis=-1)).max() < 1.0  # smooth, and the strokes keep their order
        assert abs(np.corrcoef(moved[0].ravel(), moved[1].ravel())[0, 1]) < 0.1
        return
    per_line = columns[:, 1, 0] - columns[:, 0, 0]
    per_place = rows[:, 0, 1] - rows[:, 0, 0]
    found = {
        "augmentation_shift": [columns[:, 0, 0], rows[:, 0, 0]],
        "augmentation_rotation": [np.degrees(np.arcsin(rows[:, 1, 0] - rows[:, 0, 0]))],
        "augmentation_scale": [np.log(columns[:, 0, 1] - columns[:, 0, 0]), np.log(per_place)],
        "augmentation_shear": [per_line],
    }[name]
    for values in found:
        assert np.abs(values).max() <= limit * 1.001
        assert values.max() > 0.9 * limit
        assert values.min() < -0.9 * limit


def test_chance_is_a_function_of_seed_and_step(dataset: Dataset) -> None:
    config = small_config(**ALL_KINDS)
    images = np.asarray(dataset.train_images[: config.batch_size])
    first = distort(config, images, step=7)
    assert distort(config, images, step=7).tobytes() == first.tobytes()
    assert distort(config, images, step=8).tobytes() != first.tobytes()
    assert distort(config.model_copy(update={"seed": 4}), images, step=7).tobytes() != first.tobytes()
    # One image in every place: alike within a group, different in the next one.
    copies = distort(config, np.repeat(images[:1], config.batch_size, axis=0))
    assert (copies[0] == copies[1]).all()
    assert len(np.unique(copies, axis=0)) == config.batch_size // 8


@pytest.mark.parametrize("batch_size", [1, 13, 300])
def test_any_batch_size_and_both_input_forms(dataset: Dataset, batch_size: int) -> None:
    config = small_config(batch_size=batch_size, **ALL_KINDS)
    images = np.asarray(dataset.train_images[:batch_size])
    distorted = distort(config, images)
    assert (distorted.shape, distorted.dtype) == (images.shape, np.uint8)
    assert len(np.unique(distorted - images, axis=0)) > batch_size // 2
    flat = distort(config, images.reshape(-1, 784))
    assert flat.tobytes() == distorted.tobytes()


def test_large_batches_have_larger_groups_not_more_of_them() -> None:
    columns, _ = Augmentation(small_config(batch_size=4_096, **ALL_KINDS)).positions(tf.constant(0))
    assert len(columns) == MAX_GROUPS


@pytest.mark.xla
def test_each_step_learns_its_own_distorted_images(dataset: Dataset) -> None:
    """Against plain Keras, fed with the same batches distorted outside."""
    config = small_config(batch_size=100, optimizer="sgd", learning_rate=0.1, epochs=1, **ALL_KINDS)
    ours = POOL.take(config, dataset)
    plain = keras.models.clone_model(ours.plain_model())  # other variables
    plain.set_weights(ours.get_weights())
    plain.compile(
        keras.optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy", run_eagerly=True
    )
    fit(config, dataset, model=ours, steps=2)
    order = epoch_order(rows_of(config, dataset)[0], config.seed, 0)
    for step, batch in enumerate(order.reshape(-1, 100)):
        plain.train_on_batch(distort(config, dataset.train_images[batch], step), dataset.train_labels[batch])
    for one, other in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)


def test_validation_images_stay_as_they_are(dataset: Dataset) -> None:
    config = small_config(validation_split=0.2, **ALL_KINDS)
    model, history = fit(config, dataset)
    _, validation_rows = rows_of(config, dataset)
    probabilities = model.probabilities(dataset.train_images[validation_rows])
    labels = dataset.train_labels[validation_rows]
    assert history.history["val_loss"][-1] == pytest.approx(cross_entropy(probabilities, labels), abs=1e-5)


@pytest.mark.xla
@pytest.mark.parametrize("batch_size", [64, 129], ids=["whole batches", "in halves"])
def test_a_resumed_run_ends_with_the_same_bits(dataset: Dataset, batch_size: int) -> None:
    config = small_config(hidden_layers=[{"units": 12, "dropout": 0.2}], batch_size=batch_size, **ALL_KINDS)
    # One compiled network begins anew for each run: that this changes no bit test_programs.py holds.
    network, _ = fit(config, dataset)
    whole = network.get_weights()
    network.restart(config)
    fit(config, dataset, model=network, epochs=1)
    half, checkpoint = network.get_weights(), save_checkpoint(network, Checkpoint(Position(1)))
    network.restart(config)
    assert load_checkpoint(network, checkpoint).position.epochs == 1
    fit(config, dataset, model=network, start=Position(1))
    assert same_bits(whole, network.get_weights())
    assert not same_bits(whole, half)
