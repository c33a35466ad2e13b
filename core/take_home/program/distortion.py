"""The part of the program that distorts images, as `core.training.engine.augmentation` does.

There a group of images shares one distortion and is resampled in two passes, which is quick in one compiled
program; here each has its own and is read at once, which is short to write. Both are linear interpolation
at the same places.
"""

from core.config import TrainingConfig

_SAMPLE = '''\
dice = tf.random.Generator.from_seed(SEED)


def sample(images, columns, rows):
    """Read images, (n, 28, 28), at places between their pixels: linear interpolation, black outside."""
    framed = tf.reshape(tf.pad(tf.cast(images, tf.float32), [[0, 0], [1, 1], [1, 1]]), (-1, 30 * 30))
    columns, rows = tf.clip_by_value(columns + 1, 0.0, 28.999), tf.clip_by_value(rows + 1, 0.0, 28.999)
    left, top = tf.floor(columns), tf.floor(rows)
    right_share, lower_share = columns - left, rows - top
    read = 0.0
    for row, row_share in ((top, 1 - lower_share), (top + 1, lower_share)):
        for column, column_share in ((left, 1 - right_share), (left + 1, right_share)):
            place = tf.cast(30 * row + column, tf.int32)
            read += row_share * column_share * tf.gather(framed, place, batch_dims=1)
    return read

'''
_AFFINE = '''
def chance(count, largest):
    """Return a number between -largest and largest for each image, (n, 1, 1)."""
    return dice.uniform((count, 1, 1), -largest, largest)


def distort(images, labels):
    """Return a batch whose images are turned, scaled, sheared and shifted{bent}."""
    images = tf.reshape(images, (-1, 28, 28))
    count = tf.shape(images)[0]
    x, y = tf.range(28.0)[None, None, :] - 13.5, tf.range(28.0)[None, :, None] - 13.5  # from the centre
    angle = chance(count, {rotation!r} * np.pi / 180)
    shear = chance(count, {shear!r})
    scale_x = tf.exp(chance(count, {scale!r}))
    scale_y = tf.exp(chance(count, {scale!r}))
    columns = tf.cos(angle) * scale_x * x + (tf.cos(angle) * shear - tf.sin(angle)) * scale_y * y
    rows = tf.sin(angle) * scale_x * x + (tf.sin(angle) * shear + tf.cos(angle)) * scale_y * y
    columns += chance(count, {shift!r}) + 13.5
    rows += chance(count, {shift!r}) + 13.5
{elastic}    moved = tf.cast(sample(images, columns, rows) + 0.5, tf.uint8)
    return {moved}, labels
'''
# Simard, Steinkraus & Platt 2003: noise, smoothed by a Gaussian of 4 pixels.
_BEND = '''
# Bending: noise at 8×8 knots, smoothed until neighbours move together (Simard et al. 2003).
smooth = np.exp(-0.5 * ((np.linspace(0, 27, 8)[:, None] - np.arange(28)) / 4) ** 2)
smooth = (smooth / np.linalg.norm(smooth, axis=0)).astype("float32")


def bend(count):
    """Return smooth displacements in pixels, (n, 28, 28), of standard deviation {elastic!r}."""
    noise = dice.uniform((count, 8, 8), -np.sqrt(3), np.sqrt(3))
    return {elastic!r} * tf.einsum("nkl,ky,lx->nyx", noise, smooth, smooth)

'''
_BENT = "    columns += bend(count)\n    rows += bend(count)\n"


def distortion(config: TrainingConfig) -> str:
    """Return the code of `distort`, which is called with the images and the labels of a batch."""
    elastic = config.augmentation_elastic
    affine = _AFFINE.format(
        rotation=config.augmentation_rotation,
        shear=config.augmentation_shear,
        scale=config.augmentation_scale,
        shift=config.augmentation_shift,
        bent=" at random, and bent" if elastic else " at random",
        elastic=_BENT if elastic else "",
        moved="moved" if config.input_form == "image" else "tf.reshape(moved, (-1, 784))",
    )
    return (_SAMPLE + (_BEND.format(elastic=elastic) if elastic else "") + affine).rstrip()
