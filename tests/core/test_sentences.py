"""What a person reads is marked for translators, so that they find it again in a finished sentence."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import errors
from core.sentences import say

CORE = Path(errors.__file__).parent
# Only the command line says these, and it speaks English.
_NOT_FOR_PAGES = {CORE / "training" / "__main__.py"}
# What a worker tells the page on the way: methods of `Pulse` and `Persistence`.
_TOLD = {"say", "_say"}
_ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.DigitLabError)
}


def _files() -> list[Path]:
    found = sorted(set(CORE.rglob("*.py")) - _NOT_FOR_PAGES)
    assert len(found) > 100
    return found


def _problems(source: str) -> list[str]:
    tree = ast.parse(source)
    names = _ERRORS | {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in _ERRORS for base in node.bases)
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [problem for call in calls if _name(call) == "say" for problem in _problems_of_say(call)]
    for call in calls:
        if _name(call) in names or (isinstance(call.func, ast.Attribute) and call.func.attr in _TOLD):
            found += [f"{one.lineno}: a text is not marked" for one in _unmarked(call)]
    return found


def _name(call: ast.Call) -> str | None:
    return call.func.id if isinstance(call.func, ast.Name) else None


def _unmarked(node: ast.AST) -> Iterator[ast.Constant]:
    """Yield the words below a node that are not within a `say`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and _name(child) == "say":
            continue
        if isinstance(child, ast.Constant):
            if isinstance(child.value, str) and any(map(str.isalpha, child.value)):
                yield child
        else:
            yield from _unmarked(child)


def _problems_of_say(call: ast.Call) -> Iterator[str]:
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
        yield f"{call.lineno}: `say` takes one template, written where it stands"
        return
    fields = list(string.Formatter().parse(str(call.args[0].value)))
    wanted = {name for _, name, _, _ in fields if name is not None}
    if any(specification or conversion for _, _, specification, conversion in fields):
        yield f"{call.lineno}: values are brought into form before `say` gets them"
    if any(not name.isidentifier() for name in wanted):
        yield f"{call.lineno}: a placeholder needs a name"
    given = [keyword.arg for keyword in call.keywords]
    if set(given) != wanted:
        yield f"{call.lineno}: the placeholders {sorted(wanted)} are not the values {given}"


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(CORE)))
def test_sentences_for_people_are_marked(path: Path) -> None:
    assert _problems(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        'raise StoreError("The disk is full.")',
        'raise StoreError(f"{name} is full.")',
        'error = StoreError("The disk " + name)',
        'raise StoreError(say("The disk is full.") + " Try again.")',
        'pulse.say(f"{cause} The run waits.")',
        'class Own(StoreError): ...\nraise Own("The disk is full.")',
        'say(f"{name} is full.")',
        "say(sentence)",
        'say("The disk" + " is full.")',
        'say("{name} is full.")',
        'say("{name} is full.", title=name)',
        'say("The disk is full.", name=name)',
        'say("{} is full.", name)',
        'say("{0} is full.", **values)',
        'say("{size:,} bytes", size=size)',
        'say("{name} is full.", **values)',
    ],
)
def test_what_translators_would_miss_is_found(source: str) -> None:
    assert _problems(source)


@pytest.mark.parametrize(
    "source",
    [
        'raise StoreError(say("The disk is full."))',
        'raise StoreError(say("{name} is full.", name=f"{name[:40]}"))',
        "raise StoreError(str(error)) from error",
        'raise StoreError(f"{cause} {advice}")',
        'raise StoreError(" ".join(sentences))',
        'raise ValueError("no chunk")',
        "pulse.say(sentence, about)",
    ],
)
def test_what_translators_find_passes(source: str) -> None:
    assert _problems(source) == []


def test_a_sentence_is_filled_in() -> None:
    assert say("{name} has {size} MB.", name="a{b}", size=3) == "a{b} has 3 MB."
    assert say("100 % of it") == "100 % of it"
