"""Augmentation: training images shifted, turned, scaled, sheared and bent at random, inside the graph.

A gather of single pixels is slow in an XLA program for a CPU. So every image is resampled in
two passes, rows first, then columns (Catmull & Smith 1980, "3-D transformations of images in
scanline order"): each pass is a product with small matrices that hold the weights of linear
interpolation, one matrix for each row and for each column. Bending is the elastic distortion
of Simard, Steinkraus & Platt 2003 ("Best practices for convolutional neural networks"): random
displacements, smoothed until neighbouring pixels move together.

What chance does is a function of (seed, optimizer step): nothing has to be kept for a resume.
"""

from math import ceil, pi, sqrt

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.config import IMAGE_SHAPE, TrainingConfig

SIZE = IMAGE_SHAPE[0]
_CENTRE = (SIZE - 1) / 2

# Images of a batch that share one distortion. Fewer make more matrices and a slower step;
# the order of images changes each epoch, so companions are others every time.
IMAGES_A_GROUP = 8
# With large batches the groups grow instead: their matrices would take more memory than the images.
MAX_GROUPS = 32

# Simard et al. smooth with a Gaussian of 4 pixels, on digits of this size.
ELASTIC_SMOOTHNESS = 4.0
# Noise so smooth has nothing between knots about one smoothness apart: 8×8 instead of 28×28.
ELASTIC_KNOTS = 8


class Augmentation:
    """Distorts batches of training images.

    Parameters
    ----------
    config
        Its `augmentation_…` settings are the ranges, its seed is where chance begins, its
        batch size is the number of images at each call.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self._batch_size = config.batch_size
        self._images_a_group = max(IMAGES_A_GROUP, ceil(config.batch_size / MAX_GROUPS))
        self._groups = ceil(config.batch_size / self._images_a_group)
        # A variable, not a constant: another seed needs no other program.
        self.seed = tf.Variable(config.seed, trainable=False, dtype=tf.int32, name="augmentation_seed")
        self._shift = config.augmentation_shift
        self._rotation = config.augmentation_rotation * pi / 180
        self._scale = config.augmentation_scale
        self._shear = config.augmentation_shear
        self._elastic = config.augmentation_elastic

    def __call__(self, images: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """Return a distorted batch.

        Parameters
        ----------
        images
            uint8, `[batch_size, 28, 28]` or `[batch_size, 784]`.
        step
            Number of the optimizer step, a whole number.

        Returns
        -------
        tf.Tensor
            uint8 of the same shape: pixels remain pixels, so the network takes them as any others.
        """
        columns, rows = self.positions(step)
        padding = self._groups * self._images_a_group - self._batch_size
        grouped = tf.reshape(images, (self._batch_size, SIZE, SIZE))
        grouped = tf.pad(grouped, [[0, padding], [0, 0], [0, 0]])
        grouped = tf.reshape(grouped, (self._groups, self._images_a_group, SIZE, SIZE))
        moved = resample(tf.cast(grouped, tf.float32), columns, rows)
        moved = tf.reshape(moved, (-1, SIZE, SIZE))[: self._batch_size]
        return tf.reshape(tf.cast(moved + 0.5, tf.uint8), tf.shape(images))

    def positions(self, step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the columns and rows to read from at this step, for `resample`."""
        step = tf.cast(step, tf.int32)
        # Two streams of chance from one pair: even numbers for the affine map, odd ones for bending.
        chance = tf.random.stateless_uniform((6, self._groups), tf.stack([self.seed, 2 * step]), -1.0, 1.0)
        columns, rows = affine_positions(
            rotation=chance[0] * self._rotation,
            scale=(chance[1] * self._scale, chance[2] * self._scale),
            shear=chance[3] * self._shear,
            shift=(chance[4] * self._shift, chance[5] * self._shift),
        )
        if self._elastic:
            bend = self._elastic * _smooth_noise(self._groups, tf.stack([self.seed, 2 * step + 1]))
            columns, rows = columns + bend[0], rows + bend[1]
        return columns, rows


def build_augmentation(config: TrainingConfig) -> Augmentation | None:
    """Return what distorts the training images, or None where every range is 0."""
    return Augmentation(config) if config.augments else None


def affine_positions(
    rotation: tf.Tensor,
    scale: tuple[tf.Tensor, tf.Tensor],
    shear: tf.Tensor,
    shift: tuple[tf.Tensor, tf.Tensor],
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return where affine maps read from, split into a pass along rows and one along columns.

    The pixel at (x, y) from the centre is read from

        X = a x + b y + c
        Y = d x + e y + f

    where the matrix is rotation times shear times scale. The second pass reads each column x at
    the heights Y. What it needs in row Y of column x has been brought there by the first pass,
    so that one solves the second line for y and puts it into the first:
    X = (a - b d / e) x + (b / e) Y + c - b f / e.

    Parameters
    ----------
    rotation
        Radians, `[groups]`.
    scale
        Logarithms of the scales along x and y, each `[groups]`.
    shear
        Pixels sideways for each pixel downwards, `[groups]`.
    shift
        Pixels along x and y, each `[groups]`.

    Returns
    -------
    columns, rows
        `[groups, 28 rows, 28]` and `[groups, 28 columns, 28]`, in pixels from the first one.
    """
    cosine, sine = tf.cos(rotation), tf.sin(rotation)
    scale_x, scale_y = tf.exp(scale[0]), tf.exp(scale[1])
    a, b = cosine * scale_x, (cosine * shear - sine) * scale_y
    d, e = sine * scale_x, (sine * shear + cosine) * scale_y
    c, f = shift

    def plane(per_line: tf.Tensor, per_place: tf.Tensor, constant: tf.Tensor) -> tf.Tensor:
        from_centre = tf.range(SIZE, dtype=tf.float32) - _CENTRE
        line, place = from_centre[None, :, None], from_centre[None, None, :]
        wide = (slice(None), None, None)
        return per_line[wide] * line + per_place[wide] * place + constant[wide] + _CENTRE

    columns = plane(b / e, a - b * d / e, c - b * f / e)
    rows = plane(d, e, f)
    return columns, rows


def resample(images: tf.Tensor, columns: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    """Read images at other places, with linear interpolation and black outside.

    Parameters
    ----------
    images
        float32 `[groups, images, 28, 28]`.
    columns
        `[groups, 28, 28]`: for each row, the column that each of its pixels is read from.
    rows
        `[groups, 28, 28]`: for each column, the row that each of its pixels is then read from.
    """
    by_row = tf.transpose(images, (0, 2, 1, 3))  # [group, row, image, column]
    by_row = tf.matmul(by_row, _weights(columns))
    by_column = tf.transpose(by_row, (0, 3, 2, 1))  # [group, column, image, row]
    by_column = tf.matmul(by_column, _weights(rows))
    return tf.transpose(by_column, (0, 2, 3, 1))


def _weights(positions: tf.Tensor) -> tf.Tensor:
    """Return for each line the matrix `[from, to]` that interpolates at `positions`, `[…, to]`."""
    places = tf.range(SIZE, dtype=tf.float32)[:, None]
    return tf.nn.relu(1.0 - tf.abs(positions[..., None, :] - places))


def _smooth_noise(groups: int, seed: tf.Tensor) -> tf.Tensor:
    """Return smooth random displacements, `[2, groups, 28, 28]`, of standard deviation 1 everywhere."""
    # Uniform as with Simard et al.; of standard deviation 1 between these two.
    noise = tf.random.stateless_uniform((2 * groups, ELASTIC_KNOTS**2), seed, -sqrt(3), sqrt(3))
    smooth = tf.matmul(noise, tf.constant(_smoothing_matrix()))
    return tf.reshape(smooth, (2, groups, SIZE, SIZE))


def _smoothing_matrix() -> NDArray[np.float32]:
    """Return the Gaussian filter from knots to pixels, `[knots², 784]`, that keeps the noise's variance."""
    knots, pixels = np.linspace(0, SIZE - 1, ELASTIC_KNOTS), np.arange(SIZE)
    weights = np.exp(-0.5 * ((knots[:, None] - pixels) / ELASTIC_SMOOTHNESS) ** 2)
    weights /= np.linalg.norm(weights, axis=0)
    return np.kron(weights, weights).astype(np.float32)
