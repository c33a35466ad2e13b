"""The button that gives the network as a file: what it offers, says, and makes."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.pocket.page import expected_bytes
from core.prediction.onnx_layers import layers_of
from core.prediction.ready_made import ready_made_file
from core.prediction.refusal import Refusal, as_layers
from pages.parts.draw.pocket import maker
from pages.parts.draw.pocket.maker import PocketMaker
from pages.parts.shared import state
from pages.parts.shared.judging import Judging

APP = Path(__file__).parents[2] / "app.py"
JUDGING = Judging(1.3, Refusal(as_layers([(np.eye(588, 11), np.zeros(11))]), 0.5), "", is_digits=True)
NAMES = [str(digit) for digit in range(10)]


@pytest.mark.parametrize("bits", [32, 8])
def test_the_size_that_is_told_is_about_that_of_the_file(bits) -> None:
    onnx = ready_made_file()
    made = len(PocketMaker(onnx, bits, JUDGING, "ready", NAMES, "Draw.")())
    assert made == pytest.approx(
        expected_bytes(len(onnx) // 4, bits, JUDGING.packed if bits == 32 else b""), rel=0.04
    )


def test_a_network_whose_weights_are_no_numbers_is_kept_as_it_is(monkeypatch) -> None:
    first, *others = layers_of(ready_made_file())
    kernel = np.full_like(first.kernel, np.nan)
    monkeypatch.setattr(maker, "layers_of", lambda _: (replace(first, kernel=kernel), *others))
    small, whole = (PocketMaker(b"", bits, JUDGING, "ready", NAMES, "Draw.")() for bits in (8, 32))
    assert len(small) == pytest.approx(len(whole), rel=0.02)  # a file without the judge


def test_the_page_offers_the_file_in_two_sizes(home) -> None:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = "a" * 24
    app.switch_page("pages/draw.py").run()
    assert not app.exception
    (choice,) = [radio for radio in app.radio if radio.key == state.POCKET_BITS]
    assert choice.options == ["exact", "rounded to 8 bits"]
    exact, small = choice.proto.captions
    assert re.fullmatch(r"about (\d\.\d M|\d\d\d K)B", exact)
    assert re.fullmatch(r"about \d\d\d KB", small)
    assert choice.value == 32
    (button,) = app.get("download_button")
    assert button.proto.label == "Download the file"


def test_a_large_network_is_offered_rounded_and_a_huge_one_not_at_all(home, monkeypatch) -> None:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = "a" * 24
    app.switch_page("pages/draw.py").run()
    section = sys.modules["pages.parts.draw.pocket.section"]
    monkeypatch.setattr(section, "MOST_WEIGHTS", 1_000)
    app.run()
    assert not app.exception
    (choice,) = [radio for radio in app.radio if radio.key == state.POCKET_BITS]
    assert choice.options == ["rounded to 8 bits"]
    assert choice.value == 8
    monkeypatch.setattr(section, "_MOST_SMALL_WEIGHTS", 1_000)
    app.run()
    assert not app.get("download_button")
    assert any("too large for that" in text.value for text in app.markdown)
