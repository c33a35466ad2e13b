#!/bin/sh
# Run every check, go on after a failure, end with one summary.
# usage: check.sh all|lint [pytest arguments]
#
# Tests run in three lanes side by side: one computes, with TensorFlow in its process, one drives a browser and
# mostly waits, one has the rest, with workers. What a lane needs is started once in it. mypy runs beside them.
set -u
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE || true
which=$1
shift
results=test-results
rm -rf "$results"
mkdir -p "$results"

# check NAME COMMAND …: its output, each line with the name before it, and what it came to in a file.
check() {
    name=$1
    shift
    began=$(date +%s)
    { "$@" </dev/null 2>&1; echo $? >"$results/$name.status"; } | tee "$results/$name.log" | awk -v name="$name" '{ print name ": " $0; fflush() }'
    if [ "$(cat "$results/$name.status")" = 0 ]; then verdict=passed; else verdict=FAILED; fi
    printf '%-9s %s  (%d s)  %s\n' "$name" "$verdict" $(($(date +%s) - began)) \
        "$(grep -E '^=+ .* =+$|^[0-9]+ passed' "$results/$name.log" | tail -n 1)" >"$results/$name.summary"
}

pytest() { .venv/bin/python -m pytest -ra --durations=12 "$@"; }

format() { .venv/bin/ruff check --quiet . && .venv/bin/ruff format --check --quiet .; }

check ruff format
check mypy .venv/bin/python -m mypy &
if [ "$which" = all ] && [ $# -gt 0 ]; then
    check tests pytest "$@"
elif [ "$which" = all ]; then
    check computes pytest tests/core/training &
    check browser pytest tests/browser &
    check others pytest --ignore=tests/core/training --ignore=tests/browser &
fi
wait

printf '\n== summary\n'
cat "$results"/*.summary
! grep -qv '^0$' "$results"/*.status
