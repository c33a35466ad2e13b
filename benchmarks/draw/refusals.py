"""What is refused with "I can't read this": real digits, which must not be, and pictures that are no digits.

The pictures of `benchmarks.draw.other_non_digits` were not looked at when the judge was fitted or its
bars were set; those of `tests.support.non_digits` were. Fashion-MNIST's test images are among them where
they are on this machine. The network that comes along answers; another one changes nothing but what little
its probabilities refuse.
"""

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.draw import other_non_digits
from benchmarks.draw.handwriting import uci_digits
from benchmarks.result import Result
from core.data.library import DatasetLibrary
from core.data.pen_strokes.render import generate
from core.errors import DatasetUnavailable
from core.prediction.calibration import calibrated
from core.prediction.ready_made import TEMPERATURE, read_all, ready_made_network
from core.prediction.refusal import digits_refusal, familiarities
from core.settings import get_settings
from tests.support import non_digits

_KNOWN = tuple(f"refused_{kind}" for kind in non_digits.MAKERS)
_UNKNOWN = tuple(f"refused_{kind}" for kind in other_non_digits.MAKERS)
NAMES = (
    "refused_mnist_digits",
    "refused_drawn_digits",
    "refused_uci_digits",
    "refused_non_digits_of_the_tests",
    *_KNOWN,
    "refused_other_non_digits",
    *_UNKNOWN,
    "refused_fashion",
    "ready_made_overconfidence",
)
_EACH = 500
_REFUSED_WANTED = 90.0
_MNIST_ALLOWED, _DRAWN_ALLOWED = 1.0, 3.0

Pictures = NDArray[np.uint8]


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield how many are refused (%), of digits at most, of others at least what is required."""
    settings = get_settings()
    library = DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout)
    mnist = library.open("mnist")
    yield Result("refused_mnist_digits", _refused(np.asarray(mnist.test_images)), "%", _MNIST_ALLOWED)
    drawn = generate(0, 5_000, seed=11)["test_images"]
    yield Result("refused_drawn_digits", _refused(drawn), "%", _DRAWN_ALLOWED)
    uci = uci_digits()
    if uci is not None:
        yield Result("refused_uci_digits", _refused(uci[0]), "%", _DRAWN_ALLOWED)
    for title, names, make in (
        ("refused_non_digits_of_the_tests", _KNOWN, non_digits.non_digits),
        ("refused_other_non_digits", _UNKNOWN, other_non_digits.pictures),
    ):
        shares = {name: _refused(make(name.removeprefix("refused_"), _EACH, seed=5)) for name in names}
        yield Result(title, float(np.mean(list(shares.values()))), "%", _REFUSED_WANTED)
        yield from (Result(name, share, "%") for name, share in shares.items() if name in wanted)
    try:
        fashion = np.asarray(library.open("fashion-mnist").test_images)
        yield Result("refused_fashion", _refused(fashion), "%", _REFUSED_WANTED)
    except DatasetUnavailable:
        pass
    if "ready_made_overconfidence" in wanted:
        read = calibrated(read_all(ready_made_network(), mnist.test_images), TEMPERATURE)
        right = read.argmax(axis=1) == mnist.test_labels
        yield Result(
            "ready_made_overconfidence", 100 * float(read.max(axis=1).mean() - right.mean()), "points"
        )


def _refused(pictures: Pictures) -> float:
    return 100 * float((familiarities(digits_refusal(), pictures) < 0.5).mean())
