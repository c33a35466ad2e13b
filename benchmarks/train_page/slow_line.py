"""The first visit over a slow line, of 1.6 Mbit/s and 150 ms: seconds to the splash and to Train.

Chromium's own throttle stands for the line (Lighthouse's "slow 4G"), its cache is empty, and the server is up
and warm. Train counts as soon as it can be pressed.
"""

import time
from collections.abc import Collection, Iterator

from playwright.sync_api import Browser

from benchmarks.app import chromium, running_app
from benchmarks.result import Result

NAMES = ("slow_line_splash_s", "slow_line_train_s")

_BYTES_A_SECOND = 1_600_000 / 8
_LATENCY = 150  # milliseconds
_VISITS = 3
_LONGEST_SPLASH, _LONGEST = 2.0, 12.0
_PATIENCE = 90_000  # milliseconds


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the medians of three first visits, after one over a fast line that warms the server."""
    with running_app(needs_mnist=True) as app, chromium() as browser:
        _visit(browser, app.url, is_slow=False)
        visits = [_visit(browser, app.url, is_slow=True) for _ in range(_VISITS)]
    for name, seconds, reference in zip(
        NAMES, zip(*visits, strict=True), (_LONGEST_SPLASH, _LONGEST), strict=True
    ):
        yield Result.of(name, seconds, "s", reference).with_ratio()


def _visit(browser: Browser, url: str, *, is_slow: bool) -> tuple[float, float]:
    """Return after how many seconds the splash was there and Train could be pressed."""
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        if is_slow:
            line = {
                "offline": False,
                "latency": _LATENCY,
                "downloadThroughput": _BYTES_A_SECOND,
                "uploadThroughput": _BYTES_A_SECOND,
            }
            context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
        began = time.monotonic()
        page.goto(url, wait_until="commit")
        page.locator(".splash").wait_for(timeout=_PATIENCE)
        splash = time.monotonic() - began
        page.get_by_role("button", name="Train", exact=True).and_(page.locator(":enabled")).wait_for(
            timeout=_PATIENCE
        )
        return splash, time.monotonic() - began
