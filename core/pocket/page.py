"""The HTML file itself: program, words and weights in one page, compressed."""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from threading import Lock

import numpy as np

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
# measured on trained networks.
_PAGE_BYTES = 26_000
_BYTES_A_WEIGHT: Mapping[Bits, float] = {32: 4 * 0.85 * 5 / 4, 8: 0.9 * 5 / 4}


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
        weights = held("weights", pack(layers, bits), planes=bits // 8)
    program = f"globalThis.pocket = {bundle(modules, first)};"
    parts = {
        "language": escape(language),
        "title": escape(title),
        "note": escape(note),
        "failure": escape(failure),
        "held": "\n".join(
            [
                held("told", json.dumps(told, ensure_ascii=False).encode()),
                held("program", _FOR_READERS.sub("", program).encode()),
                weights,
                held("judge", judge),
            ]
        ),
        "begin": _FOR_READERS.sub("", _BEGIN),
    }
    # By hand and not by `format`: the page's style and script are full of braces.
    pieces = _TEMPLATE.split("<!--=")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, rest = piece.split("=-->", 1)
        filled += [parts[name], rest]
    return "".join(filled).encode()


def held(name: str, content: bytes, planes: int = 1) -> str:
    """Return an element of the page that holds bytes, compressed, as text.

    Four bytes are five letters, digits to base 85, where others have eleven for eight: letter 35 and those
    after it in ASCII, but for the one that begins a tag, whose place the 120th takes.

    Parameters
    ----------
    planes
        Bytes of a number, of which all the first come first, then all the second and so on: the exponents of
        weights are much alike, and stand together then. 1 where there are no such numbers.
    """
    compressed = deflated(np.frombuffer(content, np.uint8).reshape(-1, planes).T.tobytes())
    words = np.frombuffer(compressed + bytes(-len(compressed) % 4), ">u4").astype(np.uint32)
    letters = np.empty((len(words), 5), np.uint8)
    for place in range(4, -1, -1):
        words, letters[:, place] = np.divmod(words, np.uint32(85))
    letters += 35
    letters[letters == ord("<")] = 120
    text = letters.tobytes().decode("ascii")
    length = f'data-length="{len(compressed)}" data-planes="{planes}"'
    return f'<script type="text/plain" id="{name}" {length}>{text}</script>'


def expected_bytes(weights: int, bits: Bits, judge: bytes = b"") -> int:
    """Return about how many bytes the file of a network with so many weights has."""
    # A judge of pictures is weights of 8 bits too.
    return round(_PAGE_BYTES + weights * _BYTES_A_WEIGHT[bits] + len(judge) * _BYTES_A_WEIGHT[8])
