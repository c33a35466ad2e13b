"""The modules that the browser fetches for the diagram, served from Streamlit's static folder."""

import hashlib
from pathlib import Path

from pages.parts.shared.live_chart.static_files import write_once

_HERE = Path(__file__).parent
MODULES = ("diagram.js", "around.js", "network.js", "style.js", "unit.js", "unpack.js", "words.js")


def ensure_modules(folder: Path) -> str:
    """Put the modules into a folder of `folder` unless they are there; return the first one's path in it.

    The folder's name carries a hash of them all, so that a browser never mixes old ones with new.

    Raises
    ------
    OSError
        If a file is missing and cannot be written.
    """
    contents = {name: (_HERE / name).read_bytes() for name in MODULES}
    digest = hashlib.sha256(b"\0".join(contents.values())).hexdigest()[:12]
    place = f"network_diagram-{digest}"
    for name, content in contents.items():
        write_once(folder / place / name, content)
    return f"{place}/{MODULES[0]}"
