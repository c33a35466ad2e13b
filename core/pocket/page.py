"""The HTML file itself: program, words and weights in one page, compressed."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from threading import Lock

from core.pocket.bundle import bundle
from core.prediction.forward import DenseLayer
from core.prediction.packed import Bits, deflated, pack

_HERE = Path(__file__).parent
_TEMPLATE = (_HERE / "page.html").read_text(encoding="utf-8")
_BEGIN = (_HERE / "begin.js").read_text(encoding="utf-8")
# Lines that are only for readers of the program, and what stands before the others.
_FOR_READERS = re.compile(r"^ *//.*\n|^ */\*\*(?:[^*]|\*(?!/))*\*/\n|^ +", re.MULTILINE)

# Large networks take some hundred megabytes for a second.
_ONE_AT_A_TIME = Lock()

# For a size that is told before the file is made: the page without weights, and the bytes of a weight in it,
# measured on trained networks. Weights of 32 bits hardly become smaller; base64 has four letters for three.
_PAGE_BYTES = 27_000
_BYTES_A_WEIGHT: Mapping[Bits, float] = {32: 4 * 0.92 * 4 / 3, 8: 0.9 * 4 / 3}


def pocket_page(
    layers: Sequence[DenseLayer],
    bits: Bits,
    judge: bytes = b"",
    *,
    modules: Mapping[str, str],
    first: str,
    told: Mapping[str, object],
    title: str,
    note: str,
    failure: str,
    language: str,
) -> bytes:
    """Return the network as an HTML file that needs nothing but a browser.

    Parameters
    ----------
    layers, bits
        The network, and how exactly its weights are kept: see `core.prediction.packed.pack`.
    judge
        The judge of pictures as `core.prediction.refusal.pack_refusal` gives it; nothing where there is none.
    modules, first
        The program, see `core.pocket.bundle.bundle`. `first` exports
        `open(parent, {weights, judge, told})`.
    told
        What the program is told, such as its words; becomes JSON.
    title, note, failure
        Heading, the line below it, and what stands there if the browser cannot run the program.
    language
        In which all of it is written, as in `<html lang>`.

    Raises
    ------
    ModelError
        With 8 bits, if a weight is not a finite number.
    """
    with _ONE_AT_A_TIME:
        weights = deflated(pack(layers, bits))
    program = f"globalThis.pocket = {bundle(modules, first)};"
    parts = {
        "language": escape(language),
        "title": escape(title),
        "note": escape(note),
        "failure": escape(failure),
        "told": b64encode(deflated(json.dumps(told, ensure_ascii=False).encode())).decode(),
        "program": b64encode(deflated(_FOR_READERS.sub("", program).encode())).decode(),
        "weights": b64encode(weights).decode(),
        "judge": b64encode(deflated(judge)).decode(),
        "begin": _FOR_READERS.sub("", _BEGIN),
    }
    # By hand and not by `format`: the page's style and script are full of braces.
    pieces = _TEMPLATE.split("<!--=")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, rest = piece.split("=-->", 1)
        filled += [parts[name], rest]
    return "".join(filled).encode()


def expected_bytes(weights: int, bits: Bits, judge: bytes = b"") -> int:
    """Return about how many bytes the file of a network with so many weights has."""
    # A judge of pictures is weights of 8 bits too.
    return round(_PAGE_BYTES + weights * _BYTES_A_WEIGHT[bits] + len(judge) * _BYTES_A_WEIGHT[8])
