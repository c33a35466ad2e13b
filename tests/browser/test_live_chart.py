"""The live chart in a real browser: one node, whose zoom and hover outlive the updates.

Every test asks for the app before the page, so that the page is closed before its server.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import serving
from tests.support.serve import Served

APP = Path(__file__).parent / "apps" / "live_chart_app.py"
CHART = """document.querySelector('[data-testid="live-chart"]')"""


@pytest.fixture(scope="module")
def app_url(session_folder: Path, chromium: Browser) -> Iterator[str]:
    """The app with a chart, served for the module."""
    with serving(Served(APP, session_folder / "live-chart", {})) as served:
        yield served.url


def open_chart(page: Page, url: str) -> Locator:
    """Open the app and return the chart once it has drawn something."""
    page.goto(url)
    chart = page.get_by_test_id("live-chart")
    expect(chart).to_have_attribute("data-points", re.compile(r"^[1-9]"), timeout=60_000)
    return chart


def wait_for_updates(page: Page, count: int) -> None:
    """Wait until the chart was drawn `count` times more."""
    page.evaluate(
        """() => {
            const node = document.querySelector('[data-testid="live-chart"]');
            window.updates = 0;
            window.counter?.disconnect();
            window.counter = new MutationObserver(() => window.updates++);
            window.counter.observe(node, { attributes: true, attributeFilter: ["data-points"] });
        }"""
    )
    page.wait_for_function("count => window.updates >= count", arg=count)


def plotly_layout(chart: Locator, path: str) -> object:
    """Return one value of Plotly's full layout, such as `xaxis.range`."""
    return chart.evaluate(
        "(node, path) => path.split('.').reduce((at, key) => at[key], node._fullLayout)", path
    )


def test_node_zoom_and_hover_survive_updates_and_switches(app_url: str, page: Page) -> None:
    """On one page, because to open it costs far more than to look."""
    chart = open_chart(page, app_url)
    node_survives_updates_and_grows(page, chart)
    zoom_survives_updates_and_double_click_ends_it(page, chart)
    hover_names_the_values_and_stays(page, chart)
    switches_change_axis_and_line_in_place(page, chart)


def node_survives_updates_and_grows(page: Page, chart: Locator) -> None:
    chart.evaluate("node => { node.tagged = 'the same'; node.svg = node.querySelector('.main-svg'); }")
    before = chart.evaluate("node => node.data[1].x.at(-1)")

    wait_for_updates(page, 5)

    assert chart.evaluate("node => node.tagged") == "the same"
    assert chart.evaluate("node => node.svg === node.querySelector('.main-svg')")
    assert chart.evaluate("node => node.data[1].x.at(-1)") > before
    assert plotly_layout(chart, "xaxis.range") == [0, 20]
    # A group, because it holds buttons; what it shows is told in words beside it.
    expect(chart).to_have_role("group")
    expect(chart).to_have_accessible_name("Learning curves")
    expect(chart).to_have_accessible_description(
        re.compile(
            r"^At epoch [\d.]+ of 20: training loss [\d.]+, training accuracy [\d.]+ %, validation .* %\.$"
        )
    )
    # Asked at one moment: the chart goes on growing.
    points, told = chart.evaluate(
        "node => [node.data[1].x.length + node.data[2].x.length, Number(node.dataset.points)]"
    )
    assert told == points


def zoom_survives_updates_and_double_click_ends_it(page: Page, chart: Locator) -> None:
    area = chart.locator(".nsewdrag").first.bounding_box()
    assert area
    page.mouse.move(area["x"] + 100, area["y"] + 50)
    page.mouse.down()
    page.mouse.move(area["x"] + 300, area["y"] + 200, steps=5)
    page.mouse.up()
    page.wait_for_function(f"() => {CHART}._fullLayout.xaxis.range[0] > 0")
    zoomed = [plotly_layout(chart, f"{axis}.range") for axis in ("xaxis", "yaxis", "xaxis2")]
    assert zoomed[0] == zoomed[2]  # both panels show the same epochs

    wait_for_updates(page, 3)

    assert [plotly_layout(chart, f"{axis}.range") for axis in ("xaxis", "yaxis", "xaxis2")] == zoomed
    page.mouse.dblclick(area["x"] + 200, area["y"] + 100)
    page.wait_for_function(f"() => {CHART}._fullLayout.xaxis.range[0] === 0")


def hover_names_the_values_and_stays(page: Page, chart: Locator) -> None:
    area = chart.locator(".nsewdrag").first.bounding_box()
    assert area
    page.mouse.move(area["x"] + 20, area["y"] + 100)
    page.mouse.move(area["x"] + 25, area["y"] + 100)
    hover = chart.locator(".hoverlayer")
    expect(hover).to_contain_text("epoch 0.")
    expect(hover).to_contain_text("training loss: ")
    expect(hover).to_contain_text(re.compile(r"validation loss: 0\.\d+ \(epoch 1\)"))
    page.evaluate(
        """() => {
            const layer = document.querySelector('[data-testid="live-chart"] .hoverlayer');
            window.gone = 0;
            new MutationObserver(() => (window.gone += layer.textContent === "")).observe(
                layer, { childList: true, subtree: true });
        }"""
    )

    wait_for_updates(page, 3)

    expect(hover).to_contain_text("training loss: ")
    assert page.evaluate("window.gone") == 0  # not even for a moment


def switches_change_axis_and_line_in_place(page: Page, chart: Locator) -> None:
    page.mouse.move(0, 0)  # what is hovered over has a legend too
    chart.evaluate("node => { node.tagged = 'the same still'; }")
    assert plotly_layout(chart, "yaxis.type") == "linear"
    legend = chart.locator(".legend")
    expect(legend).to_have_text("trainingvalidation")

    page.get_by_text("Logarithmic loss").click()
    page.wait_for_function(f"() => {CHART}._fullLayout.yaxis.type === 'log'")
    assert chart.evaluate("node => node.data[0].x.length") == 0  # no smoothing: no second line
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("End")
    page.wait_for_function(f"() => {CHART}.data[0].x.length > 0")

    def swing(trace: int) -> float:
        jumps = chart.evaluate(
            "(node, trace) => node.data[trace].y.slice(1).map((y, i) => Math.abs(y - node.data[trace].y[i]))",
            trace,
        )
        return float(sum(jumps))

    assert swing(1) < swing(0) / 10
    assert plotly_layout(chart, "yaxis2.type") == "linear"
    assert chart.evaluate("node => node.tagged") == "the same still"


def test_the_axis_of_accuracy_shows_nothing_that_cannot_be(app_url: str, page: Page) -> None:
    chart = open_chart(page, f"{app_url}/?start=1&grow=0")
    low, high = plotly_layout(chart, "yaxis2.range")  # type: ignore[misc]
    assert 0 <= low < high <= 1


def test_a_whole_run_has_its_last_marker_and_follows_the_theme(app_url: str, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    chart = open_chart(page, f"{app_url}/?start=4000&grow=0")
    the_last_marker_stands_whole_on_the_edge(chart)
    light = plotly_layout(chart, "font.color")

    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => {CHART}._fullLayout.font.color !== light", arg=light)

    brightness = "node => node._fullLayout.font.color.match(/\\w\\w/g).map(x => parseInt(x, 16))[0]"
    assert chart.evaluate(brightness) > 200


def test_empty_run_and_base_path(tmp_path: Path, page: Page) -> None:
    base_path = "/some/where"
    served = Served(APP, tmp_path / "home", {"STREAMLIT_SERVER_BASE_URL_PATH": base_path})
    served.url += base_path
    with serving(served):
        page.goto(f"{served.url}/?start=0&grow=0")
        chart = page.get_by_test_id("live-chart")

        expect(chart).to_have_attribute("data-points", "0", timeout=60_000)

        expect(chart).to_have_accessible_description("Nothing is recorded yet.")
        expect(chart).to_contain_text("Accuracy")
        assert plotly_layout(chart, "xaxis.range") == [0, 20]
        page.goto("about:blank")  # before its server ends, which it would tell


def the_last_marker_stands_whole_on_the_edge(chart: Locator) -> None:
    assert plotly_layout(chart, "xaxis.range") == [0, 20]
    last = chart.locator(".scatterlayer .point").last
    drawn, area = last.bounding_box(), chart.locator(".nsewdrag").last.bounding_box()
    assert drawn
    assert area
    assert drawn["x"] < area["x"] + area["width"] < drawn["x"] + drawn["width"]
    clipped = "node => !!node.closest('.trace').querySelector('.points').closest('[clip-path]')"
    assert not last.evaluate(clipped)


def test_ghosts_travel_once_and_can_be_switched_off(app_url: str, page: Page) -> None:
    frames: list[bytes | str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    chart = open_chart(page, f"{app_url}/?ghosts=3")
    legend = chart.locator(".legend")
    expect(legend).to_have_text("trainingvalidation#9#8#7")
    expect(chart).to_have_accessible_description(re.compile(r"Pale behind it: #9, #8, #7\.$"))

    def with_ghosts() -> int:
        return sum(b'"name":"#9"' in frame for frame in frames if isinstance(frame, bytes))

    assert with_ghosts() == 1

    wait_for_updates(page, 3)

    assert with_ghosts() == 1
    names = "node => node.data.filter(trace => trace.zorder < 0 && trace.showlegend).map(trace => trace.name)"
    assert chart.evaluate(names) == ["#9", "#8", "#7"]
    classes = chart.evaluate(
        "node => [...node.querySelectorAll('.scatterlayer .trace')].map(line => line.getAttribute('class'))"
    )
    assert "ghost" in classes[0]  # the run on show is drawn over them
    chart.evaluate("node => { node.tagged = 'the same'; }")
    page.get_by_text("Runs before").click()
    expect(legend).to_have_text("trainingvalidation")
    expect(chart).to_have_accessible_description(re.compile(r"%\.$"))
    assert chart.evaluate("node => node.tagged") == "the same"


def test_missing_library_is_told_and_tried_again(app_url: str, page: Page, page_errors: list[str]) -> None:
    pattern = "**/app/static/plotly-*.js"
    page.route(pattern, lambda route: route.abort())
    page.goto(app_url)
    chart = page.get_by_test_id("live-chart")
    expect(chart).to_have_text(
        "The chart cannot be drawn: its drawing library did not load. Reload the page.", timeout=60_000
    )

    page.unroute(pattern)

    expect(chart).to_contain_text("Accuracy", timeout=60_000)
    assert page_errors  # the browser itself logs the failed request
    page_errors.clear()


def test_on_a_phone_nothing_jumps_when_the_chart_has_come_whose_panels_stand_one_below_the_other(
    app_url: str, phone_page: Page
) -> None:
    program, library = "**/app/static/live_chart*/live_chart.js", "**/app/static/plotly-*.js"
    held: list[Route] = []
    for pattern in (program, library):
        phone_page.route(pattern, lambda route: held.append(route))
    chart, place = phone_page.get_by_test_id("live-chart"), phone_page.locator("[class*=live-chart-place]")
    heights = []

    with phone_page.expect_request(program, timeout=60_000):
        phone_page.goto(app_url)
    expect(place).to_have_css("container-type", "inline-size")
    heights.append(place.bounding_box())
    with phone_page.expect_request(library):
        held.pop().continue_()
    expect(chart).to_have_text("Loading the chart…")
    heights += [place.bounding_box(), chart.bounding_box()]
    held.pop().continue_()
    expect(chart).to_contain_text("Accuracy", timeout=60_000)
    heights += [place.bounding_box(), chart.bounding_box()]

    # 1.6 times the 380 of a desktop.
    assert [box and box["height"] for box in heights] == [608] * 5

    expect(chart).to_have_attribute("data-points", re.compile(r"^[1-9]"), timeout=60_000)
    assert phone_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    loss, accuracy = (chart.locator(".nsewdrag").nth(panel).bounding_box() for panel in (0, 1))
    assert loss
    assert accuracy
    assert accuracy["y"] > loss["y"] + loss["height"]
    assert min(loss["width"], accuracy["width"]) > 250
    assert plotly_layout(chart, "dragmode") is False  # a finger scrolls the page

    phone_page.set_viewport_size({"width": 900, "height": 600})
    phone_page.wait_for_function(f"() => {CHART}._fullLayout.xaxis.domain[1] < 0.5")
