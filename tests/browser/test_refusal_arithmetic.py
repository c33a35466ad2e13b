"""The judge of pictures in a real Chromium, held against Python's: one page and one call for all pictures."""

from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, Route

from core.prediction.refusal import digits_refusal, judge, pack_refusal, scores
from tests.support.non_digits import MAKERS, non_digits
from tests.support.refusal_samples import odd_pictures, small_refusal

MODULES = Path(__file__).parents[2] / "pages/parts/draw/live_reading"
ADDRESS = "http://refusal-arithmetic.test/"
TEMPERATURES, LEAST = (0.7, 1.0, 2.5), (0.0, 0.6, 0.95)

JUDGE_ALL = """async ({ refusals, pictures, probabilities, temperatures, least }) => {
  const { judge, unpackRefusal } = await import("./refusal.js");
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const all = bytes(pictures);
  const reads = new Float32Array(bytes(probabilities).buffer);
  const judgements = refusals.map((packed) => {
    const refusal = unpackRefusal(bytes(packed));
    return Array.from({ length: all.length / 784 }, (_, at) => {
      const picture = all.subarray(784 * at, 784 * at + 784);
      const read = reads.subarray(10 * at, 10 * at + 10);
      const told = judge(picture, read, temperatures[at % 3], refusal, least[Math.floor(at / 3) % 3]);
      return { ...told, probabilities: [...told.probabilities] };
    });
  });
  const sums = Float32Array.from(reads.subarray(0, 10), (value) => Math.log(value));
  const withSums = judge(all.subarray(0, 784), sums, 2, null, 0, true);
  const without = judge(all.subarray(0, 784), reads.subarray(0, 10), 2);
  const messages = ["", "AAAAAAAAAAAAAAAAAAAAAAAA"].map((text) => {
    try {
      unpackRefusal(bytes(text));
    } catch (error) {
      return error.message;
    }
  });
  return { judgements, withSums: [...withSums.probabilities], without: [...without.probabilities],
    familiarity: without.familiarity, messages };
}"""


def encoded(content: bytes) -> str:
    return b64encode(content).decode()


def serve(route: Route) -> None:
    name = route.request.url.removeprefix(ADDRESS)
    if not name:
        route.fulfill(body="<title>arithmetic</title>", content_type="text/html")
    else:
        route.fulfill(body=(MODULES / name).read_bytes(), content_type="text/javascript")


def test_the_browser_refuses_what_the_server_refuses(
    page: Page, strokes: dict[str, NDArray[np.uint8]]
) -> None:
    pictures = np.concatenate(
        [odd_pictures(40), strokes["test_images"][:200], *(non_digits(kind, 20) for kind in MAKERS)]
    )
    assert len(pictures) >= 300
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.full(10, 0.2), len(pictures)).astype(np.float32)
    refusals = [digits_refusal(), small_refusal()]
    page.route(f"{ADDRESS}**", serve)
    page.goto(ADDRESS)

    told = page.evaluate(
        JUDGE_ALL,
        {
            "refusals": [encoded(pack_refusal(refusal)) for refusal in refusals],
            "pictures": encoded(pictures.tobytes()),
            "probabilities": encoded(probabilities.tobytes()),
            "temperatures": TEMPERATURES,
            "least": LEAST,
        },
    )

    assert len(b64decode(encoded(pack_refusal(refusals[0])))) < 300_000
    for refusal, judgements in zip(refusals, told["judgements"], strict=True):
        expected = scores(refusal, pictures)
        np.testing.assert_allclose([one["score"] for one in judgements], expected, rtol=1e-4, atol=1e-3)
        for place, (one, picture) in enumerate(zip(judgements, pictures, strict=True)):
            mine = judge(
                picture, probabilities[place], TEMPERATURES[place % 3], refusal, LEAST[place // 3 % 3]
            )
            assert one["reason"] == mine.reason
            assert (one["first"], one["second"]) == (mine.first, mine.second)
            np.testing.assert_allclose(one["probabilities"], mine.probabilities, atol=1e-6)
            np.testing.assert_allclose(one["familiarity"], mine.familiarity, atol=1e-3)
    assert {one["reason"] for one in told["judgements"][0]} == {"", "unfamiliar", "unsure"}
    np.testing.assert_allclose(told["withSums"], told["without"], atol=1e-6)
    assert told["familiarity"] == 1
    assert told["messages"] == ["This is no judge of pictures."] * 2
