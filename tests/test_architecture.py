"""The arrows of ARCHITECTURE.md, held against the imports; and what else is true of every file.

The table is read from the document, so that the document cannot lie.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 350
MAX_PAGE_LINES = 150


def _python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


CORE = _python_files("core")
PAGES = sorted((ROOT / "pages").glob("*.py"))
PARTS = _python_files("pages/parts")
APP = [ROOT / "app.py"]
MODULES: dict[str, Path] = {}
EVERYTHING = APP + _python_files("core", "pages", "benchmarks", "tests")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES |= {_module(path): path for path in APP + CORE + _python_files("pages")}


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


def _arrows() -> dict[str, set[str]]:
    """Return what each room may know, as the table of ARCHITECTURE.md says."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = text.split("## The arrows")[1].split("\n## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    arrows: dict[str, set[str]] = {}
    base: set[str] = set()
    for rooms, allowed in ([re.findall(r"`([^`]+)`", cell) for cell in row] for row in rows):
        if rooms[0] == "base":
            base = set(rooms[1:])
            arrows |= dict.fromkeys(base, base)
        else:
            known = set(allowed) - {"base"} | (base if "base" in allowed else set())
            arrows |= dict.fromkeys(rooms, known)
    return arrows


ARROWS = _arrows()


def _room(module: str) -> str | None:
    """Return the longest name of the table that is this module or stands above it."""
    path = module.replace(".", "/")
    rooms = [room for room in ARROWS if path == room or path.startswith(room + "/")]
    return max(rooms, key=len, default=None)


def _may_know(room: str, other: str) -> bool:
    allowed = ARROWS[room]
    is_core = other.startswith("core/") and not other.startswith("core/training")
    return other == room or other in allowed or ("core" in allowed and is_core)


def _ours(imported: str) -> str | None:
    """Return the module of ours that an imported name is or belongs to."""
    while imported and imported not in MODULES:
        imported = imported.rpartition(".")[0]
    return imported or None


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
    assert _ours("core.config.TrainingConfig") == "core.config"


def test_core_knows_no_page_and_no_streamlit() -> None:
    assert _offences(CORE, "streamlit", "pages", "app", "benchmarks", "tests") == []


def test_the_table_names_rooms_that_exist() -> None:
    assert len(ARROWS) > 20
    owed = {"core/arrays"}
    missing = [
        room for room in set(ARROWS) - owed if not ((ROOT / room).is_dir() or (ROOT / f"{room}.py").is_file())
    ]
    unknown = {name for allowed in ARROWS.values() for name in allowed} - set(ARROWS) - {"core"}
    assert (missing, unknown) == ([], set())


@pytest.mark.parametrize("module", sorted(MODULES))
def test_every_arrow_is_in_the_table(module: str) -> None:
    imported = {(line, _ours(name)) for line, name in _imports(MODULES[module])}
    known = sorted((line, name) for line, name in imported if name is not None and name != module)
    room = _room(module)
    if room is None:
        assert not known, "a folder above the rooms imports nothing: importing one room opens no other"
        return
    wrong = [
        f"line {line}: {name}"
        for line, name in known
        if (other := _room(name)) is not None and not _may_know(room, other)
    ]
    assert wrong == [], f"{room} may know {sorted(ARROWS[room])}"


def test_there_is_no_circle() -> None:
    graph = {
        module: {other for _, name in _imports(path) if (other := _ours(name)) not in (None, module)}
        for module, path in MODULES.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_tensorflow_lives_in_training_only() -> None:
    elsewhere = [path for path in CORE if not _is_within(_module(path), "core.training")]
    assert _offences(APP + PAGES + PARTS + elsewhere, "tensorflow", "keras", "core.training") == []


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
