"""Sheets of paper on a table: what lies beside the sheet is not read, and the sheet itself is no ink."""

import numpy as np
from numpy.typing import NDArray

# A rectangle fills this share of the smallest one around it; a sheet seen aslant, this.
RECTANGLE, _ASLANT = 0.92, 0.8
# A sheet takes this share of the picture's shorter side, and what is written on it covers little.
_SHEET_SIDE, _SOLID = 0.25, 0.55
# The table is darker by this share of the sheet's light, and takes this share of the picture's edge.
_DARKER, _AROUND = 0.15, 0.3
# A blot of this share of the sheet's side that lies on both sides of the edge tells that it is a shadow's.
_CROSSING = 0.2


def is_sheet(kept: NDArray[np.bool_]) -> bool:
    """Tell a sheet of paper, which is thick both ways, from strokes."""
    from scipy import ndimage

    filled = ndimage.binary_fill_holes(kept)
    shorter, rectangle = smallest_rectangle(filled)
    return bool(
        shorter >= _SHEET_SIDE * min(kept.shape)
        and shorter**2 >= 0.5 * rectangle
        and filled.sum() >= RECTANGLE * rectangle
        and kept.sum() >= _SOLID * rectangle
    )


def smallest_rectangle(filled: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the shorter side and the area of the smallest rectangle, turned as may be, around something."""
    from scipy import ndimage

    rows, columns = np.nonzero(filled & ~ndimage.binary_erosion(filled))
    smallest = (1.0, float("inf"))
    for angle in np.radians(np.arange(0, 90, 3)):
        across = float(np.ptp(columns * np.cos(angle) + rows * np.sin(angle))) + 1
        along = float(np.ptp(rows * np.cos(angle) - columns * np.sin(angle))) + 1
        smallest = min(smallest, (min(across, along), across * along), key=lambda each: each[1])
    return smallest


def is_rectangular(filled: NDArray[np.bool_]) -> bool:
    """Tell whether something without holes is a rectangle, however it is turned."""
    return bool(filled.sum() >= RECTANGLE * smallest_rectangle(filled)[1])


def beside_the_sheet(
    paper: NDArray[np.float32], marked: NDArray[np.bool_], threshold: float
) -> NDArray[np.bool_] | None:
    """Return the marks that lie on the table, none if there is no sheet on a darker table.

    Parameters
    ----------
    paper
        float32 (height, width), what would be there if nothing were written.
    marked
        bool (height, width).
    threshold
        The level that parts `paper` best.
    """
    from scipy import ndimage

    labels, count = ndimage.label(paper > threshold)
    if not count:
        return None
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    sheet = ndimage.binary_fill_holes(labels == areas.argmax())
    edge = np.concatenate([sheet[0], sheet[-1], sheet[:, 0], sheet[:, -1]])
    if 1 - edge.mean() < _AROUND or not sheet.any() or sheet.all():
        return None
    if np.median(paper[~sheet]) > (1 - _DARKER) * np.median(paper[sheet]):
        return None
    shorter, area = smallest_rectangle(sheet)
    if sheet.sum() < _ASLANT * area or shorter < _SHEET_SIDE * min(paper.shape):
        return None
    blots, count = ndimage.label(marked, np.ones((3, 3)))
    within = np.bincount(blots.ravel(), sheet.ravel(), minlength=count + 1) / np.bincount(blots.ravel())
    sides = np.array(
        [0, *(max(b[0].stop - b[0].start, b[1].stop - b[1].start) for b in ndimage.find_objects(blots))]
    )
    if ((within > 0.1) & (within < 0.9) & (sides >= _CROSSING * shorter)).any():
        return None
    beside = within < 0.5
    beside[0] = False
    return np.asarray(beside[blots])
