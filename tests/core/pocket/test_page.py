"""The pocket file taken apart again; tests/browser/test_pocket.py opens it."""

import json
import re
import string
import zlib
from base64 import b85decode
from html.parser import HTMLParser

import numpy as np
import pytest

from core.pocket.page import held, pocket_page
from core.prediction.onnx_layers import layers_of
from core.prediction.packed import pack
from tests.support.pen_samples import any_network

LAYERS = layers_of(any_network("relu", is_normalized=True))
HOSTILE = '</script><script>alert("&")</script>'


class Elements(HTMLParser):
    """What each element with an id holds, the title, and how many scripts there are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.held: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str]] = {}
        self.scripts = 0
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes) -> None:
        self.scripts += tag == "script"
        self._inside = dict(attributes).get("id") or tag
        self.attributes[self._inside] = dict(attributes)

    def handle_endtag(self, tag) -> None:
        self._inside = ""

    def handle_data(self, data) -> None:
        self.held[self._inside] = self.held.get(self._inside, "") + data


def page_of(**changed: str) -> Elements:
    words = {"title": "Mine", "note": "Offline.", "failure": "Too old.", "language": "de"} | changed
    made = pocket_page(
        LAYERS,
        32,
        b"a judge",
        modules={"a.js": "export const open = () => 7;"},
        first="a.js",
        told={"prompt": HOSTILE},
        **words,
    )
    return Elements(made.decode())


OURS = "".join(map(chr, range(35, 120))).replace("<", "x")
THEIRS = (
    string.digits + string.ascii_uppercase + string.ascii_lowercase + "!#$%&()*+-;<=>?@^_`{|}~"
)  # RFC 1924


def unpacked(page: Elements, name: str) -> bytes:
    attributes = page.attributes[name]
    whole = b85decode(page.held[name].translate(str.maketrans(OURS, THEIRS)))
    content = zlib.decompress(whole[: int(attributes["data-length"])], wbits=-15)
    planes = int(attributes["data-planes"])
    size = len(content) // planes
    return bytes(content[plane * size + number] for number in range(size) for plane in range(planes))


def test_program_words_and_weights_are_in_it() -> None:
    page = page_of()
    assert unpacked(page, "weights") == pack(LAYERS)
    assert unpacked(page, "judge") == b"a judge"
    assert json.loads(unpacked(page, "told")) == {"prompt": HOSTILE}
    assert "globalThis.pocket = (() =>" in unpacked(page, "program").decode()
    assert (page.held["title"].strip(), page.held["pocket"].strip()) == ("Mine", "Too old.")


def test_names_from_outside_stay_text() -> None:
    usual, hostile = page_of(), page_of(title=HOSTILE, note="<!--=told=-->", language='"><b>')
    assert hostile.scripts == usual.scripts == 5
    assert hostile.held["title"].strip() == HOSTILE
    assert unpacked(hostile, "told") == unpacked(usual, "told")


def test_nothing_is_fetched_from_anywhere() -> None:
    made = pocket_page(
        LAYERS, 32, modules={"a.js": ""}, first="a.js", told={}, title="", note="", failure="", language="en"
    ).decode()
    assert not re.search(r"https?://|src=|href=", made)
    assert "default-src 'none'" in made


@pytest.mark.parametrize("planes", [1, 4])
@pytest.mark.parametrize("count", [0, 4, 8, 1_000, 100_004])
def test_bytes_come_back_from_text_that_begins_no_tag(count: int, planes: int) -> None:
    content = np.random.default_rng(count).integers(0, 256, count, dtype=np.uint8).tobytes()
    element = held("any", content, planes)
    assert element.count("<") == 2
    assert unpacked(Elements(element + "."), "any") == content
