"""Ten digits on every kind of paper that people photograph, scan or draw on, made from nothing.

Each kind is a function of a digit and a generator and gives an RGB picture. `READABLE` are all of them:
whoever draws such a picture sees at once what it is.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

Cover = NDArray[np.float32]
Colour = tuple[int, int, int]
Kind = Callable[[int, np.random.Generator], Image.Image]

WHITE, PAPER, PEN = (255, 255, 255), (234, 233, 227), (38, 38, 52)
PENCIL, RULING = (112, 112, 116), (150, 178, 222)
SIDE = 450


def _arc(
    x: float, y: float, across: float, down: float, start: float, end: float
) -> list[tuple[float, float]]:
    """Return an arc of an ellipse, angles in degrees, clockwise from the right as the picture's y grows."""
    angles = np.radians(np.linspace(start, end, 24))
    return [(x + across * float(np.cos(a)), y + down * float(np.sin(a))) for a in angles]


# Within a box of 1×1 whose middle is (0, 0).
DIGITS: tuple[list[list[tuple[float, float]]], ...] = (
    [_arc(0, 0, 0.29, 0.5, -90, 270)],
    [[(-0.12, -0.3), (0.08, -0.5), (0.05, 0.5)]],
    [[*_arc(0, -0.2, 0.28, 0.3, -170, 35), (-0.29, 0.48), (0.3, 0.48)]],
    [[*_arc(0, -0.25, 0.26, 0.25, -150, 90), *_arc(0, 0.24, 0.31, 0.26, -90, 150)]],
    [[(-0.08, -0.5), (-0.3, 0.12), (0.3, 0.12)], [(0.14, -0.25), (0.12, 0.5)]],
    [[(0.27, -0.5), (-0.2, -0.48), (-0.24, -0.03), *_arc(0, 0.17, 0.31, 0.32, -140, 145)]],
    [[(0.16, -0.5), (-0.12, -0.2), *_arc(0, 0.2, 0.27, 0.3, -170, 190)]],
    [[(-0.28, -0.48), (0.29, -0.5), (0.06, 0.02), (-0.06, 0.5)]],
    [[*_arc(0, -0.25, 0.22, 0.25, 90, 450), *_arc(0, 0.25, 0.28, 0.25, -90, 270)]],
    [[*_arc(0, -0.22, 0.26, 0.28, 0, 360), (0.24, 0.05), (0.16, 0.5)]],
)


def cover(
    digit: int,
    generator: np.random.Generator,
    size: tuple[int, int] = (SIDE, SIDE),
    height: float = 0.66,
    pen: float = 0.055,
    middle: tuple[float, float] = (0.5, 0.5),
) -> Cover:
    """Return how much of each pixel a digit covers, 0 to 1, float32 (height, width).

    Parameters
    ----------
    size
        Height and width in pixels.
    height, pen
        Of the digit and of its stroke, as shares of the shorter side.
    middle
        x and y of the digit's middle, as shares of width and height.
    """
    twice, shorter = 2, min(size)
    slant, turn = generator.uniform(-0.1, 0.1), generator.uniform(-0.06, 0.06)
    picture = Image.new("L", (twice * size[1], twice * size[0]), 0)
    canvas, radius = ImageDraw.Draw(picture), pen * shorter * twice / 2
    for stroke in DIGITS[digit]:
        places = []
        for x, y in stroke:
            x, y = (x - slant * y) - turn * y, y + turn * x
            across = twice * (middle[0] * size[1] + height * shorter * x)
            places.append((across, twice * (middle[1] * size[0] + height * shorter * y)))
        canvas.line(places, fill=255, width=max(1, round(2 * radius)), joint="curve")
        for across, down in places:
            canvas.ellipse([across - radius, down - radius, across + radius, down + radius], fill=255)
    return np.asarray(picture.reduce(twice), np.float32) / np.float32(255)


def laid(ink: Cover, pen: Colour = PEN, paper: Colour = PAPER) -> NDArray[np.float32]:
    """Return ink on paper, float32 (height, width, 3), 0 to 255."""
    return np.asarray(np.array(paper) + (np.array(pen) - np.array(paper)) * ink[..., None], np.float32)


def finished(picture: NDArray[np.float32], generator: np.random.Generator, grain: float = 1.5) -> Image.Image:
    """Return pixels with a camera's grain as a picture."""
    noisy = picture + generator.normal(0, grain, picture.shape)
    return Image.fromarray(np.round(noisy.clip(0, 255)).astype(np.uint8))


def _places(size: tuple[int, int]) -> tuple[Cover, Cover]:
    """Return x and y of each pixel, 0 to 1."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    return x / size[1], y / size[0]


def plain(digit: int, generator: np.random.Generator) -> Image.Image:
    return finished(laid(cover(digit, generator)), generator)


def coloured(pen: Colour, paper: Colour) -> Kind:
    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        return finished(laid(cover(digit, generator, (600, 600)), pen, paper), generator, 0)

    return kind


def rim(width: int, colour: Colour) -> Kind:
    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        picture = laid(cover(digit, generator))
        for edge in (picture[:width], picture[-width:], picture[:, :width], picture[:, -width:]):
            edge[:] = colour
        return finished(picture, generator, 0)

    return kind


def letterbox(sides: str, share: float = 0.12, colour: Colour = (0, 0, 0), grain: float = 0.0) -> Kind:
    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        picture, strip = laid(cover(digit, generator)), round(share * SIDE)
        edges = {
            "t": picture[:strip],
            "b": picture[-strip:],
            "l": picture[:, :strip],
            "r": picture[:, -strip:],
        }
        for side in sides:
            edges[side][:] = colour
        return finished(picture, generator, grain)

    return kind


def frame(inset: float, width: float) -> Kind:
    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        ink = cover(digit, generator)
        outer, inner = round(inset * SIDE), round((inset + width) * SIDE)
        ring = np.zeros_like(ink)
        ring[outer : SIDE - outer, outer : SIDE - outer] = 1
        ring[inner : SIDE - inner, inner : SIDE - inner] = 0
        return finished(laid(np.maximum(ink, ring)), generator, 0)

    return kind


def sheet(share: float, table: Colour = (68, 48, 36), wood: float = 0.0, paper: Colour = PAPER) -> Kind:
    """A turned sheet that takes this share of the picture's side, on a table."""

    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        side = 600
        x, y = _places((side, side))
        angle, (right, down) = np.radians(generator.uniform(-9, 9)), generator.uniform(-0.02, 0.02, 2)
        across = (x - 0.5 - right) * np.cos(angle) + (y - 0.5 - down) * np.sin(angle)
        along = (y - 0.5 - down) * np.cos(angle) - (x - 0.5 - right) * np.sin(angle)
        inside = (np.maximum(np.abs(across), np.abs(along)) < share / 2).astype(np.float32)
        inside = ndimage.gaussian_filter(inside, 0.8)[..., None]
        ink = cover(digit, generator, (side, side), 0.62 * share, 0.05 * share)
        grain = wood * (np.sin(60 * along + 3 * np.sin(5 * across)) + np.sin(143 * along))[..., None]
        return finished(
            inside * laid(ink, paper=paper) + (1 - inside) * (np.array(table) + grain), generator, 3
        )

    return kind


def lit(light: Callable[[Cover, Cover, np.random.Generator], Cover], **drawn: float) -> Kind:
    """Paper in some light, a function of x and y that says how much of it there is."""

    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        there = light(*_places((SIDE, SIDE)), generator)[..., None]
        ink = cover(digit, generator, **drawn)  # type: ignore[arg-type]
        return finished(laid(ink) * there, generator)

    return kind


def shadow(soft: float, dark: float = 0.52) -> Kind:
    def light(x: Cover, y: Cover, generator: np.random.Generator) -> Cover:
        angle = np.radians(generator.uniform(0, 180))
        distance = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + generator.uniform(-0.1, 0.1)
        return np.asarray(1 - (1 - dark) * (distance / max(soft, 1e-3) + 0.5).clip(0, 1), np.float32)

    return lit(light)


def flash(strength: float, width: float) -> Kind:
    def light(x: Cover, y: Cover, generator: np.random.Generator) -> Cover:
        right, down = generator.uniform(0.25, 0.75, 2)
        spot = np.exp(-((x - right) ** 2 + (y - down) ** 2) / (2 * width**2))
        return np.asarray((0.75 + strength * spot) * np.ones_like(x), np.float32)

    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        there = light(*_places((SIDE, SIDE)), generator)
        glare = (there - 0.75).clip(0)[..., None] * 90  # glare lightens the ink too
        return finished(laid(cover(digit, generator)) * there[..., None] + glare, generator)

    return kind


def soft_shading(x: Cover, y: Cover, generator: np.random.Generator) -> Cover:
    """Light that falls off across the page."""
    return np.asarray(1 - 0.45 * x * y - 0.2 * y, np.float32)


def ruled(
    pen: Colour,
    ruling: Colour,
    every: float = 0.1,
    squared: bool = False,
    turn: float = 0.0,
    thick: float = 2,
) -> Kind:
    """Lines of this colour below what is written; `turn` in degrees."""

    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        x, y = _places((600, 600))
        angle, shift = np.radians(generator.uniform(-turn, turn)), generator.uniform(0, every)
        down, across = y * np.cos(angle) + x * np.sin(angle), x * np.cos(angle) - y * np.sin(angle)
        lines = _lines(down + shift, every, thick / 600)
        if squared:
            lines = np.maximum(lines, _lines(across + shift, every, thick / 600))
        picture = laid(lines, ruling, (245, 244, 239))
        ink = cover(digit, generator, (600, 600), 0.6, 0.024)[..., None]
        return finished(picture * (1 - ink) + np.minimum(picture, np.array(pen)) * ink, generator)

    return kind


def _lines(along: Cover, every: float, thick: float) -> Cover:
    distance = np.abs((along / every + 0.5) % 1 - 0.5) * every
    return np.asarray((0.5 + (thick / 2 - distance) * 600).clip(0, 1), np.float32)


def pencil(darkness: float, grain: float, pen: float = 0.03) -> Kind:
    """Graphite that leaves the hollows of the paper white: `grain` is the share it leaves."""

    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        ink = cover(digit, generator, (600, 600), pen=pen)
        tooth = ndimage.gaussian_filter(generator.normal(0, 1, ink.shape), 0.9)
        tooth = (tooth / tooth.std() > np.quantile(tooth / tooth.std(), grain)).astype(np.float32)
        return finished(laid(ink * tooth * darkness, (90, 90, 94), (240, 238, 232)), generator, 2.5)

    return kind


def hollow(digit: int, generator: np.random.Generator) -> Image.Image:
    solid = cover(digit, generator, (600, 600), 0.62, 0.13) > 0.5
    outline = ndimage.binary_dilation(solid, iterations=4) & ~ndimage.binary_erosion(solid, iterations=4)
    return finished(laid(ndimage.gaussian_filter(outline.astype(np.float32), 0.7)), generator, 0)


def tight(pen: float) -> Kind:
    """A thick stroke, the picture cut where the ink ends."""

    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        ink = cover(digit, generator, (600, 600), 0.6, pen)
        rows, columns = np.flatnonzero(ink.max(1) > 0.5), np.flatnonzero(ink.max(0) > 0.5)
        cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return finished(laid(cut, (0, 0, 0), WHITE), generator, 0)

    return kind


def small(share: float, side: int = 1_000) -> Kind:
    """A digit of this share of the width."""

    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        middle = (float(generator.uniform(0.2, 0.8)), float(generator.uniform(0.2, 0.8)))
        ink = cover(digit, generator, (side, side), share, 0.1 * share, middle)
        return finished(laid(ink), generator, 1)

    return kind


def turned(degrees: float) -> Kind:
    def kind(digit: int, generator: np.random.Generator) -> Image.Image:
        ink = ndimage.rotate(cover(digit, generator), degrees, reshape=False, order=1)
        return finished(laid(ink), generator)

    return kind


def noisy(grain: float) -> Kind:
    return lambda digit, generator: finished(laid(cover(digit, generator)), generator, grain)


READABLE: dict[str, Kind] = {
    "plain": plain,
    "thin pen": lambda digit, generator: finished(laid(cover(digit, generator, pen=0.012)), generator),
    "noise": noisy(18),
    "turned": turned(12),
    "soft shading": lit(soft_shading),
    "chalk": coloured((225, 228, 222), (38, 62, 50)),
    "white on black": coloured((250, 250, 250), (5, 5, 5)),
    "blue ink": coloured((40, 60, 160), WHITE),
    "yellow note": sheet(0.7, (235, 235, 235), paper=(250, 232, 120)),
    "ruled, pen": ruled(PEN, RULING),
    "squared, pen": ruled(PEN, RULING, 0.05, squared=True),
    "squared, pencil": ruled(PENCIL, (205, 215, 235), 0.05, squared=True),
    "a tenth of the width": small(0.1),
    "rim 1 black": rim(1, (0, 0, 0)),
    "rim 2 grey": rim(2, (120, 120, 120)),
    "rim 9 black": rim(9, (0, 0, 0)),
    "letterbox left right": letterbox("lr"),
    "letterbox top bottom": letterbox("tb"),
    "letterbox white": letterbox("lr", colour=(255, 255, 255)),
    "dark strips": letterbox("lt", 0.09, (60, 50, 45), 4),
    "sheet 60": sheet(0.6),
    "sheet 80": sheet(0.8),
    "sheet 90": sheet(0.9),
    "sheet 95": sheet(0.95),
    "sheet on wood": sheet(0.75, (120, 85, 55), 9),
    "sheet on grey": sheet(0.8, (140, 140, 142)),
    "thick frame": frame(0.08, 0.02),
    "thin frame": frame(0.12, 0.006),
    "shadow edge": shadow(0.0),
    "deep shadow": shadow(0.01, 0.3),
    "penumbra": shadow(0.15),
    "wide penumbra": shadow(0.45),
    "mild flash": flash(0.4, 0.14),
    "strong flash": flash(0.6, 0.22),
    "highlighter": coloured((255, 255, 90), WHITE),
    "yellow": coloured((250, 220, 60), WHITE),
    "pastel": coloured((255, 205, 215), WHITE),
    "red on green": coloured((200, 60, 60), (60, 130, 60)),
    "red on blue": coloured((205, 50, 60), (60, 80, 190)),
    "orange on cyan": coloured((255, 150, 40), (60, 205, 215)),
    "blue on black": coloured((30, 40, 190), (8, 8, 10)),
    "tight, thick": tight(0.2),
    "tight, less thick": tight(0.12),
    "faint pencil": pencil(0.22, 0.0),
    "fainter pencil": pencil(0.13, 0.0, 0.04),
    "grainy pencil": pencil(0.7, 0.6),
    "ruled as dark as pencil": ruled(PENCIL, RULING, 0.1),
    "ruled, turned": ruled(PENCIL, RULING, 0.1, turn=5),
    "ruled darker": ruled(PENCIL, (110, 120, 160), 0.12),
    "squared as dark": ruled(PENCIL, RULING, 0.07, squared=True),
    "hollow": hollow,
    "a fortieth of the width": small(0.04),
    "a fortieth, small picture": small(0.04, 640),
}


def picture(kind: str, digit: int, seed: int = 0) -> Image.Image:
    """Return a digit of a kind; the same for the same seed."""
    return READABLE[kind](digit, np.random.default_rng([seed, digit]))
