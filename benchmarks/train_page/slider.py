"""How long the slider over a run's epochs takes to show the network as it was: press to changed pictures.

A finished run of the real app is led back, epoch by epoch, in Chromium. Measured in the page itself: from
the key that moves the slider to the diagram that has been drawn with the weights of another epoch.
"""

from collections.abc import Collection, Iterator

from playwright.sync_api import Page

from benchmarks.app import RunningApp, chromium, press_train, running_app, wait_until_finished
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig

NAMES = ("slider_ms",)

MAX_MILLISECONDS = 300.0
_CONFIG = TrainingConfig(
    hidden_layers=(HiddenLayer(units=128), HiddenLayer(units=128)), batch_size=128, epochs=12
)
_PATIENCE = 90_000  # milliseconds
# Resolves to the milliseconds until the diagram's words about the moment it shows are other ones.
_UNTIL_CHANGED = """() => {
    const shadows = [...document.querySelectorAll('*')].map((node) => node.shadowRoot).filter(Boolean);
    const inside = shadows.map((one) => one.querySelector('[data-testid="inside"]')).find(Boolean);
    window.changed = new Promise((resolve) => {
        addEventListener("keydown", () => {
            const began = performance.now();
            const before = inside.textContent;
            new MutationObserver((_, observer) => {
                if (inside.textContent === before) return;
                observer.disconnect();
                requestAnimationFrame((now) => resolve(now - began));
            }).observe(inside, { subtree: true, childList: true, characterData: true });
        }, { once: true, capture: true });
    });
}"""


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the median of one move after another, to epochs that nobody has looked at."""
    with running_app(needs_mnist=True) as app, chromium() as browser:
        page = browser.new_page()
        yield Result.of("slider_ms", _moves(page, app), "ms", MAX_MILLISECONDS).with_ratio()


def _moves(page: Page, app: RunningApp) -> list[float]:
    store = app.open_store()
    run_id = press_train(page, app, store, _CONFIG)
    wait_until_finished(store, run_id)
    moves = len(store.epochs_kept(run_id)) - 1
    store.close()
    page.get_by_test_id("network-diagram").and_(page.locator("[data-updates]")).wait_for(timeout=_PATIENCE)
    slider = page.get_by_role("slider", name="Epoch")
    slider.focus(timeout=_PATIENCE)
    taken = []
    for _ in range(moves):
        page.evaluate(_UNTIL_CHANGED)
        page.keyboard.press("ArrowLeft")
        taken.append(float(page.evaluate("window.changed")))
        page.wait_for_timeout(300)  # the rest of the page comes to rest, as a person's hand does
    return taken
