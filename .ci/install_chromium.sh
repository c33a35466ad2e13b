#!/bin/sh
# Make sure that the browser tests have a Chromium. Never fails: without one they skip and say so.
set -u
cd "$(dirname "$0")/.."
find_it() { .venv/bin/python -m tests.support.chromium 2>/dev/null; }
quietly() { "$@" </dev/null >/dev/null 2>&1; }

find_it >/dev/null && exit 0

root=''
if [ "$(id -u)" != 0 ]; then
    root='sudo -n'
    quietly sudo -n true || root=none
fi

if [ "$root" != none ] && command -v apt-get >/dev/null 2>&1; then
    echo 'Installing Chromium for the browser tests …'
    quietly $root apt-get update -qq
    # The one without a window is enough, where the system has it.
    for package in chromium-headless-shell chromium; do
        quietly $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"
        find_it >/dev/null && exit 0
    done
fi

echo 'Fetching a Chromium with Playwright …'
quietly .venv/bin/python -m playwright install chromium
# Its system libraries need root; a browser that does not start is not found.
[ "$root" = none ] || find_it >/dev/null || quietly $root .venv/bin/python -m playwright install-deps chromium
find_it >/dev/null && exit 0

echo 'No Chromium could be had: the browser tests will be skipped. Install chromium or google-chrome to run them.'
exit 0
