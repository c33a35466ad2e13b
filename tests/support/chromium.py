"""Find a Chromium that starts: one on PATH, else the one that Playwright fetched.

`python -m tests.support.chromium` prints its path, or fails.
"""

import shutil
import subprocess
import sys
from pathlib import Path

# The first is the same engine without a window: less to compute.
NAMES = (
    *("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable"),
    *("chromium-browser", "chrome"),
)

# No sandbox inside containers, no talk with the vendor's servers while tests run.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _starts(program: str) -> bool:
    # Ubuntu's `chromium-browser` may be a script that only says "install the snap".
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def find_chromium() -> str | None:
    """Return the path of a Chromium that starts, or None."""
    for name in NAMES:
        path = shutil.which(name)
        if path and _starts(path):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        fetched = playwright.chromium.executable_path
    return fetched if Path(fetched).exists() and _starts(fetched) else None


if __name__ == "__main__":
    found = find_chromium()
    print(found or "no Chromium")
    sys.exit(found is None)
