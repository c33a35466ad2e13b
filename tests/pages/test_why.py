"""Why and break it, on the Draw page: folded, asked, edited, taken back; what a browser sends is checked."""

from functools import partial

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.figures.html.speaking_pixels import speaking_info
from core.prediction import explain
from core.prediction.network import Network
from core.prediction.onnx_layers import layers_of
from core.prediction.smallest_edit import smallest_edit
from pages.parts.draw import break_it, pixel_editor, why
from pages.parts.draw.pixel_editor import MOST_STEPS, Step, start_with, steps_of, with_steps
from pages.parts.draw.worked_out import worked_out
from pages.parts.shared import state
from tests.support.network_samples import always, onnx_file
from tests.support.picture_samples import ink_of, seven

DIGITS = tuple("0123456789")


def picture() -> np.ndarray:
    from core.handwriting.mnist_form import to_network_input

    return to_network_input(ink_of(seven))


SEVEN = picture()


@pytest.fixture(autouse=True)
def fewest(monkeypatch):
    """The search, with all the time it needs, so that each gives the same on any machine."""
    unhurried = partial(smallest_edit, seconds=60)
    monkeypatch.setattr(break_it, "smallest_edit", unhurried)
    return unhurried


def page(onnx, drawn, names, temperature):  # runs elsewhere: what stands around it is not known there
    from functools import cache

    import streamlit as st

    from core.prediction.network import Network
    from pages.parts.draw.why import show_why

    # One for the session, as the page has it.
    make = st.session_state.setdefault("make", cache(Network))
    show_why(onnx, make(onnx), drawn, names, lambda: temperature)


def opened(
    onnx: bytes | None = None, *, parts: tuple[str, ...] = (), drawn=SEVEN, names=DIGITS, temperature=1.0
) -> AppTest:
    args = (onnx or ready_made(), drawn, names, temperature)
    app = AppTest.from_function(page, args=args, default_timeout=60)
    for part in parts:
        app.session_state[part] = True
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    assert not app.error
    return app


def ready_made() -> bytes:
    from core.prediction.ready_made import FILE

    return FILE.read_bytes()


def html(app: AppTest) -> str:
    return "".join(one.proto.body for one in app.get("html"))


def text(app: AppTest) -> str:
    return " ".join(one.value for one in app.markdown)


def press(app: AppTest) -> None:
    app.button(key="find_fewest_pixels").click()
    run(app)


def test_nothing_is_worked_out_until_a_part_is_open(monkeypatch):
    for name in why._MAPS:
        monkeypatch.setitem(why._MAPS, name, None)
    monkeypatch.setattr(break_it, "smallest_edit", None)
    app = opened()
    assert [box.label for box in app.expander] == ["Why does it read that?", "Break it: the fewest pixels"]
    assert html(app) == text(app) == ""
    assert not opened(drawn=None).expander


@pytest.mark.parametrize("method", [why.COVER, why.SLOPES])
@pytest.mark.parametrize("digit", [7, 2])
def test_why_shows_the_picture_a_legend_the_words_and_a_table_of_the_digit_chosen(method, digit):
    app = opened(parts=(state.WHY,))
    assert app.button_group(key=state.why_digit(7)).value == 7
    app.button_group(key=state.why_digit(7)).set_value(digit)
    app.button_group(key=state.WHY_METHOD).set_value(method)
    run(app)
    function = {why.COVER: explain.occlusion, why.SLOPES: explain.gradient_times_input}[method]
    info = speaking_info(function(layers_of(ready_made()), SEVEN)[digit], SEVEN)
    drawn = html(app)
    assert f"speaks for a {digit}" in drawn
    assert f"speaks against a {digit}" in drawn
    assert drawn.count("<td>") == 9
    assert f"{round(100 * info.places[0, 1]):+d} %".replace("-", "−") in drawn
    for place in (*info.speaks_for, *info.speaks_against):
        assert place in text(app)
    is_told = method == why.COVER and bool(info.speaks_for)
    assert ("Without the 5×5 pixels around row" in text(app)) == is_told


def test_a_fall_that_cannot_be_seen_in_the_figures_is_no_fall():
    told = why._without_the_patch(5, 6, "7", 0.98761, 0.98759)
    assert told == "No patch of 5×5 pixels matters much by itself: the rest of the ink is enough."


@pytest.mark.parametrize("temperature", [2.0, 3.0])
def test_what_covering_does_is_what_the_network_says_of_the_covered_picture(temperature):
    app = opened(parts=(state.WHY,), temperature=temperature)
    values = explain.occlusion(layers_of(ready_made()), SEVEN)[7]
    row, column = np.unravel_index(values.argmax(), values.shape)
    covered = SEVEN.copy()
    covered[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3] = 0
    raised = Network(ready_made()).predict(np.stack([SEVEN, covered])).probabilities ** (1 / temperature)
    before, after = (raised / raised.sum(axis=1, keepdims=True))[:, 7]
    assert f"around row {row + 1}, column {column + 1}, a 7 falls from {100 * before:.1f} %" in text(app)
    assert f"to {100 * after:.1f} %" in text(app)
    assert after < before


def test_breaking_it_begins_with_what_is_said_above_the_canvas():
    half_sure = [0.91, *[0.01] * 9]
    app = opened(always(half_sure), parts=(state.BREAK_IT,), temperature=2.0)
    # The square roots, which add up to 1 again.
    share = 0.91**0.5 / (0.91**0.5 + 9 * 0.01**0.5)
    assert f"**Before.** Probably a 0: {100 * share:.0f} % sure" in text(app)
    assert f"{100 * share:.1f} %" in html(app)


def test_a_network_that_does_not_look_says_so():
    app = opened(always([0.91, *[0.01] * 9]), parts=(state.WHY,))
    assert "None of the ink speaks for or against a 0." in text(app)
    names = ("Shirt", "Coat", "[x](y)", *DIGITS[3:])
    assert "against “Shirt”" in text(opened(always([0.91, *[0.01] * 9]), parts=(state.WHY,), names=names))


def test_the_fewest_pixels_are_found_shown_in_order_and_read(fewest):
    app = opened(parts=(state.BREAK_IT,))
    app.button_group(key=state.break_target(7)).set_value(3)
    run(app)
    assert "Nothing is changed yet" in text(app)
    press(app)
    edit = fewest(layers_of(ready_made()), SEVEN, 3)
    assert f"**After.** {len(edit.changes)} pixels changed." in text(app)
    assert "a 3" in text(app)
    drawn = html(app)
    assert drawn.count("<li>") >= len(edit.changes)
    first = edit.changes[0]
    assert f"row {first.row + 1}, column {first.column + 1}: {first.after} of 255; " in drawn
    # Another press elsewhere leaves it there.
    app.button_group(key=state.break_target(7)).set_value(8)
    run(app)
    assert f"**After.** {len(edit.changes)} pixels changed." in text(app)


def test_any_other_digit_may_be_asked_for(fewest):
    app = opened(parts=(state.BREAK_IT,))
    app.button_group(key=state.break_target(7)).set_value(break_it.ANY)
    press(app)
    edit = fewest(layers_of(ready_made()), SEVEN, None)
    assert f"a {edit.target}" in text(app).replace("an 8", "a 8")
    assert "pixels changed" in text(app)


def test_what_cannot_be_found_is_a_sentence_and_changes_nothing():
    app = opened(always([0.91, *[0.01] * 9]), parts=(state.BREAK_IT,))
    app.button_group(key=state.break_target(0)).set_value(4)
    press(app)
    assert app.warning[0].value == (
        "In 1 s no 100 pixels or fewer were found that make a 4 of it. Try another digit."
    )
    assert "Nothing is changed yet" in text(app)


def test_pixels_pressed_by_hand_are_read_and_one_is_told_as_one():
    app = opened(parts=(state.BREAK_IT,))
    name = pixel_editor._start(SEVEN).name
    app.session_state[state.PIXEL_EDITOR] = {"edits": f"{name}|0.255"}
    run(app)
    assert "**After.** 1 pixel changed." in text(app)
    assert "row 1, column 1: 255 of 255; " in html(app)


def test_what_was_worked_out_is_not_worked_out_again_but_for_another_picture(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    calls: list[str] = []
    network, other = Network(onnx_file()), Network(onnx_file())
    for asked, drawn, what in (
        (network, SEVEN, "a"), (network, SEVEN.copy(), "a"), (other, SEVEN, "a"), (network, SEVEN, "b"),
        (network, SEVEN.T, "a"), (other, SEVEN, "a"),
    ):  # fmt: skip
        worked_out(asked, drawn, what, lambda: calls.append("made"))
    assert len(calls) == 4
    for number in range(30):
        worked_out(network, SEVEN, number, lambda: None)
    assert len(st.session_state[state.WORKED_OUT]) == 8


# --- what the editor sends -----------------------------------------------------------------------


@pytest.fixture
def session(monkeypatch) -> dict:
    kept: dict = {}
    monkeypatch.setattr(st, "session_state", kept)
    return kept


def test_steps_are_those_sent_for_this_picture_and_this_beginning(session):
    assert steps_of(SEVEN) == []
    name = pixel_editor._start(SEVEN).name
    session[state.PIXEL_EDITOR] = {"edits": f"{name}|783.255 0.0 17.31"}
    assert steps_of(SEVEN) == [Step(783, 255), Step(0, 0), Step(17, 31)]
    assert steps_of(SEVEN.T) == []
    session[state.PIXEL_EDITOR] = {"edits": f"{name}|"}
    assert steps_of(SEVEN) == []
    start_with(SEVEN, [Step(5, 255)])
    assert pixel_editor._start(SEVEN).name != name
    assert steps_of(SEVEN) == [Step(5, 255)]  # what was sent before is of another beginning
    session[state.PIXEL_EDITOR] = {"edits": f"{pixel_editor._start(SEVEN).name}|"}
    assert steps_of(SEVEN) == []  # all taken back


@pytest.mark.parametrize(
    "sent",
    [
        "784.0",
        "0.256",
        "1",
        "1.2.3",
        "-1.5",
        "1.5,",
        "٣.٥",
        "1e2.3",
        "x",
        "1.2 " * (MOST_STEPS + 1),
        "1.5 9999.1",
    ],
)
def test_what_no_editor_sends_is_not_taken(session, sent):
    name = pixel_editor._start(SEVEN).name
    session[state.PIXEL_EDITOR] = {"edits": f"{name}|{sent}"}
    assert steps_of(SEVEN) == []


@pytest.mark.parametrize(
    "sent", [None, {}, {"edits": None}, {"edits": 3}, {"edits": ["1.2"]}, {"edits": "1.2"}]
)
def test_other_messages_are_not_taken(session, sent):
    session[state.PIXEL_EDITOR] = sent
    assert steps_of(SEVEN) == []


def test_steps_follow_one_another_and_the_picture_stays_as_it_was():
    before = SEVEN.copy()
    steps = [Step(3, 255), Step(40, 7), Step(3, 0)]
    pictures = with_steps(SEVEN, steps)
    expected = SEVEN.reshape(-1).copy()
    assert np.array_equal(pictures[0], SEVEN)
    for step, shown in zip(steps, pictures[1:], strict=True):
        expected[step.pixel] = step.value
        assert np.array_equal(shown.reshape(-1), expected)
    assert np.array_equal(SEVEN, before)


def test_a_folder_that_cannot_be_written_is_told(monkeypatch):
    monkeypatch.setattr(pixel_editor, "_prepared", lambda *_: None)
    app = opened(parts=(state.BREAK_IT,))
    assert "Pixels cannot be changed here" in app.caption[0].value
