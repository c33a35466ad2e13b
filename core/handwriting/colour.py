"""Along which colours a picture's ink differs from its paper: in brightness, mostly, or in hue alone."""

import numpy as np
from numpy.typing import NDArray

# What the eye takes for brightness (ITU-R BT.601).
BRIGHTNESS = np.array([0.299, 0.587, 0.114], np.float32)
# The local colour of the paper is looked up in a picture of this side, in a window of this side.
_SIDE, _WINDOW = 32, 17
# Axes nearer to each other than this cosine tell the same.
_ALIKE = 0.93


def axes(rgb: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return the axes in colour along which to look for ink, the eye's first.

    The others are the main directions in which pixels beside edges differ from the middle colour around them.

    Parameters
    ----------
    rgb
        float32 (height, width, 3), 0 to 1.

    Returns
    -------
    One to three axes (3,), each with absolute values that sum to 1.
    """
    from scipy import ndimage

    height, width, _ = rgb.shape
    step = max(1, round(max(height, width) / _SIDE))
    few = np.stack([ndimage.uniform_filter(rgb[..., c], step)[::step, ::step] for c in range(3)], axis=-1)
    middle = np.stack([ndimage.median_filter(few[..., c], _WINDOW) for c in range(3)], axis=-1)
    rows = np.minimum(np.arange(height) // step, few.shape[0] - 1)
    columns = np.minimum(np.arange(width) // step, few.shape[1] - 1)
    differences = rgb - middle[rows][:, columns]
    strength = np.zeros((height, width), np.float32)
    strength[1:] += np.abs(np.diff(rgb, axis=0)).sum(axis=-1)
    strength[:, 1:] += np.abs(np.diff(rgb, axis=1)).sum(axis=-1)
    weights = strength * np.linalg.norm(differences, axis=-1)
    weights = np.where(weights >= 0.25 * weights.max(), weights, 0).reshape(-1)
    near = weights > 0
    if not near.any():
        return [BRIGHTNESS]
    chosen = differences.reshape(-1, 3)[near]
    _, directions = np.linalg.eigh((chosen * weights[near, None]).T @ chosen)
    found = [BRIGHTNESS]
    direction = np.asarray(directions[:, -1], np.float32)
    direction = direction / np.abs(direction).sum()
    # Grey is as good as brightness.
    if all(_cosine(direction, one) < _ALIKE for one in (BRIGHTNESS, np.ones(3, np.float32))):
        found.append(direction)
    return found


def along(rgb: NDArray[np.float32], axis: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a picture along an axis, float32 (height, width), 0 to 1."""
    return np.asarray(rgb @ axis - np.minimum(axis, 0).sum(), np.float32)


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(abs(one @ other) / (np.linalg.norm(one) * np.linalg.norm(other)))
