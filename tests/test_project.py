"""The promises of the project's own files: pins, targets, documents."""

import ast
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from core.settings import VARIABLE_PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
OWN_PACKAGES = {"app", "benchmarks", "core", "pages", "tests"}
LOCKED = re.compile(r"^[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+( ; .+)?$")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _lines(name: str) -> list[str]:
    """Return the requirements of a file without comments, blank lines and options."""
    lines = (line.split("#")[0].strip() for line in _text(name).splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _required(name: str) -> dict[str, str]:
    """Return distribution -> version text (may be empty) of a requirements file."""
    found = {}
    for line in _lines(name):
        match = re.match(r"([A-Za-z0-9._-]+)\s*(?:==\s*([^\s;]+))?", line)
        assert match, line
        found[_normal(match[1])] = match[2] or ""
    return found


def _imported(*roots: str) -> set[str]:
    """Return the top-level names of the third-party modules that our files import."""
    files = [
        path
        for root in roots
        for path in ([ROOT / root] if root.endswith(".py") else (ROOT / root).rglob("*.py"))
    ]
    names = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - OWN_PACKAGES


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_pins_are_exact(name: str) -> None:
    lines = _lines(name)
    assert lines
    assert [line for line in lines if not LOCKED.match(line)] == []
    assert "--index-url" not in _text(name)
    assert "--find-links" not in "\n".join(
        line for line in _text(name).splitlines() if not line.startswith("#")
    )


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_holds_what_was_asked(name: str) -> None:
    locked = _required(f"{name}.txt")
    stale = {
        distribution: version
        for distribution, version in _required(f"{name}.in").items()
        if distribution not in locked or (version and locked[distribution] != version)
    }
    assert stale == {}, "run `make lock`"


def test_what_is_imported_is_asked_for() -> None:
    asked = set(_required("requirements.in"))
    distributions = packages_distributions()
    missing = {
        name
        for name in _imported("app.py", "core", "pages")
        if not asked & {_normal(distribution) for distribution in distributions.get(name, [])}
    }
    assert missing == set(), "name it in requirements.in: what others bring may go away"


def test_what_is_asked_for_is_imported() -> None:
    of = packages_distributions()
    used = {
        _normal(distribution)
        for name in _imported("app.py", "core", "pages", "benchmarks")
        for distribution in of.get(name, [])
    }
    asked = set(_required("requirements.in"))
    alternatives = {"tensorflow", "tensorflow-cpu"}
    assert used & alternatives
    # What others import when a setting names it: a database's address, a store's, a time zone.
    by_name = {"psycopg", "s3fs", "tzdata"}
    assert asked - used - alternatives - by_name == set(), (
        "an unused dependency: take it out of requirements.in"
    )


def test_every_dependency_has_a_reason() -> None:
    rows = [line.split("|")[1:3] for line in _text("ARCHITECTURE.md").splitlines() if line.startswith("| `")]
    reasons = {
        _normal(name): reason.strip() for names, reason in rows for name in re.findall(r"`([^`]+)`", names)
    }
    assert [name for name in _required("requirements.in") if not reasons.get(name)] == []
    development = _text("ARCHITECTURE.md").split("For development only:")[1]
    assert [name for name in _required("requirements-dev.in") if f"`{name}`" not in development] == []


@pytest.mark.parametrize(
    "words", ["make run", "make test", "pip install -r requirements.txt", "streamlit run app.py"]
)
def test_the_first_screen_of_the_readme_shows_the_commands(words: str) -> None:
    first_screen = "\n".join(_text("README.md").splitlines()[:40])
    assert words in first_screen


TARGETS = re.findall(r"^([a-z-]+):", _text("Makefile"), re.MULTILINE)


def test_make_help_and_phony_name_every_target() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    told = set(re.findall(r"make ([a-z-]+)", done.stdout))
    assert told == set(TARGETS) - {"help", "install"}  # every other one installs first
    assert set(re.findall(r"^.PHONY: (.+)$", _text("Makefile"), re.MULTILINE)[0].split()) == set(TARGETS)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs/deploy.md"])
def test_documents_name_targets_that_there_are(document: str) -> None:
    named = set(re.findall(r"(?:`|^)make (?:-C \S+ )?([a-z-]+)", _text(document), re.MULTILINE))
    assert named
    assert named <= set(TARGETS)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs/deploy.md"])
def test_documents_name_variables_that_there_are(document: str) -> None:
    known = {f"{VARIABLE_PREFIX}{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(rf"`{VARIABLE_PREFIX}([A-Z_]+)\b(?!…)", _text(document)))
    assert {f"{VARIABLE_PREFIX}{name}" for name in named} - known == set()


def test_the_house_has_every_room() -> None:
    """The tree in ARCHITECTURE.md names each package of `core` and each folder of a page."""
    house = _text("ARCHITECTURE.md").split("```")[1]
    rooms = [path.parent for root in ("core", "pages/parts") for path in (ROOT / root).glob("*/__init__.py")]
    assert len(rooms) > 15
    assert [room.name for room in rooms if f" {room.name}/" not in house] == []


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_target(target: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_run_honours_port() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "run", "PORT=4321"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "--server.port 4321" in done.stdout


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / ".ci").glob("*.sh")))
def test_shell_scripts_parse(script: str) -> None:
    subprocess.run(["sh", "-n", f".ci/{script}"], cwd=ROOT, check=True, timeout=60)


def test_ci_runs_make_test() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert "make test" in _text(".ci/run")
    subprocess.run(["bash", "-n", ".ci/run"], cwd=ROOT, check=True, timeout=60)


def test_install_refuses_another_python(tmp_path: Path) -> None:
    old = tmp_path / "python-of-tomorrow"
    # Answers the installer's two questions as Python 3.14 would.
    old.write_text('#!/bin/sh\ncase "$2" in *print*) echo 3.14 ;; *) exit 1 ;; esac\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["sh", ".ci/install.sh"],
        cwd=ROOT,
        env=os.environ | {"PYTHON": str(old)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "3.14" in done.stderr
    assert "3.11, 3.12 or 3.13" in done.stderr


DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]


@pytest.mark.parametrize(
    "name", [*DOCUMENTS, *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)
def test_what_a_document_points_at_is_there(name: str) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", _text(name))
    folder = (ROOT / name).parent
    assert [target for target in targets if not (folder / target).exists()] == []
    if name == "README.md":
        assert {"ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"} <= set(targets)


def test_the_architecture_fits_on_a_few_screens() -> None:
    assert len(_text("ARCHITECTURE.md").splitlines()) <= 150


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/engine.md"])
def test_the_files_that_a_document_names_are_there(name: str) -> None:
    named = re.findall(r"`((?:core|pages|tests|docs|benchmarks)/[\w/]+\.\w+)`", _text(name))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_no_path_of_one_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split() or ["Makefile", "README.md", "requirements.txt"]
    machine = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")
    guilty = [
        name
        for name in names
        if (ROOT / name).suffix in {".py", ".md", ".toml", ".txt", ".in", ".sh", ""}
        and (ROOT / name).is_file()
        and machine.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    ]
    assert guilty == []
