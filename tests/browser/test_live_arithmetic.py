"""The arithmetic of live reading in a real Chromium, held against Python's and ONNX Runtime's.

One page and one call for a thousand pictures: strokes and inks go in, the network's pictures and the
probabilities of a network of every kind come out.
"""

import itertools
import zlib
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, Route

from core.config import ACTIVATIONS
from core.errors import PictureError
from core.handwriting.mnist_form import ALL_STEPS, Steps, network_input_steps
from core.handwriting.pen import fitted_ink, parse_strokes, share_of_pen, strokes_json
from core.prediction.forward import outputs_of
from core.prediction.network import Network
from core.prediction.onnx_layers import layers_of
from core.prediction.packed import as_with_8_bits, pack
from tests.support.pen_samples import any_network, odd_inks, random_strokes, written_digits

MODULES = Path(__file__).parents[2] / "pages/parts/draw/live_reading"
ADDRESS = "http://live-arithmetic.test/"
DRAWINGS, SCRIBBLES, INKS = 550, 50, 400
SWITCHES = [Steps(*switches) for switches in itertools.product((True, False), repeat=4)]

READ_ALL = """async ({ drawings, inks, networks }) => {
  const { inkOf, shareOfPen, strokesJson } = await import("./pen.js");
  const { networkInputSteps } = await import("./mnist_form.js");
  const { inflated, inkToPicture, outputsOf, readPicture, unpackNetwork } = await import("./reader.js");
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const text = (array) => {
    const all = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const letters = [];
    for (let at = 0; at < all.length; at += 8192)
      letters.push(String.fromCharCode(...all.subarray(at, at + 8192)));
    return btoa(letters.join(""));
  };
  const pictures = new Uint8Array(784 * (drawings.length + inks.length));
  const blanks = [];
  let furthest = 0;
  let changed = 0;
  const keep = (result, place) => (result ? pictures.set(result.picture, 784 * place) : blanks.push(place));
  for (const [place, { strokes, ink, steps }] of drawings.entries()) {
    const { strokes: parsed } = JSON.parse(strokes);
    if (JSON.stringify(JSON.parse(strokesJson(parsed))) !== JSON.stringify({ strokes: parsed })) changed++;
    const drawn = inkOf(parsed, shareOfPen(parsed));
    const expected = await inflated(bytes(ink));
    for (let at = 0; at < drawn.length; at++) {
      furthest = Math.max(furthest, Math.abs(255 * drawn[at] - expected[at]));
    }
    keep(inkToPicture(drawn, steps), place);
  }
  for (const [place, { ink, width, height, steps }] of inks.entries()) {
    const data = new Float32Array((await inflated(bytes(ink))).buffer);
    keep(networkInputSteps({ data, width, height }, steps), drawings.length + place);
  }
  const probabilities = [];
  const shapes = [];
  for (const packed of networks) {
    const network = unpackNetwork(await inflated(bytes(packed)));
    const read = new Float32Array((10 * pictures.length) / 784);
    for (let at = 0; 784 * at < pictures.length; at++) {
      read.set(readPicture(network, pictures.subarray(784 * at, 784 * at + 784)), 10 * at);
    }
    probabilities.push(text(read));
    shapes.push(outputsOf(network, pictures.subarray(0, 784)).map((values) => values.length));
  }
  return { pictures: text(pictures), blanks, furthest, changed, probabilities, shapes };
}"""


def encoded(content: bytes) -> str:
    quickly = zlib.compressobj(level=1, wbits=-15)
    return b64encode(quickly.compress(content) + quickly.flush()).decode()


def named(steps: Steps) -> dict[str, bool]:
    return {name: getattr(steps, name) for name in ("crop", "scale", "centre", "stretch")}


def seen(ink: NDArray[np.float32], steps: Steps) -> NDArray[np.uint8] | None:
    try:
        return network_input_steps(ink, steps).picture
    except PictureError:
        return None


def serve(route: Route) -> None:
    name = route.request.url.removeprefix(ADDRESS)
    if not name:
        route.fulfill(body="<title>arithmetic</title>", content_type="text/html")
    else:
        route.fulfill(body=(MODULES / name).read_bytes(), content_type="text/javascript")


def test_the_browser_computes_what_the_server_computes(page: Page) -> None:
    rng = np.random.default_rng(8)
    texts = [strokes_json(each) for each in written_digits(DRAWINGS, seed=5)]
    texts += [strokes_json(random_strokes(rng)) for _ in range(SCRIBBLES)]
    drawings = [parse_strokes(text) for text in texts]
    assert len({share_of_pen(drawing) for drawing in drawings}) > 5  # large ones and small ones
    inks = [fitted_ink(drawing) for drawing in drawings] + odd_inks(INKS, seed=6)
    # Every second goes all the way; the others leave out each set of steps in turn.
    steps = [SWITCHES[place // 2 % 16] if place % 2 else ALL_STEPS for place in range(len(inks))]
    expected = [seen(ink, switched) for ink, switched in zip(inks, steps, strict=True)]
    files = [any_network(activation, is_normalized=normal) for activation in ACTIVATIONS for normal in (0, 1)]
    files += [any_network("linear", is_normalized=True), any_network("relu", is_normalized=False, depth=0)]
    sent: dict[str, Any] = {
        "drawings": [
            {
                "strokes": text,
                "ink": encoded(np.round(ink * 255).astype(np.uint8).tobytes()),
                "steps": named(each),
            }
            for text, ink, each in zip(texts, inks, steps, strict=False)
        ],
        "inks": [
            {
                "ink": encoded(ink.tobytes()),
                "width": ink.shape[1],
                "height": ink.shape[0],
                "steps": named(each),
            }
            for ink, each in zip(inks[len(texts) :], steps[len(texts) :], strict=True)
        ],
        "networks": [encoded(pack(layers_of(file))) for file in files]
        + [encoded(pack(layers_of(file), 8)) for file in files[:2]],
    }
    page.route(f"{ADDRESS}**", serve)
    page.goto(ADDRESS)

    told = page.evaluate(READ_ALL, sent)

    assert told["changed"] == 0  # the text of the strokes is the same again
    assert told["furthest"] <= 0.5 + 1e-3  # of 255: what rounding to bytes took away
    pictures = np.frombuffer(b64decode(told["pictures"]), np.uint8).reshape(-1, 28, 28)
    blanks = [place for place, picture in enumerate(expected) if picture is None]
    assert told["blanks"] == blanks
    assert len(blanks) < 20
    whole = np.stack([np.zeros((28, 28), np.uint8) if one is None else one for one in expected])
    distance = np.abs(pictures.astype(int) - whole)
    assert distance.max() <= 1, f"pictures {np.flatnonzero(distance.max(axis=(1, 2)) > 1)} differ"
    assert len(whole) == 1_000
    for place, file in enumerate(files):
        compare(told["probabilities"][place], Network(file).predict(pictures).probabilities)
    assert told["shapes"][0] == [24, 16, 10]
    for place, file in enumerate(files[:2]):
        compare(
            told["probabilities"][len(files) + place],
            outputs_of(as_with_8_bits(layers_of(file)), pictures)[-1],
        )


def compare(told: str, expected: NDArray[np.float32]) -> None:
    mine = np.frombuffer(b64decode(told), np.float32).reshape(-1, 10)
    np.testing.assert_allclose(mine, expected, rtol=0, atol=1e-4)
    assert np.ptp(expected, axis=0).max() > 0.1  # it does depend on the picture
