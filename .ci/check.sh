#!/bin/sh
# Run every check, go on after a failure, end with one summary.
# usage: check.sh all|lint [pytest arguments]
#
# Tests run in three lanes side by side: one computes, with TensorFlow in its process, one drives a browser and
# mostly waits, one has the rest, with workers. What a lane needs is started once in it. mypy runs beside them.
# What fails is named at the very end. If it is little, it is tried once more, alone: a test that then passes is
# called unsteady there, which is a fault to be found but no reason to hold everything else back.
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
        "$(grep -E '^[0-9]+ (passed|failed|error)' "$results/$name.log" | tail -n 1)" >"$results/$name.summary"
}

# lane NAME ARGUMENTS …: some of the tests. pytest remembers what failed, a lane for itself.
lane() {
    name=$1
    shift
    # TensorFlow's threads wait for each other by computing: beside other lanes they would take much longer, and
    # from these what they need. On one core there is one thread. Bits are the same.
    if [ "$name" = computes ]; then on=one_core; else on=''; fi
    check "$name" $on .venv/bin/python -m pytest -ra --durations=12 -o cache_dir="$results/$name.cache" "$@"
}

# again NAME ARGUMENTS …: the failures of that lane once more, if they are few, now that nothing runs beside them.
again() {
    failed=$(grep -cE '^(FAILED|ERROR) ' "$results/$1.log")
    [ "$(cat "$results/$1.status")" = 1 ] && [ "$failed" -gt 0 ] || return 0
    word=failed
    if [ "$failed" -le 3 ]; then
        printf '\n== %s: what failed, once more\n' "$1"
        first=$1
        shift
        if .venv/bin/python -m pytest -ra --last-failed -o cache_dir="$results/$first.cache" "$@" </dev/null; then
            echo 0 >"$results/$first.status"
            word=unsteady
            sed 's/FAILED/unsteady/' "$results/$first.summary" >"$results/$first.mended"
            mv "$results/$first.mended" "$results/$first.summary"
        fi
        set -- "$first"
    fi
    grep -E '^(FAILED|ERROR) ' "$results/$1.log" | sed "s/^[A-Z]*/          $word:/" >>"$results/$1.summary"
}

# one_core COMMAND …: on the first of the cores that this shell may use, where the system can say so.
one_core() {
    core=$(taskset -cp $$ 2>/dev/null | sed 's/.*: *\([0-9]*\).*/\1/')
    if [ -n "$core" ]; then taskset -c "$core" "$@"; else "$@"; fi
}

format() { .venv/bin/ruff check --quiet . && .venv/bin/ruff format --check --quiet .; }

check ruff format
check mypy .venv/bin/python -m mypy &
if [ "$which" = all ] && [ $# -gt 0 ]; then
    lane tests "$@"
elif [ "$which" = all ]; then
    {
        lane computes --ignore=tests/core/training/test_cores.py tests/core/training
        lane cores tests/core/training/test_cores.py
    } &
    lane browser tests/browser &
    lane others --ignore=tests/core/training --ignore=tests/browser &
    wait
    again computes --ignore=tests/core/training/test_cores.py tests/core/training
    again cores tests/core/training/test_cores.py
    again browser tests/browser
    again others --ignore=tests/core/training --ignore=tests/browser
fi
wait

printf '\n== summary\n'
cat "$results"/*.summary
! grep -qv '^0$' "$results"/*.status
