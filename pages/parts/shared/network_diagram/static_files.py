"""The modules that the browser fetches for the diagram, served from Streamlit's static folder."""

from pathlib import Path

from pages.parts.shared.live_chart import static_files

_HERE = Path(__file__).parent
MODULES = ("diagram.js", "around.js", "network.js", "style.js", "unit.js", "unpack.js", "words.js")


def ensure_modules(folder: Path) -> str:
    """Put the modules into a folder of `folder` unless they are there; return the first one's path in it.

    Raises
    ------
    OSError
        If a file is missing and cannot be written.
    """
    contents = {name: (_HERE / name).read_bytes() for name in MODULES}
    return f"{static_files.ensure_modules(folder, 'network_diagram', contents)}/{MODULES[0]}"
