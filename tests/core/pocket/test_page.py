"""The pocket file taken apart again; tests/browser/test_pocket.py opens it."""

import json
import re
import zlib
from base64 import b64decode
from html.parser import HTMLParser

from core.pocket.page import pocket_page
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
        self.scripts = 0
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes) -> None:
        self.scripts += tag == "script"
        self._inside = dict(attributes).get("id") or tag

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


def unpacked(text: str) -> bytes:
    return zlib.decompress(b64decode(text), wbits=-15)


def test_program_words_and_weights_are_in_it() -> None:
    held = page_of().held
    assert unpacked(held["weights"]) == pack(LAYERS)
    assert unpacked(held["judge"]) == b"a judge"
    assert json.loads(unpacked(held["told"])) == {"prompt": HOSTILE}
    assert "globalThis.pocket = (() =>" in unpacked(held["program"]).decode()
    assert (held["title"].strip(), held["pocket"].strip()) == ("Mine", "Too old.")


def test_names_from_outside_stay_text() -> None:
    usual, hostile = page_of(), page_of(title=HOSTILE, note="<!--=told=-->", language='"><b>')
    assert hostile.scripts == usual.scripts == 5
    assert hostile.held["title"].strip() == HOSTILE
    assert unpacked(hostile.held["told"]) == unpacked(usual.held["told"])


def test_nothing_is_fetched_from_anywhere() -> None:
    made = pocket_page(
        LAYERS, 32, modules={"a.js": ""}, first="a.js", told={}, title="", note="", failure="", language="en"
    ).decode()
    assert not re.search(r"https?://|src=|href=", made)
    assert "default-src 'none'" in made
