"""Browser tests: Chromium, the served app, a finished run. Everything here waits on conditions."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

from tests.support.chromium import FLAGS, find_chromium
from tests.support.serve import ROOT, Served

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# Streamlit asks these relative to a deep link first; it then finds them at the root.
HARMLESS = ("/_stcore/health", "/_stcore/host-config")

# Other tests train at the same time, on a machine that may have more to do than this; Playwright's own 5 s
# are for one with nothing else to do. Nobody waits so long but a test that fails.
expect.set_options(timeout=60_000)


_SERVING: list[Served] = []
_LOG_SHOWN = 6_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder `browser` and run it after the unit tests.

    Playwright keeps an event loop running in the main thread for the rest of the session,
    which code that calls `asyncio.run` would trip over.
    """
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: here in item.path.parents)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of each served script's log with a failed test."""
    report = yield
    if report.failed:
        for served in _SERVING:
            report.sections.append((f"{served.url} printed", served.log_text()[-_LOG_SHOWN:]))
    return report


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    """Serve a script; a test that fails meanwhile shows what it printed."""
    with served:
        _SERVING.append(served)
        try:
            yield served
        finally:
            _SERVING.remove(served)


# --- the browser -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium for the session; tests are skipped where there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium here: install chromium or google-chrome, or run `make test` as root")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, "--process-per-site"])
        yield browser
        browser.close()


@pytest.fixture
def page_errors() -> list[str]:
    """What the pages of this test logged as errors; a test that expects one must clear it."""
    return []


class _Visitor:
    """One browser: its context, and where its console's errors go at present."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.errors: list[str] = []
        context.set_default_timeout(60_000)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        # It keeps the window and the process of all servers of this machine: new ones for each page would
        # cost Chromium two seconds of processor time.
        self._kept = context.new_page()
        self._kept.route("**/*", lambda route: route.fulfill(body="kept"))
        self._kept.goto("http://127.0.0.1/")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.location["url"] for part in HARMLESS):
            self.errors.append(f"{message.text} ({message.location['url']})")

    def come(self, errors: list[str]) -> Page:
        """Return a page, as of a browser that was never here; what its console says is added to `errors`."""
        self.errors = errors
        self.context.clear_cookies()
        self.context.clear_permissions()
        page = self.context.new_page()
        session = self.context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "local_storage"})
        session.detach()
        return page

    def leave(self) -> None:
        """Close all pages of the test."""
        for page in self.context.pages:
            if page is not self._kept:
                page.close()


class Visitors:
    """The browsers that visit, each kept for the session and emptied for the next test.

    One that knows the app's programs need not fetch and compile them again: two of the four seconds
    of processor time that a first visit takes.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._known: dict[str, _Visitor] = {}

    def visit(self, who: str, errors: list[str], **options: Any) -> Iterator[Page]:
        """Yield a page of the browser called so, and close all its pages in the end."""
        visitor = self._known.get(who)
        if visitor is None:
            # Nothing moves for its own sake: sixty pictures a second would be half of what a page costs.
            options = {"reduced_motion": "reduce", **options}
            visitor = self._known[who] = _Visitor(self._browser.new_context(**options))
        yield visitor.come(errors)
        try:
            visitor.leave()
        except Error as error:
            del self._known[who]
            errors.append(f"the browser broke down: {error}")
        assert not errors, "the browser's console has errors:\n" + "\n".join(errors)


@pytest.fixture(scope="session")
def visitors(chromium: Browser) -> Visitors:
    return Visitors(chromium)


@pytest.fixture
def page(visitors: Visitors, page_errors: list[str]) -> Iterator[Page]:
    """A desktop page of a browser that comes for the first time; console errors fail the test."""
    yield from visitors.visit("desktop", page_errors, viewport=DESKTOP)


@pytest.fixture
def other_page(visitors: Visitors, page_errors: list[str]) -> Iterator[Page]:
    """A page of another browser."""
    yield from visitors.visit("other", page_errors, viewport=DESKTOP)


@pytest.fixture
def phone_page(visitors: Visitors, page_errors: list[str]) -> Iterator[Page]:
    """A page as wide as a phone, with touch; console errors fail the test."""
    yield from visitors.visit("phone", page_errors, viewport=PHONE, has_touch=True, is_mobile=True)


# --- the served app ----------------------------------------------------------------------------


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Return `serve(script, **environment) -> base URL`; what it started ends with the test."""
    with ExitStack() as stack:

        def start(script: Path, **environment: str) -> str:
            home = tmp_path / f"home-{script.stem}"
            return stack.enter_context(serving(Served(script, home, environment))).url

        yield start


@dataclass(frozen=True)
class App:
    """The real app, served for the session.

    Attributes
    ----------
    url, home, pid, log_text
        Address without a trailing slash, its DIGITLAB_HOME, process id of Streamlit, what it printed so far.
    dataset
        The dataset that is ready to train on: the real MNIST where it can be had.
    environment
        DIGITLAB_* variables of the app, for headless commands beside it.
    """

    url: str
    home: Path
    dataset: str
    pid: int
    log_text: Callable[[], str]
    environment: dict[str, str]


@pytest.fixture(scope="session")
def app(session_folder: Path, mnist_source: Path | None, chromium: Browser) -> Iterator[App]:
    """Serve app.py with a dataset ready; on PORT where that is set and free."""
    from core.data.library import DatasetLibrary

    home = session_folder / "app"
    home.mkdir()
    dataset = "mnist" if mnist_source else "pen-strokes"
    DatasetLibrary(home / "datasets", mnist_source, 10.0).prepare(dataset)
    environment = {"DIGITLAB_DATA_DIR": str(mnist_source)} if mnist_source else {}
    with serving(Served(ROOT / "app.py", home, environment, port=_wanted_port())) as served:
        environment = {"DIGITLAB_HOME": str(home), **environment}
        yield App(served.url, home, dataset, served.pid, served.log_text, environment)


def _wanted_port() -> int | None:
    wanted = os.environ.get("PORT", "")
    if not wanted.isdigit():
        return None
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(wanted)))
        except OSError:
            return None  # a colleague's app may be running there; tests take another
    return int(wanted)


@dataclass(frozen=True)
class FinishedRun:
    """A run that the headless command trained.

    Attributes
    ----------
    id, output, result
        Of the run; what the command printed, and the JSON in it.
    programs
        Names of the training programs that XLA compiled for it.
    """

    id: str
    output: str
    result: dict[str, Any]
    programs: list[str]


@pytest.fixture(scope="session")
def finished_run(app: App, session_folder: Path) -> FinishedRun:
    """Train recipe `two-128` for one epoch beside the app, which shows it as a shared run."""
    command = [sys.executable, "-m", "core.training", "--recipe", "two-128", "--epochs", "1"]
    command += ["--dataset", app.dataset, "--json"]
    dump = session_folder / "compiled"
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | app.environment | {"XLA_FLAGS": f"--xla_dump_to={dump} --xla_dump_hlo_as_text"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"the headless command failed:\n{done.stdout}\n{done.stderr}"
    result = json.loads(done.stdout.strip().splitlines()[-1])
    programs = [path.name for path in dump.glob("*one_step_on_data*before_optimizations.txt")]
    return FinishedRun(result["run_id"], done.stdout, result, programs)
