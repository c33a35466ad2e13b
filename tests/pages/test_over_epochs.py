"""The histograms of a run's layers over its epochs: folded, and read only for who opens them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.store import RunStatus, RunStore
from core.store.files import snapshot_file
from pages.parts.shared import handles, state
from tests.pages.test_epoch_slider import trained
from tests.support.inside_samples import noise_pictures


@pytest.fixture
def images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handles, "fixed_pictures", lambda _dataset: noise_pictures())


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The epochs whose networks the page has read."""
    epochs: list[int] = []
    sample = handles.network_sample

    def note(run_id: str, dataset: str, epoch: int) -> object:
        epochs.append(epoch)
        return sample(run_id, dataset, epoch)

    monkeypatch.setattr(handles, "network_sample", note)
    return epochs


def opened(open_page: Callable[[], AppTest]) -> AppTest:
    app = open_page()
    app.session_state[state.OVER_EPOCHS] = True
    return app.run()


def captions(app: AppTest) -> str:
    return " ".join(one.value for one in app.caption)


def test_nothing_is_read_until_somebody_opens_them(
    open_page: Callable[[], AppTest], store: RunStore, images: None, read: list[int]
) -> None:
    trained(store)
    app = open_page()
    assert not app.get("plotly_chart")
    assert read == []
    app.session_state[state.OVER_EPOCHS] = True
    app.run()
    assert read == [0, 2, 5]
    (chart,) = app.get("plotly_chart")
    drawn = json.loads(chart.proto.spec)["data"]
    assert [trace["x"] for trace in drawn] == [["untrained", "2", "5"]] * 4
    titles = [one["text"] for one in json.loads(chart.proto.spec)["layout"]["annotations"]]
    assert titles == ["Layer 1 · Weights", "Layer 1 · Outputs", "Output · Weights", "Output · Outputs"]


def test_a_run_of_which_nothing_is_kept_says_so(
    open_page: Callable[[], AppTest], store: RunStore, images: None
) -> None:
    trained(store, RunStatus.PAUSED, kept=())
    assert "Nothing is kept of this run yet" in captions(opened(open_page))


def test_without_the_images_they_are_asked_for(open_page: Callable[[], AppTest], store: RunStore) -> None:
    trained(store)
    assert "To look inside, its images are needed." in captions(opened(open_page))


def test_a_damaged_network_is_a_sentence_and_the_page_around_it_stays(
    open_page: Callable[[], AppTest], store: RunStore, images: None
) -> None:
    run = trained(store)
    place = Path(str(store.folder(run.id) / snapshot_file(2)))
    place.write_bytes(place.read_bytes()[:200])
    app = opened(open_page)
    assert not app.exception
    assert any("damaged" in one.value for one in app.error)
    assert not app.button(key="train").disabled
