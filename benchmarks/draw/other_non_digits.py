"""Pictures that are no digits, by other means than those that the refusal was chosen and tested with.

Printed letters, words and signs of a typeface; curves; drawings; textures; shaded clothes and shoes.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy.ndimage import gaussian_filter

from core.handwriting.mnist_form import to_network_input

Picture = NDArray[np.uint8]
SIDE = 280

# None of them is taken for a digit: no B D G I J L O S Z, no b g i l n o q s y z.
CAPITALS = "AEFHKMNPQRTUVWXY"
SMALL = "adefhkmprtuvwx"
SIGNS = "#%&*+=<>?@$€{}~^"


def capital(rng: np.random.Generator) -> Picture:
    """Return a printed capital letter, turned and bent a little."""
    return _printed(str(rng.choice(list(CAPITALS))), rng)


def small_letter(rng: np.random.Generator) -> Picture:
    """Return a printed small letter, turned and bent a little."""
    return _printed(str(rng.choice(list(SMALL))), rng)


def printed_sign(rng: np.random.Generator) -> Picture:
    """Return a printed sign, turned and bent a little."""
    return _printed(str(rng.choice(list(SIGNS))), rng)


def word(rng: np.random.Generator) -> Picture:
    """Return two or three printed letters side by side."""
    return _printed("".join(rng.choice(list(CAPITALS + SMALL), int(rng.integers(2, 4)))), rng)


def curves(rng: np.random.Generator) -> Picture:
    """Return three to six Bézier curves from anywhere to anywhere."""
    canvas = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(canvas)
    width = int(rng.integers(8, 24))
    time = np.linspace(0, 1, 40)[:, None]
    for _ in range(int(rng.integers(3, 7))):
        a, b, c, d = rng.uniform(20, 260, (4, 2))
        curve = (
            (1 - time) ** 3 * a + 3 * time * (1 - time) ** 2 * b + 3 * time**2 * (1 - time) * c + time**3 * d
        )
        pen.line([tuple(point) for point in curve], fill=255, width=width, joint="curve")
    return _seen(canvas)


def crossed_out(rng: np.random.Generator) -> Picture:
    """Return a patch hatched with many straight strokes."""
    canvas = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(canvas)
    width = int(rng.integers(6, 16))
    slope = rng.uniform(-0.6, 0.6)
    for x in np.linspace(50, 230, int(rng.integers(5, 12))):
        lean = 120 * slope + rng.normal(0, 12)
        pen.line([(x - lean, rng.uniform(30, 70)), (x + lean, rng.uniform(210, 250))], fill=255, width=width)
    return _seen(canvas)


def drawing(rng: np.random.Generator) -> Picture:
    """Return a flower, a heart, a fish, a stick figure, a tree or a wheel."""
    canvas = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(canvas)
    width = int(rng.integers(7, 18))
    kind = int(rng.integers(6))
    wobble = rng.normal(0, 6, 20)
    if kind == 0:  # flower
        for turn in np.linspace(0, 2 * np.pi, 6)[:-1] + wobble[0]:
            x, y = 140 + 50 * np.cos(turn), 100 + 50 * np.sin(turn)
            pen.ellipse([x - 32, y - 32, x + 32, y + 32], outline=255, width=width)
        pen.line([(140, 150), (140 + wobble[1], 270)], fill=255, width=width)
    elif kind == 1:  # heart
        turns = np.linspace(0, 2 * np.pi, 60)
        x = 140 + (6 + wobble[0] / 10) * 16 * np.sin(turns) ** 3
        y = 130 - 6 * (13 * np.cos(turns) - 5 * np.cos(2 * turns) - 2 * np.cos(3 * turns) - np.cos(4 * turns))
        pen.line(list(zip(x, y, strict=True)), joint="curve", fill=255, width=width)
    elif kind == 2:  # fish
        pen.ellipse([40, 90, 190, 190 + wobble[0]], outline=255, width=width)
        pen.line(
            [(185, 140), (250, 90 + wobble[1]), (250, 190 + wobble[2]), (185, 140)], fill=255, width=width
        )
        pen.ellipse([75, 120, 85, 130], fill=255)
    elif kind == 3:  # stick figure
        pen.ellipse([110, 20, 170, 80], outline=255, width=width)
        pen.line([(140, 80), (140 + wobble[0], 180)], fill=255, width=width)
        pen.line([(80, 120 + wobble[1]), (200, 120 + wobble[2])], fill=255, width=width)
        pen.line(
            [(90 + wobble[3], 260), (140 + wobble[0], 180), (190 + wobble[4], 260)], fill=255, width=width
        )
    elif kind == 4:  # tree
        for top in (30, 80, 130):
            pen.line([(140, top), (80, top + 70), (200, top + 70), (140, top)], fill=255, width=width)
        pen.line([(140, 200), (140, 260)], fill=255, width=width)
    else:  # wheel
        pen.ellipse([40, 40, 240, 240], outline=255, width=width)
        for turn in np.linspace(0, np.pi, 4)[:-1] + wobble[0]:
            x, y = 100 * np.cos(turn), 100 * np.sin(turn)
            pen.line([(140 - x, 140 - y), (140 + x, 140 + y)], fill=255, width=width)
    return _seen(canvas.rotate(float(rng.normal(0, 8))))


def texture(rng: np.random.Generator) -> Picture:
    """Return clouds, stripes or rings that fill the picture, as a photograph's part does."""
    x, y = np.meshgrid(np.linspace(-1, 1, 28), np.linspace(-1, 1, 28))
    kind = int(rng.integers(3))
    if kind == 0:
        grey = gaussian_filter(rng.normal(size=(28, 28)), rng.uniform(0.8, 4))
    elif kind == 1:
        grey = np.sin(rng.uniform(4, 25) * (x * rng.normal() + y * rng.normal()) + rng.uniform(0, 6))
    else:
        grey = np.sin(rng.uniform(8, 25) * np.hypot(x - rng.normal(0, 0.4), y - rng.normal(0, 0.4)))
    grey = (grey - grey.min()) / max(float(np.ptp(grey)), 1e-9)
    return np.asarray(255 * grey * rng.uniform(0.5, 1), np.uint8)


def garment(rng: np.random.Generator) -> Picture:
    """Return a filled shape of ellipses and boxes, bright as cloth is in photographs, 28 pixels high."""
    canvas = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(canvas)
    grey = int(rng.integers(90, 250))
    kind = int(rng.integers(5))
    if kind == 0:  # pullover
        pen.rounded_rectangle([80, 20, 200, 265], 20, fill=grey)
        for x, lean in ((60, 1), (220, -1)):
            pen.line([(140 - lean * 50, 45), (x - lean * 20, 250)], fill=int(0.85 * grey), width=42)
    elif kind == 1:  # trousers
        gap = int(rng.integers(4, 40))
        pen.rectangle([85, 10, 195, 60], fill=grey)
        pen.rectangle([85, 60, 140 - gap // 2, 270], fill=grey)
        pen.rectangle([140 + gap // 2, 60, 195, 270], fill=grey)
    elif kind == 2:  # sneaker
        pen.pieslice([10, 100, 270, 300], 180, 360, fill=grey)
        pen.rectangle([170, 80, 262, 200], fill=grey)
        pen.rectangle([10, 190, 270, 210], fill=int(0.5 * grey))
    elif kind == 3:  # boot
        pen.rectangle([130, 20, 230, 230], fill=grey)
        pen.ellipse([20, 150, 220, 270], fill=grey)
        pen.rectangle([20, 240, 240, 260], fill=int(0.6 * grey))
    else:  # bag
        pen.arc([90, 20, 190, 160], 180, 360, fill=grey, width=16)
        pen.rounded_rectangle([30, 100, 250, 250], 25, fill=grey)
    picture = np.asarray(
        canvas.filter(ImageFilter.GaussianBlur(4)).resize((28, 28), Image.Resampling.BOX), float
    )
    cloth = 1 + 0.35 * gaussian_filter(rng.normal(size=(28, 28)), 1) * 3
    return np.asarray(np.clip(picture * cloth, 0, 255), np.uint8)


def faint_noise(rng: np.random.Generator) -> Picture:
    """Return noise of other kinds: normal, of single dots, of lines."""
    kind = int(rng.integers(3))
    if kind == 0:
        return np.clip(rng.normal(rng.uniform(30, 130), rng.uniform(20, 90), (28, 28)), 0, 255).astype(
            np.uint8
        )
    if kind == 1:
        return (255 * (rng.random((28, 28)) < rng.uniform(0.02, 0.1))).astype(np.uint8)
    return np.repeat(rng.integers(0, 256, (28, 1)), 28, axis=1).astype(np.uint8)


MAKERS: dict[str, Callable[[np.random.Generator], Picture]] = {
    "capitals": capital,
    "small_letters": small_letter,
    "printed_signs": printed_sign,
    "words": word,
    "curves": curves,
    "hatching": crossed_out,
    "drawings": drawing,
    "textures": texture,
    "garments": garment,
    "other_noise": faint_noise,
}


def pictures(kind: str, count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return `count` pictures of one of `MAKERS`, uint8 (count, 28, 28)."""
    rng = np.random.default_rng([seed, list(MAKERS).index(kind)])
    return np.stack([MAKERS[kind](rng) for _ in range(count)])


def _printed(text: str, rng: np.random.Generator) -> Picture:
    canvas = Image.new("L", (2 * SIDE, SIDE))
    pen = ImageDraw.Draw(canvas)
    pen.text(
        (SIDE, SIDE // 2),
        text,
        fill=255,
        font=_typeface(),
        anchor="mm",
        stroke_width=int(rng.integers(0, 7)),
        stroke_fill=255,
    )
    lean = rng.normal(0, 0.15)
    canvas = canvas.transform(canvas.size, Image.Transform.AFFINE, (1, lean, -lean * SIDE / 2, 0, 1, 0))
    return _seen(canvas.rotate(float(rng.normal(0, 7))))


@lru_cache(maxsize=1)
def _typeface() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(150)  # Aileron, which comes with Pillow


def _seen(canvas: Image.Image) -> Picture:
    return to_network_input(np.asarray(canvas, np.float32) / np.float32(255))
