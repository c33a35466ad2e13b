"""Handwriting: MNIST as it is, MNIST written again with other pens, and pen strokes of everyone's hand.

A network that learnt from MNIST alone reads American forms of one pen. The training images here are a half
MNIST's own, so that it forgets nothing; a quarter the same digits with other pens, slants and scanners; a
quarter drawn from skeletons, with the ways of writing that MNIST hardly has. The test images are MNIST's own:
what a page says of a network that learnt this is said of the images that others are measured by.
"""

from concurrent.futures import ThreadPoolExecutor
from math import ceil

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.data.handwriting.rewriting import rewrite
from core.data.handwriting.scanning import scan
from core.data.pen_strokes.hand import EVERYONE
from core.data.pen_strokes.render import Report, centre_by_mass, fit_to_box, render, write
from core.data.pen_strokes.skeletons import FloatArray
from core.sentences import say

# Of the images that are not MNIST's own: those written again; the others are pen strokes.
REWRITTEN = 0.5
CHUNK = 500
_RENDER_AT_ONCE = 50

Images = NDArray[np.uint8]
Labels = NDArray[np.uint8]


def generate(
    mnist: Dataset, train_count: int, *, seed: int = 0, report: Report | None = None
) -> dict[str, NDArray[np.uint8]]:
    """Mix a training set; the test set is MNIST's.

    Parameters
    ----------
    mnist
        What is mixed with. Its training images are all in, unchanged; none of its test images is learnt.
    train_count
        Training images in all, at least MNIST's.
    seed
        The same seed gives the same images.
    report
        Called in this thread with the share done (0 to 1, rising) and a sentence.

    Returns
    -------
    dict
        `train_images` (train_count, 28, 28), `train_labels` (train_count,), `test_images`, `test_labels`,
        all uint8.

    Raises
    ------
    ValueError
        If `train_count` is less than MNIST has.
    """
    own = len(mnist.train_images)
    if train_count < own:
        raise ValueError(f"train_count is {train_count}; it must be at least the {own} of MNIST.")
    images = np.zeros((train_count, *mnist.train_images.shape[1:]), np.uint8)
    labels = np.zeros(train_count, np.uint8)
    again = round(REWRITTEN * (train_count - own))
    generator = np.random.default_rng([seed, 0])
    # Each of them once before any comes twice.
    rounds = max(1, ceil(again / own))
    models = np.concatenate([generator.permutation(own) for _ in range(rounds)])[:again]
    # In mixed order: whoever looks at the first of them, or learns from a part, sees some of each kind.
    places = generator.permutation(train_count)
    copied, rewritten, drawn = np.split(places, [own, own + again])
    images[copied], labels[copied] = mnist.train_images, mnist.train_labels
    labels[rewritten] = mnist.train_labels[models]
    labels[drawn] = np.arange(len(drawn)) % 10

    def write_again(first: int, stream: np.random.Generator) -> int:
        rows = rewritten[first : first + CHUNK]
        chosen = models[first : first + CHUNK]
        images[rows] = _finished(*rewrite(mnist.train_images[chosen], stream, EVERYONE), stream)
        return len(rows)

    def draw(first: int, stream: np.random.Generator) -> int:
        rows = drawn[first : first + CHUNK]
        images[rows] = _finished(*write(labels[rows], stream, EVERYONE), stream)
        return len(rows)

    parts = [(write_again, first) for first in range(0, len(rewritten), CHUNK)]
    parts += [(draw, first) for first in range(0, len(drawn), CHUNK)]

    def make(number: int) -> int:
        how, first = parts[number]
        # A stream for each part: it does not matter how many are made at a time.
        return how(first, np.random.default_rng([seed, 1, number]))

    total, done = train_count - own, 0
    with ThreadPoolExecutor(2, thread_name_prefix="handwriting") as pool:
        try:
            for made in pool.map(make, range(len(parts))):
                done += made
                if report is not None:
                    sentence = say("Writing digits: {done} of {total}.", done=f"{done:,}", total=f"{total:,}")
                    report(done / total, sentence)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return {
        "train_images": images,
        "train_labels": labels,
        "test_images": mnist.test_images,
        "test_labels": mnist.test_labels,
    }


def _finished(paths: FloatArray, radii: FloatArray, stream: np.random.Generator) -> Images:
    """Draw, scan and centre the digits of a part."""
    images = []
    for first in range(0, len(paths), _RENDER_AT_ONCE):
        rows = slice(first, first + _RENDER_AT_ONCE)
        ink = scan(render(*fit_to_box(paths[rows], radii[rows], stream)), stream)
        # Top-heavy ones stay off centre, inside the picture, as drawings do.
        images.append(centre_by_mass(ink)[0])
    return np.concatenate(images)
