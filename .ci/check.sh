#!/bin/sh
# Run every check, go on after a failure, end with one summary.
# usage: check.sh all|lint [pytest arguments]
set -u
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE || true
which=$1
shift
summary=''
status=0

check() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    began=$(date +%s)
    if "$@" </dev/null; then verdict=passed; else verdict=FAILED; status=1; fi
    summary="$summary$(printf '%-14s %s  (%d s)' "$name" "$verdict" $(($(date +%s) - began)))
"
}

check 'ruff check' .venv/bin/ruff check --quiet .
check 'ruff format' .venv/bin/ruff format --check --quiet .
check 'mypy' .venv/bin/python -m mypy
# Two at a time, as much of it is waiting; each process takes whole files, the browser's last (see
# tests/browser/conftest.py).
[ "$which" = lint ] || check 'pytest' .venv/bin/python -m pytest -ra -n 2 --dist loadfile --no-loadscope-reorder "$@"

printf '\n== summary\n%s' "$summary"
exit $status
