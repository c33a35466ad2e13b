"""Bring the catalogues up to date: what the sources say now, with the translations that there are."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from pages.parts.shared.language.catalogues import FOLDER, SAID, TRANSLATED

ROOT = Path(__file__).resolve().parents[4]
SOURCES = ("app.py", "core", "pages")
SAY, TRANSLATE = "say", "_"
_HEADER = 'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@dataclass
class Found:
    """Where a message stands, and whether `say` is given it anywhere."""

    files: list[str] = field(default_factory=list)
    is_said: bool = False


def messages() -> dict[str, Found]:
    """Return the messages of the sources, in the order in which they stand there."""
    found: dict[str, Found] = {}
    for path in _files():
        name = path.relative_to(ROOT).as_posix()
        for function, text in marked(ast.parse(path.read_text(encoding="utf-8"))):
            one = found.setdefault(text, Found())
            one.is_said |= function == SAY
            if name not in one.files:
                one.files.append(name)
    return found


def marked(tree: ast.Module) -> list[tuple[str, str]]:
    """Return each text that stands in a call of `say` or `_`, and which of them it is, from top to bottom.

    By Python's own parser: Babel's takes the words of an `if` inside a call for one text.
    """
    calls = [
        (node.lineno, node.col_offset, node.func.id, node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in (SAY, TRANSLATE)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and node.args[0].value
    ]
    return [(function, text) for _line, _column, function, text in sorted(calls)]


def update() -> None:
    """Write all catalogues anew: new messages are empty, those that are gone dropped, nothing is guessed."""
    found = messages()
    for language in TRANSLATED:
        path = FOLDER / f"{language}.po"
        known: dict[str, str] = {}
        if path.exists():
            with path.open("rb") as file:
                known = {str(one.id): str(one.string) for one in read_po(file) if one.id}
        write(path, language, found, known)
        missing = sum(not known.get(text) for text in found)
        print(f"{path.relative_to(ROOT)}: {len(found)} messages, {missing} not translated")


def write(path: Path, language: str, found: dict[str, Found], known: dict[str, str]) -> None:
    """Write one catalogue; without dates and numbers of lines, which would change at every turn."""
    catalog = Catalog()
    for text, one in found.items():
        message = catalog.add(
            text,
            known.get(text, ""),
            locations=[(name, 0) for name in one.files],
            auto_comments=[SAID] if one.is_said else [],
        )
        message.flags.discard("python-format")  # “12 % of it” is none
    with path.open("wb") as file:
        file.write(_HEADER.format(language=language).encode())
        write_po(file, catalog, width=110, omit_header=True, include_lineno=False)


def _files() -> Iterator[Path]:
    for name in SOURCES:
        path = ROOT / name
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))
