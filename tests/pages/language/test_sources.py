"""Texts in the sources go through `say` and `_`, in the form in which they can be found and translated."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
CORE = sorted((ROOT / "core").rglob("*.py"))
# Their templates are filled in by JavaScript.
FILLED_ELSEWHERE = {"words.py"}
# What shows its first argument; all of Streamlit's, and ours that hand it on.
SHOWS = {
    *("button", "caption", "error", "expander", "file_uploader", "header", "info", "markdown", "metric"),
    *("number_input", "page_link", "popover", "progress", "radio", "segmented_control", "select_slider"),
    *("selectbox", "slider", "spinner", "success", "text", "text_input", "title", "toast", "toggle"),
    *("warning", "write", "subheader", "checkbox", "multiselect", "text_area", "tabs", "Page"),
    *("action_button", "announce", "begin_page", "copy_link_button", "decimal_field", "show_error"),
    *("show_warning", "show_table"),
}
SHOWN_BY_NAME = {"alt", "body", "help", "invitation", "label", "placeholder", "tab", "text", "title"}
# A page's link has its path first; Streamlit's own page is told its file.
PATHS = {"page_link", "Page"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Yield the calls of a file, and what they call, without what stands before the last point."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            yield node, called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")


def words(node: ast.expr) -> list[str]:
    """Return the words that stand in an expression and do not pass `say` or `_`."""
    if isinstance(node, ast.Call):
        # Whoever else is called is looked at by itself.
        return words(node.args[0]) if getattr(node.func, "id", "") == "escape" else []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) and any(map(str.isalpha, node.value)) else []
    if isinstance(node, ast.FormattedValue):
        return words(node.value)
    if isinstance(node, ast.Dict):
        return [word for key in node.keys if key is not None for word in words(key)]
    if isinstance(node, ast.IfExp):
        return words(node.body) + words(node.orelse)
    if isinstance(node, (ast.Subscript, ast.Compare, ast.Lambda, ast.Attribute)):
        return []
    return [
        word for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr) for word in words(child)
    ]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_what_a_page_shows_is_translated(path: Path) -> None:
    for call, called in calls(path):
        if isinstance(call.func, ast.Attribute) and "log" in ast.unparse(call.func.value).lower():
            continue
        shown = [one.value for one in call.keywords if one.arg in SHOWN_BY_NAME] if called in SHOWS else []
        if called in SHOWS - PATHS:
            shown += call.args[:1]
        for one in shown:
            assert words(one) == [], f"{name(path)}:{call.lineno}"


@pytest.mark.parametrize("path", PAGES + CORE, ids=name)
def test_what_is_marked_can_be_found(path: Path) -> None:
    for call, called in calls(path):
        if called not in ("say", "_") or not isinstance(call.func, ast.Name):
            continue
        place = f"{name(path)}:{call.lineno}"
        assert len(call.args) == 1, place
        text = call.args[0]
        if not isinstance(text, ast.Constant):
            # `_` is given sentences of core; words inside of it nobody would find.
            assert called == "_" or "figures" in place, place
            assert not isinstance(text, (ast.JoinedStr, ast.BinOp)), place
            assert words(text) == [], place
            assert call.keywords == [], place
            continue
        names = {field for _, field, *_rest in Formatter().parse(text.value) if field is not None}
        assert all(field.isidentifier() for field in names), place
        given = {one.arg for one in call.keywords}
        if path.name not in FILLED_ELSEWHERE:
            assert names == given or (None in given and names), place


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_the_translator_is_not_hidden_by_a_variable(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if not isinstance(function, (ast.FunctionDef, ast.Lambda)):
            continue
        inside = [one for one in ast.walk(function) if isinstance(one, ast.Name) and one.id == "_"]
        stored = [one for one in inside if isinstance(one.ctx, ast.Store)]
        used = [one for one in inside if isinstance(one.ctx, ast.Load)]
        assert not (stored and used), f"{name(path)}:{stored[0].lineno}"
