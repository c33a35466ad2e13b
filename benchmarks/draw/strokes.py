"""MNIST's test digits drawn again on the Draw page with a real mouse: points lost against the same as images.

Digits are thinned to lines, and the mouse follows the lines on the live canvas with its usual pen: as large
as the dashed guide, moved into a corner, half as large, as large as the canvas allows (twice the guide is
more than there is), slanted by 15° either way. The network that comes along reads in the page: the highest
of its ten bars counts. `two-128` is asked about the pictures that the page shows as what the network sees.

What the browser must come to is also computed without one, for five choices of 200 digits: so one sees how
much of a figure is the choice.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import CDPSession, Page, async_playwright

from benchmarks.app import run_json, running_app, temporary_home
from benchmarks.draw.tracing import strokes_of
from benchmarks.result import Result
from core.data.dataset import Dataset
from core.data.library import DatasetLibrary
from core.errors import DigitLabError
from core.handwriting.mnist_form import to_network_input
from core.handwriting.pen import Stroke, fitted_ink
from core.prediction.network import Network
from core.prediction.ready_made import read_all, ready_made_network
from core.settings import get_settings
from tests.browser.strokes import LIVE_CANVAS
from tests.support.chromium import FLAGS, find_chromium

DIGITS = 200
SEEDS = (0, 1, 2, 3, 4)  # of the choice; the mouse draws the first's
GUIDE = 20 / 28  # of the canvas' side: the dashed guide, and MNIST's digits in their field
PEN = 0.075  # of the canvas' side: USUAL_WIDTH of pages/parts/draw/live_reading/view.js
SLANT = float(np.tan(np.radians(15)))
MOST_LOST, MOST_LOST_OTHERWISE = 1.0, 2.0
_AS_THE_PAGE = 0.99  # a near tie may fall the other way

Images = NDArray[np.uint8]
Places = NDArray[np.float64]


@dataclass(frozen=True)
class Way:
    """How a digit is drawn.

    Attributes
    ----------
    size
        Of what is 20 pixels in MNIST's field, as a share of the canvas' side.
    slant
        How far the upper end goes to the right for each step up.
    away
        How far its middle is from the canvas', across and down.
    """

    size: float = GUIDE
    slant: float = 0.0
    away: float = 0.0

    def placed(self, strokes: Sequence[Places], corner: Places) -> list[Places]:
        """Return strokes in an image's pixels as places in 0…1 of the canvas; `corner` is (±1, ±1)."""
        points = np.concatenate(strokes)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        lean = np.array([[1.0, 0.0], [-self.slant, 1.0]]) * (self.size / 20)
        return [(stroke - middle) @ lean + 0.5 + self.away * corner for stroke in strokes]


WAYS = {
    "drawn": Way(),
    "shifted": Way(away=0.14),
    "half_size": Way(size=GUIDE / 2),
    "full_canvas": Way(size=0.96),  # the pen must stay on the paper
    "slanted_right": Way(slant=SLANT),
    "slanted_left": Way(slant=-SLANT),
}
NETWORKS = ("ready_made", "two_128")
_BY_MOUSE = tuple(f"strokes_{network}_{way}" for network in NETWORKS for way in WAYS)
NAMES = (*_BY_MOUSE, "strokes_refused", *(f"{name}_computed" for name in _BY_MOUSE))

# What stands after all that has been asked for is shown: frames are answered in the order of asking.
_READ = """([bars, picture]) => new Promise((tell) => {
    const read = () => {
        const shares = [...bars.children].map((bar) => Number(bar.style.getPropertyValue("--share")));
        if (!shares.some(Boolean)) return requestAnimationFrame(read);  // the network is on its way
        const { data } = picture.getContext("2d").getImageData(0, 0, 28, 28);
        tell([shares, bars.classList.contains("refused"), [...data].filter((_, place) => place % 4 === 0)]);
    };
    requestAnimationFrame(() => requestAnimationFrame(read));
})"""
_IS_BLANK = """(bars) => new Promise((tell) => {
    const look = () => [...bars.children].some((bar) => Number(bar.style.getPropertyValue("--share")))
        ? requestAnimationFrame(look) : tell();
    look();
})"""


@dataclass(frozen=True)
class Digits:
    """Chosen digits and how they are drawn: `corners` (n, 2) is where to a shift goes."""

    images: Images
    labels: Images
    strokes: list[list[Places]]
    corners: Places

    @classmethod
    def choose(cls, dataset: Dataset, seed: int) -> "Digits":
        """Choose as many of each class, and trace them."""
        generator = np.random.default_rng(seed)
        labels = np.asarray(dataset.test_labels)
        rows = [generator.permutation(np.flatnonzero(labels == digit))[: DIGITS // 10] for digit in range(10)]
        chosen = np.sort(np.concatenate(rows))
        images = np.asarray(dataset.test_images[chosen])
        corners = generator.choice([-1.0, 1.0], (len(chosen), 2))
        return cls(images, labels[chosen], [strokes_of(image) for image in images], corners)

    def placed(self, way: str) -> list[list[Places]]:
        """Return the strokes of all, in 0…1 of the canvas."""
        return [WAYS[way].placed(*each) for each in zip(self.strokes, self.corners, strict=True)]

    def lost(self, network: Network, pictures: Images) -> float:
        """Return how many points fewer are read right in these pictures than in the images."""
        return self.lost_by(network, read_all(network, pictures).argmax(axis=1))

    def lost_by(self, network: Network, read: NDArray[Any]) -> float:
        """Return how many points fewer are right in `read` than in what a network reads in the images."""
        as_they_are = read_all(network, self.images).argmax(axis=1)
        return 100 * float((as_they_are == self.labels).mean() - (read == self.labels).mean())


@dataclass(frozen=True)
class Seen:
    """What the page showed of digits: what it read, whether it refused to, what the network saw."""

    read: NDArray[Any]
    is_refused: NDArray[np.bool_]
    pictures: Images


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield points lost, and how many of the usual drawings are refused (%).

    Raises
    ------
    DigitLabError
        If there is no Chromium, or no MNIST.
    """
    settings = get_settings()
    mnist = DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout).open("mnist")
    networks = {"ready_made": ready_made_network()}
    if any("two_128" in name for name in wanted):
        networks["two_128"] = _two_128()
    ways = [way for way in WAYS if any(f"strokes_{network}_{way}" in wanted for network in NETWORKS)]
    if "strokes_refused" in wanted and "drawn" not in ways:
        ways.append("drawn")
    if ways:
        digits = Digits.choose(mnist, SEEDS[0])
        with running_app() as app:
            seen = asyncio.run(_draw(app.url, {way: digits.placed(way) for way in ways}))
        yield from _by_mouse(digits, seen, networks)
    is_computed = any("computed" in name for name in wanted)
    chosen = [Digits.choose(mnist, seed) for seed in SEEDS] if is_computed else []
    for way in WAYS if is_computed else ():
        pictures = [np.stack([_computed(strokes) for strokes in digits.placed(way)]) for digits in chosen]
        for name, network in networks.items():
            lost = [digits.lost(network, each) for digits, each in zip(chosen, pictures, strict=True)]
            yield Result.of(f"strokes_{name}_{way}_computed", lost, "points", _allowed(way))


def _two_128() -> Network:
    """Train the recipe, out of sight of the app: its page would read with this run."""
    with temporary_home() as (home, environment):
        file = home / "two-128.onnx"
        run_json(environment, "core.training", "--recipe", "two-128", "--onnx", str(file), "--json")
        return Network(file.read_bytes())


def _by_mouse(digits: Digits, seen: dict[str, Seen], networks: dict[str, Network]) -> Iterator[Result]:
    for way, shown in seen.items():
        again = read_all(networks["ready_made"], shown.pictures).argmax(axis=1)
        if (again == shown.read).mean() < _AS_THE_PAGE:
            raise DigitLabError("The page reads with another network than the one that comes along.")
        for name, network in networks.items():
            is_in_page = name == "ready_made"
            lost = digits.lost_by(network, shown.read) if is_in_page else digits.lost(network, shown.pictures)
            yield Result(f"strokes_{name}_{way}", lost, "points", _allowed(way))
    if "drawn" in seen:
        yield Result("strokes_refused", 100 * float(seen["drawn"].is_refused.mean()), "%")


def _allowed(way: str) -> float:
    return MOST_LOST if way == "drawn" else MOST_LOST_OTHERWISE


def _computed(strokes: Sequence[Places]) -> Images:
    """Return what the network sees of strokes, without a browser; a mouse has no pressure."""
    pressed = [np.insert(stroke, 2, 0.5, axis=1).astype(np.float32) for stroke in strokes]
    return to_network_input(fitted_ink([Stroke(points, PEN) for points in pressed]))


async def _draw(url: str, drawings: dict[str, list[list[Places]]]) -> dict[str, Seen]:
    """Draw all with the mouse on one page, and return what it showed."""
    path = find_chromium()
    if path is None:
        raise DigitLabError(
            "This benchmark needs a Chromium. Install chromium or google-chrome, or run `make test` once."
        )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        await page.goto(f"{url}/draw")
        canvas = page.locator(LIVE_CANVAS)
        await canvas.click(trial=True, timeout=60_000)  # it is there and has come to rest
        hand = _Hand(page, await page.context.new_cdp_session(page))
        seen = {way: await hand.draw_all(digits) for way, digits in drawings.items()}
        await browser.close()
    return seen


class _Hand:
    """A mouse that does not wait for the page to have heard of it, as no real one does.

    Playwright's own waits for a frame at every move: half an hour for what takes some minutes so.
    """

    def __init__(self, page: Page, session: CDPSession) -> None:
        self._page = page
        self._session = session

    async def draw_all(self, drawings: list[list[Places]]) -> Seen:
        canvas = self._page.locator(LIVE_CANVAS)
        bars = await self._page.get_by_test_id("live-bars").element_handle()
        picture = await self._page.get_by_test_id("live-picture").element_handle()
        shown = []
        for strokes in drawings:
            box = await canvas.bounding_box()
            assert box is not None
            corner = np.array([box["x"], box["y"]])
            await self._draw([corner + stroke * [box["width"], box["height"]] for stroke in strokes])
            shown.append(await self._page.evaluate(_READ, [bars, picture]))
            await self._page.keyboard.press("Delete")
            await self._page.evaluate(_IS_BLANK, bars)
        shares, is_refused, pictures = zip(*shown, strict=True)
        return Seen(
            np.argmax(shares, axis=1), np.array(is_refused), np.array(pictures, np.uint8).reshape(-1, 28, 28)
        )

    async def _draw(self, strokes: list[Places]) -> None:
        """Send what a mouse does, in its order; return when the page has heard of all of it."""
        sent = []
        for stroke in strokes:
            sent += [self._send("mouseMoved", stroke[0], 0), self._send("mousePressed", stroke[0], 1)]
            sent += [self._send("mouseMoved", place, 1) for place in stroke[1:]]
            sent.append(self._send("mouseReleased", stroke[-1], 0))
        await asyncio.gather(*sent)

    async def _send(self, kind: str, place: Places, buttons: int) -> None:
        button = "left" if buttons or kind == "mouseReleased" else "none"
        event = {
            "type": kind,
            "x": place[0],
            "y": place[1],
            "button": button,
            "buttons": buttons,
            "clickCount": int(kind != "mouseMoved"),
        }
        await self._session.send(
            "Input.dispatchMouseEvent", event | {"clickCount": int(kind != "mouseMoved")}
        )
