"""Pen strokes: digit pictures that the program draws itself, made as MNIST was made.

A skeleton of `core.data.pen_strokes.skeletons` is written by a random hand, scaled into
a box of 20×20 pixels and moved by whole pixels until its centre of mass lies at
pixel (14, 14) of 28×28, within half a pixel: the rule by which MNIST was made
(LeCun, Cortes, Burges, "The MNIST database"). Pixel k has its centre at k.
No picture of MNIST is used.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from core.config import IMAGE_SHAPE, INK_CENTRE, INK_SIDE
from core.data.pen_strokes.hand import CLERKS, Hand
from core.data.pen_strokes.skeletons import PATH_POINTS, FloatArray
from core.sentences import say

SIDE = IMAGE_SHAPE[0]
CHUNK = 500
_RENDER_AT_ONCE = 64  # working arrays of 100 KB stay in the processor's cache

Images = NDArray[np.uint8]
Labels = NDArray[np.uint8]
Report = Callable[[float, str], None]


def generate(
    train_count: int = 60_000,
    test_count: int = 10_000,
    *,
    seed: int = 0,
    report: Report | None = None,
    processes: int | None = None,
) -> dict[str, NDArray[np.uint8]]:
    """Draw a training and a test set of digits.

    Parameters
    ----------
    train_count, test_count
        Images to draw; every digit is drawn equally often, one more or less.
    seed
        The same seed gives the same images, however many chunks are drawn at a time.
    report
        Called in this thread with the share done (0 to 1, rising) and a sentence.
    processes
        How many chunks are drawn at a time, 2 unless given. They are threads:
        NumPy lets go of the interpreter's lock, and no worker has to import
        the main script again.

    Returns
    -------
    dict
        `train_images` (train_count, 28, 28), `train_labels` (train_count,),
        `test_images`, `test_labels`, all uint8.

    Raises
    ------
    ValueError
        If a count or `processes` is out of bounds.
    """
    if train_count < 0 or test_count < 0:
        raise ValueError(f"The counts are {train_count} and {test_count}; they must be at least 0.")
    if processes is not None and processes < 1:
        raise ValueError(f"processes is {processes}; it must be at least 1.")
    arrays: dict[str, NDArray[np.uint8]] = {}
    tasks = []
    for part, (name, count) in enumerate((("train", train_count), ("test", test_count))):
        images = arrays[f"{name}_images"] = np.zeros((count, SIDE, SIDE), np.uint8)
        labels = arrays[f"{name}_labels"] = (np.arange(count) % 10).astype(np.uint8)
        np.random.default_rng([seed, part]).shuffle(labels)
        for number, first in enumerate(range(0, count, CHUNK)):
            rows = slice(first, first + CHUNK)
            tasks.append((images[rows], labels[rows], (seed, part, number)))

    total, done = train_count + test_count, 0
    with ThreadPoolExecutor(processes or 2, thread_name_prefix="pen-strokes") as pool:
        try:
            for drawn in pool.map(_draw_chunk, *zip(*tasks, strict=True)) if tasks else ():
                done += drawn
                if report is not None and done < total:
                    report(
                        done / total,
                        say("Drawing digits: {done} of {total}.", done=f"{done:,}", total=f"{total:,}"),
                    )
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    if report is not None:
        report(1.0, say("{total} digits are drawn.", total=f"{total:,}"))
    return arrays


def _draw_chunk(images: Images, labels: Labels, key: tuple[int, int, int]) -> int:
    """Fill `images` with the digits of `labels`; a chunk has a random stream of its own."""
    generator = np.random.default_rng(key)
    waiting = np.arange(len(labels))
    while waiting.size:
        paths, radii = write(labels[waiting], generator)
        whole = np.empty(len(waiting), np.bool_)
        for first in range(0, len(waiting), _RENDER_AT_ONCE):
            rows = slice(first, first + _RENDER_AT_ONCE)
            ink = render(*fit_to_box(paths[rows], radii[rows], generator))
            images[waiting[rows]], whole[rows] = centre_by_mass(ink)
        # One digit in 3,000 is so top-heavy that its foot would be cut off: written again.
        waiting = waiting[~whole]
    return len(labels)


def write(
    labels: Labels, generator: np.random.Generator, hand: Hand = CLERKS
) -> tuple[FloatArray, FloatArray]:
    """Write digits by random hands.

    Returns
    -------
    paths, radii
        (n, PATH_POINTS, 2) points x, y of any scale, y pointing down; and
        (n, PATH_POINTS) half widths of the pen in pixels of the final picture.
    """
    shapes = hand.skeletons
    count = len(labels)
    ways = shapes.choose(labels, generator)
    rows = np.arange(count)[:, None]
    normal = spread_of(count, generator)

    # The hand: some are careful, some are not.
    care = np.minimum(np.exp(normal(0.35, 1, 1)), 1.6)
    points = shapes.controls[ways]
    points += care * normal(0.065, *points.shape[1:])
    strokes = shapes.strokes[ways]
    points += care * normal(0.04, int(strokes.max()) + 1, 2)[rows, strokes]
    ends, inner = shapes.ends[ways], shapes.inner[ways]
    # Strokes begin and end too early or too late.
    reach = normal(0.12, ends.shape[1], 1)
    points[rows, ends] += reach * (points[rows, ends] - points[rows, inner])
    paths = shapes.splines[ways] @ points

    paths = bend(_proportion(paths, normal), normal)
    paths = _lean(paths, labels, normal, hand)
    return paths, pen(count, PATH_POINTS, normal, generator, hand)


def spread_of(count: int, generator: np.random.Generator) -> Callable[..., FloatArray]:
    """Return a function that draws `count` normal values or arrays of them, of the spread it is given."""

    def normal(scale: float, *shape: int) -> FloatArray:
        return (scale * generator.standard_normal((count, *shape), dtype=np.float32)).astype(np.float32)

    return normal


def _proportion(paths: FloatArray, normal: Callable[..., FloatArray]) -> FloatArray:
    """Make heads or feet larger, and one of them wider than the other."""
    x, y = paths[..., 0], paths[..., 1]
    inside = np.clip(y, -1.1, 1.1)
    longer = np.clip(normal(0.18, 1), -0.4, 0.4)
    wider = np.clip(normal(0.25, 1), -0.5, 0.5)
    return np.stack([x * (1 + wider * inside), y + longer * (1 - inside**2)], axis=-1)


def bend(paths: FloatArray, normal: Callable[..., FloatArray]) -> FloatArray:
    """Push the sheet about by three slow waves: a smooth elastic deformation."""
    waves = normal(2.1, 3, 2)  # radians per half height
    phases = normal(10.0, 1, 3)
    pushes = normal(0.07, 3, 2)
    moved: FloatArray = paths + np.sin(paths @ waves.transpose(0, 2, 1) + phases) @ pushes
    return moved


def _lean(paths: FloatArray, labels: Labels, normal: Callable[..., FloatArray], hand: Hand) -> FloatArray:
    """Give every digit its width, slant and rotation."""
    one = labels == 1
    width = np.exp(normal(hand.width))
    slant = np.where(one, normal(hand.slant_of_one) + 0.3, normal(hand.slant) + 0.12).astype(np.float32)
    angle = normal(hand.rotation)
    x, y = paths[..., 0] * width[:, None], paths[..., 1]
    x = x - slant[:, None] * y  # y points down: the top goes to the right
    cosine, sine = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=-1)


def pen(
    count: int, points: int, normal: Callable[..., FloatArray], generator: np.random.Generator, hand: Hand
) -> FloatArray:
    """Return (count, points) half widths in pixels: a pen, and a pressure that comes and goes."""
    half = np.clip(hand.pen * np.exp(normal(hand.pen_spread, 1)), hand.thinnest, hand.thickest)
    along = np.linspace(0.0, 1.0, points, dtype=np.float32)
    speed = generator.uniform(3.0, 14.0, (count, 1)).astype(np.float32)
    pressure = np.clip(normal(0.1, 1), -0.25, 0.25) * np.sin(speed * along + normal(10.0, 1))
    roughness = normal(0.1, points)  # ink and scanner leave no smooth edge
    return np.asarray(half * (1 + pressure + roughness), np.float32)


def fit_to_box(
    paths: FloatArray, radii: FloatArray, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Scale and move paths so that the longer side of their ink is the box's 20 pixels.

    The pen keeps its width in pixels, so the skeleton shrinks for a thick pen.
    The shorter side comes to lie anywhere between two pixels, as in a scan.
    """
    room = INK_SIDE - 0.02  # rounding must not touch a 21st pixel
    reach = radii[..., None]
    extent = np.ptp(paths, axis=1).max(axis=1)
    scale = (room - 2 * radii.mean(axis=1)) / extent
    for _ in range(2):  # the radius at the outermost points is not the mean one
        ink = paths * scale[:, None, None]
        longest = ((ink + reach).max(axis=1) - (ink - reach).min(axis=1)).max(axis=1)
        scale = scale * (1 + (room - longest) / (extent * scale))
    ink = paths * scale[:, None, None]
    low, high = (ink - reach).min(axis=1), (ink + reach).max(axis=1)
    slack = np.minimum(1.0, np.maximum(0.0, room - (high - low)))
    shift = (INK_SIDE - 1) / 2 - (low + high) / 2 + slack * generator.uniform(-0.5, 0.5, slack.shape)
    return np.asarray(ink + shift[:, None, :], np.float32), radii


def render(paths: FloatArray, radii: FloatArray) -> FloatArray:
    """Ink the pixels of the box near the path, grey at the edge of the stroke.

    A pixel is 1 inside the pen's half width, 0 from half a pixel outside it, and
    linear between: the share of it that a straight edge covers.

    Returns
    -------
    ink
        (n, 20, 20) in 0..1.
    """
    pixels = np.arange(INK_SIDE, dtype=np.float32)
    inverse = (1 / radii)[..., None]
    across = np.square((pixels - paths[..., :1]) * inverse)  # (n, points, 20)
    down = np.square((pixels - paths[..., 1:]) * inverse)
    nearest = np.full((len(paths), INK_SIDE, INK_SIDE), np.inf, np.float32)
    squared = np.empty_like(nearest)
    for point in range(paths.shape[1]):
        np.add(down[:, point, :, None], across[:, point, None, :], out=squared)
        np.minimum(nearest, squared, out=nearest)
    half = radii.mean(axis=1)[:, None, None]
    ink: FloatArray = np.clip((1 - np.sqrt(nearest)) * half + 0.5, 0.0, 1.0)
    return ink


def centre_by_mass(ink: FloatArray) -> tuple[Images, NDArray[np.bool_]]:
    """Set boxes into 28×28 by whole pixels, the centre of mass nearest to pixel (14, 14).

    Returns
    -------
    images, whole
        (n, 28, 28); and (n,) False where the box does not fit so, and is left off centre.
    """
    count = len(ink)
    grey = np.rint(255 * ink).astype(np.uint8)
    mass = grey.sum(axis=(1, 2), dtype=np.float64)
    pixels = np.arange(INK_SIDE, dtype=np.float64)
    top = np.rint(INK_CENTRE - (grey.sum(axis=2) @ pixels) / mass).astype(np.intp)
    left = np.rint(INK_CENTRE - (grey.sum(axis=1) @ pixels) / mass).astype(np.intp)
    inner_top, inner_left = np.clip(top, 0, SIDE - INK_SIDE), np.clip(left, 0, SIDE - INK_SIDE)
    whole = (top == inner_top) & (left == inner_left)
    images = np.zeros((count, SIDE, SIDE), np.uint8)
    inside = np.arange(INK_SIDE)
    rows = (inner_top[:, None] + inside)[:, :, None]
    columns = (inner_left[:, None] + inside)[:, None, :]
    images[np.arange(count)[:, None, None], rows, columns] = grey
    return images, whole
