"""The arrows of ARCHITECTURE.md, read from the imports.

pages -> pages/parts -> core; inside core as `CORE_ARROWS` says; TensorFlow in core/training only.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 350
MAX_PAGE_LINES = 150

# What each room of core may know. `jobs` names the training job as text and never imports it.
_BASE = {"errors", "config", "settings", "numbers"}
CORE_ARROWS = {
    "errors": set(),
    "refusals": set(),
    "config": {"errors", "refusals"},
    "numbers": set(),
    "memory": set(),
    "arrays": {"errors"},
    "settings": {"errors"},
    "recipes": {"errors", "config"},
    "data": _BASE | {"arrays"},
    "store": _BASE,
    "training": _BASE
    | {"arrays", "memory", "recipes", "data", "store", "evaluation"},  # a run is scored as pages score it
    "jobs": _BASE | {"store"},
    "prediction": _BASE | {"data", "store"},
    "handwriting": _BASE | {"memory"},
    "evaluation": _BASE | {"arrays", "data", "store", "prediction"},
    "figures": _BASE | {"data", "store", "prediction", "evaluation"},
}


def _python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


CORE = _python_files("core")
PAGES = sorted((ROOT / "pages").glob("*.py"))
PARTS = _python_files("pages/parts")
APP = [ROOT / "app.py"]
EVERYTHING = APP + _python_files("core", "pages", "benchmarks", "tests")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and full dotted name of all that `path` imports, also inside functions."""
    package = list(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _is_within(imported: str, *packages: str) -> bool:
    return any(imported == package or imported.startswith(package + ".") for package in packages)


def _offences(paths: list[Path], *packages: str) -> list[str]:
    return [
        f"{_name(path)}:{line} imports {imported}"
        for path in paths
        for line, imported in _imports(path)
        if _is_within(imported, *packages)
    ]


def test_the_rooms_are_where_these_tests_look() -> None:
    assert len(CORE) > 20
    assert len(PAGES) >= 3
    assert PARTS
    assert all(path.exists() for path in APP)
    assert "core.config.TrainingConfig" in {imported for _, imported in _imports(ROOT / "core/recipes.py")}


def test_core_knows_no_page_and_no_streamlit() -> None:
    assert _offences(CORE, "streamlit", "pages", "app", "benchmarks", "tests") == []


@pytest.mark.parametrize("path", CORE, ids=_name)
def test_arrows_inside_core_point_down(path: Path) -> None:
    parts = _module(path).split(".")
    if len(parts) == 1:
        assert not list(_imports(path)), "core/__init__.py imports nothing: importing a room opens no other"
        return
    room = parts[1]
    assert room in CORE_ARROWS, f"core/{room} has no place in CORE_ARROWS: give it one"
    allowed = CORE_ARROWS[room] | {room}
    wrong = [
        f"line {line}: {imported}"
        for line, imported in _imports(path)
        if _is_within(imported, "core") and imported.split(".")[1] not in allowed
    ]
    assert wrong == [], f"core/{room} may know {sorted(allowed)}"


def test_tensorflow_lives_in_training_only() -> None:
    elsewhere = [path for path in CORE if not _is_within(_module(path), "core.training")]
    assert _offences(APP + PAGES + PARTS + elsewhere, "tensorflow", "keras", "core.training") == []


def test_pages_do_not_know_each_other() -> None:
    screens = [_module(path) for path in PAGES if path.name != "__init__.py"]
    assert _offences(PAGES + PARTS, "app", *screens) == []


def test_the_apps_process_never_loads_tensorflow() -> None:
    modules = [
        _module(path)
        for path in CORE + PARTS
        if not _is_within(_module(path), "core.training", "core.store.migrations")
        and path.name != "__main__.py"
    ]
    # Outside a running server the canvas refuses to be imported; tests/browser looks at the real process.
    program = (
        "import importlib, sys, types\n"
        "sys.modules['streamlit_drawable_canvas'] = canvas = types.ModuleType('canvas')\n"
        "canvas.st_canvas = None\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "heavy = {'tensorflow', 'keras'} & set(sys.modules)\n"
        "assert not heavy, f'loaded {heavy}'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_files_are_short() -> None:
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in EVERYTHING}
    pages = {_name(path) for path in PAGES}
    too_long = {
        name: length
        for name, length in lengths.items()
        if length > (MAX_PAGE_LINES if name in pages else MAX_LINES)
    }
    assert too_long == {}, f"{MAX_PAGE_LINES} lines a page, {MAX_LINES} a file"


def _undocumented(path: Path) -> Iterator[str]:
    tree = _tree(path)
    if path.name != "__init__.py" and not ast.get_docstring(tree):
        yield f"{_name(path)}: the module"
    waiting: list[tuple[str, ast.AST]] = [("", node) for node in tree.body]
    while waiting:
        prefix, node = waiting.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        if not ast.get_docstring(node) and not _inherits_its_docstring(node):
            yield f"{_name(path)}:{node.lineno} {prefix}{node.name}"
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
            # The members of a Protocol are described where the class is, Keras's hooks by Keras.
            inherited = "on_" if "Callback" in bases else None
            waiting.extend(
                (f"{prefix}{node.name}.", child)
                for child in node.body
                if "Protocol" not in bases
                and not (inherited and getattr(child, "name", "").startswith(inherited))
            )


def _inherits_its_docstring(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    names = {ast.unparse(decorator).split(".")[-1] for decorator in decorators}
    return bool(names & {"override", "overload", "setter"})


def test_everything_public_in_core_has_a_docstring() -> None:
    # Alembic's migrations have a fixed form; their module docstring says what they do.
    documented = [path for path in CORE if "migrations" not in path.parts]
    assert [problem for path in documented for problem in _undocumented(path)] == []


def _session_state_keys(path: Path) -> Iterator[str]:
    """Yield places that write a key of `st.session_state` as text."""
    for node in ast.walk(_tree(path)):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and ast.unparse(node.value).endswith("session_state")
        ):
            yield f"{_name(path)}:{node.lineno} {ast.unparse(node)}"


def test_one_file_owns_the_keys_of_the_session() -> None:
    others = [path for path in PAGES + PARTS + APP if path != ROOT / "pages/parts/shared/state.py"]
    assert [place for path in others for place in _session_state_keys(path)] == []


def test_what_a_fragment_raises_becomes_a_sentence() -> None:
    others = [path for path in PAGES + PARTS + APP if path != ROOT / "pages/parts/shared/errors.py"]
    bare = [
        f"{_name(path)}:{node.lineno}"
        for path in others
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "fragment" and ast.unparse(node.value) == "st"
    ]
    assert bare + _offences(others, "streamlit.fragment") == [], "use guarded_fragment"


def test_an_error_is_shown_in_one_way() -> None:
    others = [path for path in PAGES + PARTS + APP if path != ROOT / "pages/parts/shared/errors.py"]
    shown = [
        f"{_name(path)}:{node.lineno}"
        for path in others
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "error"
    ]
    assert shown == [], "use show_error: it shows text from outside as text"


def test_nothing_from_outside_is_unpickled() -> None:
    ours = APP + CORE + PAGES + PARTS
    assert _offences(ours, "pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve") == []
    trusting = [
        f"{_name(path)}:{node.value.lineno}"
        for path in ours
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False"
    ]
    assert trusting == []
