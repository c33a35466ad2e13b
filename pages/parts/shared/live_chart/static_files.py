"""The files that the browser fetches for the live chart, served from Streamlit's static folder."""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

_HERE = Path(__file__).parent
_MODULES = ("live_chart.js", "plotly_page.js")
# Of every component whose program is fetched as the chart's is: see the file.
PROGRAM_LOADER = Path(__file__).with_name("program_loader.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class StaticFiles:
    """Names inside the static folder: Plotly itself and the module that draws with it."""

    library: str
    module: str


def ensure_static(folder: Path) -> StaticFiles:
    """Put Plotly and the chart's modules into `folder` unless they are there.

    The names carry Plotly's version and a hash of the modules, so that a browser never keeps an old
    one after an update. Files appear complete or not at all, also when several processes start at
    once; a folder that cannot be written to will do if it was filled before.

    Raises
    ------
    OSError
        If a file is missing and cannot be written.
    """
    modules = {name: (_HERE / name).read_bytes() for name in _MODULES}
    place = ensure_modules(folder, "live_chart", modules)
    return StaticFiles(ensure_library(folder), f"{place}/{_MODULES[0]}")


def ensure_library(folder: Path) -> str:
    """Put Plotly into `folder` unless it is there; return the file's name, which carries the version.

    Raises
    ------
    OSError
        If it is missing and cannot be written.
    """
    name = f"plotly-{version('plotly')}.min.js"
    write_once(folder / name, files("plotly").joinpath("package_data", "plotly.min.js").read_bytes())
    return name


def page_module() -> tuple[str, bytes]:
    """Return name and content of what all of Plotly's charts share, for the modules of another one."""
    return _MODULES[1], (_HERE / _MODULES[1]).read_bytes()


def ensure_words(folder: Path, name: str, words: Mapping[str, object]) -> str:
    """Put the words of a script into `folder` unless they are there; return the file's name in it.

    Raises
    ------
    OSError
        If the file is missing and cannot be written.
    """
    content = json.dumps(words, ensure_ascii=False, sort_keys=True).encode()
    file = f"{name}-{hashlib.sha256(content).hexdigest()[:12]}.json"
    write_once(folder / file, content)
    return file


def ensure_modules(folder: Path, name: str, modules: Mapping[str, bytes]) -> str:
    """Put modules that import each other into a folder of `folder` unless they are there.

    Returns the folder's name. It carries a hash of them all, so that a browser never mixes old ones with new.

    Raises
    ------
    OSError
        If a file is missing and cannot be written.
    """
    digest = hashlib.sha256(b"\0".join(modules.values())).hexdigest()[:12]
    place = f"{name}-{digest}"
    for module, content in modules.items():
        write_once(folder / place / module, content)
    return place


def write_once(path: Path, content: bytes) -> None:
    """Write a file as a whole unless one of this length is there; raise `OSError` if that cannot be."""
    if path.is_file() and path.stat().st_size == len(content):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)  # mkstemp's 0600 would hide it from a server that runs as another user
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
