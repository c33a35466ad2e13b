"""The light on paper: what the paper would look like everywhere if nothing were written on it.

No smooth surface follows a shadow's edge. A closing does: it fills what is narrower than its window and
darker than both its sides, as a stroke is, and leaves every edge between wide areas where it is
(J. Serra, Image Analysis and Mathematical Morphology, 1982: the residue is the "top hat").
"""

import numpy as np
from numpy.typing import NDArray


def paper_level(
    signal: NDArray[np.float32], window: int, outside: float | None = None
) -> NDArray[np.float32]:
    """Return the paper's level below ink that is darker than it.

    Parameters
    ----------
    signal
        float32 (height, width); ink has the lower values.
    window
        In pixels; strokes narrower than this are filled.
    outside
        The level beyond the picture's edge; none: whatever is at the edge goes on there, so that a table or a
        bar at the side is an area of its own, and no ink.

    Returns
    -------
    float32 (height, width), nowhere below `signal`.
    """
    from scipy import ndimage  # 30 MB, for those who upload

    width = window // 2 + 1
    if outside is None:
        padded = np.pad(signal, width, mode="edge")
    else:
        padded = np.pad(signal, width, constant_values=outside)
    dilated = ndimage.maximum_filter(padded, window, mode="nearest")
    # A window of even width lies half a pixel aside: the other way back.
    closed = ndimage.minimum_filter(dilated, window, mode="nearest", origin=0 if window % 2 else -1)
    inner = closed[width : width + signal.shape[0], width : width + signal.shape[1]]
    return np.asarray(np.maximum(inner, signal), np.float32)


def ink_share(signal: NDArray[np.float32], paper: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Return how much of the paper's light the ink takes away, and the paper's grain.

    As a share, so that ink in the shade counts as much as ink in the light.

    Parameters
    ----------
    signal, paper
        float32 (height, width), 0 to 1, ink below paper; for light ink, the negative of the picture.

    Returns
    -------
    share
        float32 (height, width), 0 to 1.
    grain
        The standard deviation of `share` where there is only paper.
    """
    share = (paper - signal) / paper.clip(0.1)
    # Nearly all of a picture is paper. Its level is an upper envelope, which grain lifts a little.
    lift = float(np.median(share))
    grain = 1.4826 * float(np.median(np.abs(share - lift)))
    return (share - lift).clip(0, 1).astype(np.float32), grain
