"""What TensorFlow need not load."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Keras loads these where they are installed, to take and to give their tables; nobody here has one.
UNUSED = ("pandas", "sklearn")


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """Have an import within find that these modules are not installed, unless they are loaded already.

    pandas and scikit-learn, with SciPy behind it, are a third of what a worker's start computes and
    135 MB of its memory.
    """
    hidden = [name for name in names if name not in sys.modules]
    # Python takes None for "is not there": see "The module cache" in its language reference.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
