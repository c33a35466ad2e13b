"""The part of the program that gets the images and divides them, as `core.data.split` does."""

from core.config import TrainingConfig

_KERAS_NAMES = {"mnist": "mnist", "fashion-mnist": "fashion_mnist"}

_LOAD = '''\
def load(path):
    """Return training images and labels, test images and labels from a file made like Keras' mnist.npz."""
    with np.load(path) as file:
        return (file["x_train"], file["y_train"]), (file["x_test"], file["y_test"])

'''
_OWN = """\
if not os.path.exists(DATA):
    raise SystemExit(
        f"There is no file {{DATA}}. Digit Lab has made these images: download {file} there, at "
        "“Take it home”, and put it beside this program."
    )
(train_images, train_labels), (test_images, test_labels) = load(DATA)"""
_KERAS = """\
source = load(DATA) if DATA else keras.datasets.{name}.load_data()
(train_images, train_labels), (test_images, test_labels) = source"""
_FEWER = """
if IMAGES:  # for a quick try
    train_images, train_labels = train_images[:IMAGES], train_labels[:IMAGES]
    test_images, test_labels = test_images[:IMAGES], test_labels[:IMAGES]
train_labels, test_labels = train_labels.astype("int32"), test_labels.astype("int32")"""


def images_file(config: TrainingConfig) -> str | None:
    """Return the name of the file with the images that has to come along, None where Keras has them."""
    return None if config.dataset in _KERAS_NAMES else f"{config.dataset}.npz"


def load_images(config: TrainingConfig) -> str:
    """Return the code that reads the images."""
    file = images_file(config)
    if file is not None:
        return _LOAD + "\n" + _OWN.format(file=file) + _FEWER
    return _LOAD + "\n" + _KERAS.format(name=_KERAS_NAMES[config.dataset]) + _FEWER


def images_apart(config: TrainingConfig) -> str:
    """Return the code that keeps images for validation, takes a fraction, makes labels wrong, encodes."""
    lines = []
    if config.validation_split:
        lines += [
            "# Which ones is decided by the seed, as in Digit Lab.",
            "order = np.random.default_rng([SEED, 2**31]).permutation(len(train_images))",
            f"kept = int(len(train_images) * {config.validation_split!r})",
            "training, validation = np.sort(order[kept:]), np.sort(order[:kept])",
        ]
    elif config.training_fraction < 1 or config.label_noise:
        lines.append("training = np.arange(len(train_images))")
    if config.training_fraction < 1:
        lines += [
            f"used = max(1, round(len(training) * {config.training_fraction!r}))",
            "training = np.sort(np.random.default_rng([SEED, 2**31 + 1]).permutation(training)[:used])",
        ]
    if config.label_noise:
        lines += [
            "# So many labels are made wrong on purpose; those for validation stay right.",
            "chance = np.random.default_rng([SEED, 2**31 + 2])",
            f"wrong = chance.permutation(training)[: round(len(training) * {config.label_noise!r})]",
            "train_labels[wrong] = (train_labels[wrong] + chance.integers(1, 10, len(wrong))) % 10",
        ]
    if config.input_form == "flat":
        lines += [
            "# Each image as 784 numbers in a row.",
            "train_images, test_images = train_images.reshape(-1, 784), test_images.reshape(-1, 784)",
        ]
    labels = "train_labels"
    if uses_one_hot(config):
        lines.append("targets = keras.utils.to_categorical(train_labels, 10)  # one-hot labels")
        labels = "targets"
    if config.validation_split or config.training_fraction < 1 or config.label_noise:
        lines.append(f"x, y = train_images[training], {labels}[training]")
    else:
        lines.append(f"x, y = train_images, {labels}")
    if config.validation_split:
        lines.append(f"x_validation, y_validation = train_images[validation], {labels}[validation]")
    return "\n".join(lines)


def batches(config: TrainingConfig) -> str:
    """Return the code that puts what is learnt into batches, in another order in each epoch.

    Not `fit(x, y)`: once Keras has a seed, its `fit` begins the same shuffling anew in each epoch and shows
    the images in one and the same order, which costs two tenths of a point in five epochs.
    """
    lines = [
        "# In another order in each epoch; with a seed, fit(x, y) would repeat that of the first.",
        "images, labels = tf.constant(x), tf.constant(y)",
        "batches = (",
        "    tf.data.Dataset.range(len(x))",
        "    .shuffle(len(x), seed=SEED)",
        f"    .batch({config.batch_size})",
        "    .map(lambda rows: (tf.gather(images, rows), tf.gather(labels, rows)))",
        *(["    .map(distort, num_parallel_calls=tf.data.AUTOTUNE)"] if config.augments else []),
        "    .prefetch(tf.data.AUTOTUNE)",
        ")",
    ]
    return "\n".join(lines)


def uses_one_hot(config: TrainingConfig) -> bool:
    """Tell whether the labels are one-hot in the program: Keras smooths no others."""
    return config.label_encoding == "one-hot" or config.label_smoothing > 0
