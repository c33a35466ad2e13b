#!/bin/sh
# Make .venv with everything that requirements.txt and requirements-dev.txt pin.
# Does nothing when that has been done before. PYTHON=… chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH || true

SUITABLE='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
VERSION='import sys; print("%d.%d" % sys.version_info[:2])'
HAS_VENV='import ensurepip, venv'
STAMP=.venv/digit-lab-installed

say() { printf '%s\n' "$*"; }
fail() { say "$@" >&2; exit 1; }
suits() { "$1" -c "$SUITABLE" >/dev/null 2>&1; }
version_of() { "$1" -c "$VERSION" 2>/dev/null || echo unknown; }

# Prefer an interpreter that can make an environment without further packages.
find_python() {
    for candidate in python3 python3.13 python3.12 python3.11; do
        if suits "$candidate" && "$candidate" -c "$HAS_VENV" >/dev/null 2>&1; then echo "$candidate"; return; fi
    done
    for candidate in python3 python3.13 python3.12 python3.11; do
        if suits "$candidate"; then echo "$candidate"; return; fi
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1
    fi
}

# Debian and Ubuntu ship Python without ensurepip; the package is called python3.X-venv.
add_venv_package() {
    package="python$(version_of "$1")-venv"
    advice="Python $(version_of "$1") cannot make an environment: its venv module is incomplete."
    command -v apt-get >/dev/null 2>&1 || fail "$advice Install venv and ensurepip for $1, or choose another Python: make install PYTHON=…"
    say "Installing $package, which $1 needs to make .venv …"
    {
        as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package"
    } </dev/null >/dev/null 2>&1 || fail "$advice Type: sudo apt-get install $package   and then make install again."
}

fingerprint() { { cat requirements.txt requirements-dev.txt; version_of .venv/bin/python; } | cksum; }

if [ -n "${PYTHON:-}" ]; then
    command -v "$PYTHON" >/dev/null 2>&1 || fail "PYTHON=$PYTHON: there is no such program."
    suits "$PYTHON" || fail "PYTHON=$PYTHON is Python $(version_of "$PYTHON"). Digit Lab needs Python 3.11, 3.12 or 3.13, because TensorFlow has no wheels for others."
fi

# An environment of another Python, or one whose interpreter has gone, is made again.
if [ -e .venv ]; then
    if ! suits .venv/bin/python; then
        say "The Python of .venv does not work here; making .venv again."; rm -rf .venv
    elif [ -n "${PYTHON:-}" ] && [ "$(version_of "$PYTHON")" != "$(version_of .venv/bin/python)" ]; then
        say ".venv has Python $(version_of .venv/bin/python); making it again with $(version_of "$PYTHON")."; rm -rf .venv
    elif [ "$(cat "$STAMP" 2>/dev/null)" = "$(fingerprint)" ]; then
        exit 0
    fi
fi

if [ ! -e .venv ]; then
    python=${PYTHON:-$(find_python)}
    [ -n "$python" ] || fail "Digit Lab needs Python 3.11, 3.12 or 3.13 (TensorFlow has no wheels for others); python3 here is $(version_of python3).
Install one of them (Debian, Ubuntu: sudo apt-get install python3.12 python3.12-venv; or https://www.python.org/downloads/),
then make install again, or name it: make install PYTHON=/path/to/python3.12"
    "$python" -c "$HAS_VENV" >/dev/null 2>&1 || add_venv_package "$python"
    say "Making .venv with Python $(version_of "$python") …"
    "$python" -m venv .venv || { rm -rf .venv; fail "The environment .venv could not be made; the reason stands above."; }
fi

say "Installing packages into .venv (about 600 MB to fetch the first time; a few minutes) …"
.venv/bin/python -m pip install -qq --no-input --disable-pip-version-check --no-compile \
    -r requirements.txt -r requirements-dev.txt </dev/null ||
    fail "Packages could not be installed; the reason stands above. What is done is kept: try make install again."

# pip compiles on one core; this uses all. Some packages ship templates that are no Python: their
# refusals do not matter, but without TensorFlow's byte-code every training worker starts 14 s later.
say "Compiling byte-code …"
.venv/bin/python -m compileall -q -j 0 .venv/lib/python*/site-packages >/dev/null 2>&1 || true
ls .venv/lib/python*/site-packages/tensorflow/__pycache__/__init__.*.pyc >/dev/null 2>&1 ||
    fail "TensorFlow's byte-code could not be written into .venv. Is the disk full?"

fingerprint >"$STAMP"
say "Installed: Python $(version_of .venv/bin/python) in .venv."
