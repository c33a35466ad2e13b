"""The Train page: settings in, a run out, and what is said when that cannot be."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.config import DATASETS, TrainingConfig, to_query
from core.data.library import DatasetLibrary, DatasetState
from core.recipes import RECIPES
from core.settings import get_settings
from core.store import CurvePoint, Progress, Request, RunStatus, RunStore
from pages.parts.shared import handles, state
from tests.support.store_samples import holding

APP = Path(__file__).parents[2] / "app.py"
MINE = "a" * 24
READY = DatasetState("ready", 1.0, "It is here.")


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of the runs that the page hands to the workers; no worker is started."""
    ids: list[str] = []
    jobs = SimpleNamespace(submit=ids.append, ready=True, failure=None)
    monkeypatch.setattr(handles, "jobs", lambda: jobs)
    st.cache_resource.clear()
    yield ids
    st.cache_resource.clear()


@pytest.fixture
def datasets(monkeypatch: pytest.MonkeyPatch) -> dict[str, DatasetState]:
    """What the library says of each dataset; starting one is only noted."""
    states = dict.fromkeys(DATASETS, READY)
    monkeypatch.setattr(DatasetLibrary, "state", lambda self, name: states[name])
    monkeypatch.setattr(DatasetLibrary, "start", lambda self, name, **_: None)
    return states


@pytest.fixture
def store(home: Path) -> RunStore:
    """The store that the page will open."""
    return RunStore.from_settings(get_settings())


@pytest.fixture
def open_page(home: Path, submitted: list[str], datasets: dict[str, DatasetState]) -> Callable[..., AppTest]:
    """Return a function that opens the page as the browser `MINE` sees it."""

    def open_with(**query: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        app.session_state[state.WORKSPACE] = MINE
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return open_with


def texts(elements: Any) -> str:
    return "\n".join(str(element.value) for element in elements)


def test_the_first_visit_says_what_to_do(open_page: Callable[..., AppTest]) -> None:
    app = open_page()
    assert "Press **▶ Train**" in texts(app.info)
    assert not app.button(key="train").disabled


def test_each_recipe_fills_the_form_and_trains(
    open_page: Callable[..., AppTest], submitted: list[str], store: RunStore
) -> None:
    for recipe in RECIPES.values():
        app = open_page()
        app.button(key=f"recipe_{recipe.name}").click().run()
        assert recipe.lesson in texts(app.markdown)
        assert f"{recipe.config.parameters:,} weights" in texts(app.header)
        app.button(key="train").click().run()
        run = store.get(submitted[-1])
        assert (run.config, run.recipe, run.workspace) == (recipe.config, recipe.name, MINE)
        assert "place 1" in texts(app.info)
        store.ask(run.id, Request.STOP)


def test_every_setting_of_a_link_reaches_the_run(
    open_page: Callable[..., AppTest], submitted: list[str], store: RunStore
) -> None:
    wanted = TrainingConfig.build(
        {
            "dataset": "pen-strokes",
            "hidden_layers": [{"units": 7, "activation": "elu", "dropout": 0.3}],
            "optimizer": "sgd",
            "learning_rate": 0.05,
            "momentum": 0.4,
            "l2": 0.001,
            "epochs": 3,
            "batch_size": 17,
            "validation_split": 0.25,
            "label_encoding": "one-hot",
            "input_form": "flat",
            "seed": 99,
            "learning_rate_schedule": "cosine",
            "warm_up_epochs": 1.5,
            "gradient_clipping": 2.5,
            "batch_normalization": True,
            "initializer": "he",
            "early_stopping": "accuracy",
            "patience": 4,
            "restore_best": False,
            "stop_at_accuracy": 0.975,
            "l1": 0.0002,
            "label_smoothing": 0.1,
            "label_noise": 0.15,
            "training_fraction": 0.3,
            "augmentation_shift": 1.5,
            "augmentation_rotation": 20.0,
            "augmentation_scale": 0.15,
            "augmentation_shear": 0.35,
            "augmentation_elastic": 0.75,
        }
    )
    app = open_page(**to_query(wanted))
    assert not app.warning
    app.button(key="train").click().run()
    assert store.get(submitted[0]).config == wanted
    assert dict(app.query_params) == to_query(wanted) | {"run": submitted[0]}


# Every widget of the two groups of further settings, and a value that is not its default.
SECTIONS = (
    "Optimizer and first weights",
    "Against learning by heart",
    "Distort the images",
    "Data and chance",
)
FURTHER: dict[str, tuple[str, Any]] = {
    "learning_rate_schedule": ("selectbox", "step"),
    "warm_up_epochs": ("text_input", "2.0"),
    "gradient_clipping": ("text_input", "1.0"),
    "initializer": ("selectbox", "wide"),
    "batch_normalization": ("toggle", True),
    "stop_at_accuracy": ("text_input", "0.9"),
    "l1": ("text_input", "0.001"),
    "label_smoothing": ("slider", 0.2),
    "label_noise": ("slider", 0.4),
    "training_fraction": ("text_input", "0.5"),
    "early_stopping": ("selectbox", "loss"),
    "patience": ("number_input", 7),
    "restore_best": ("toggle", False),
}


def test_every_further_widget_is_explained_and_reaches_the_run(
    open_page: Callable[..., AppTest], submitted: list[str], store: RunStore
) -> None:
    app = open_page()
    for name, (kind, value) in FURTHER.items():
        widget = next(one for one in app.get(kind) if one.key == state.setting(name))
        assert widget.help
        assert widget.help.endswith(".")
        widget.set_value(value).run()
        assert not app.exception
        assert app.query_params[name] == (str(value).lower() if isinstance(value, bool) else str(value))
    app.button(key="train").click().run()
    config = store.get(submitted[0]).config
    assert {name: getattr(config, name) for name in FURTHER} == {
        name: float(value) if kind == "text_input" else value for name, (kind, value) in FURTHER.items()
    }
    # Switched off, its patience is forgotten: equal runs look equal. Switched on, it has its default.
    stopping = app.selectbox(key=state.setting("early_stopping"))
    stopping.set_value("off").run()
    assert {"patience", "restore_best"}.isdisjoint(dict(app.query_params))
    app.selectbox(key=state.setting("early_stopping")).set_value("accuracy").run()
    assert app.number_input(key=state.setting("patience")).value == TrainingConfig().patience
    assert app.toggle(key=state.setting("restore_best")).value is True


def test_a_setting_that_was_away_comes_back_with_its_usual_value(open_page: Callable[..., AppTest]) -> None:
    app = open_page(optimizer="sgd", momentum="0.5")
    optimizer = state.setting("optimizer")
    assert app.slider(key=state.setting("momentum")).value == 0.5
    app.selectbox(key=optimizer).set_value("adam").run()
    assert "momentum" not in app.query_params
    app.selectbox(key=optimizer).set_value("sgd").run()
    assert app.slider(key=state.setting("momentum")).value == TrainingConfig().momentum


def test_a_folded_section_tells_that_something_in_it_was_changed(open_page: Callable[..., AppTest]) -> None:
    learning, overfitting, augmentation, data = SECTIONS
    app = open_page(l2="0.001")
    _gallery, *titles = [section.label for section in app.expander]
    assert titles == [learning, f"{overfitting} · 1 changed: l2 penalty 0.001", augmentation, data]
    app.text_input(key=state.setting("l2")).set_value("0").run()
    app.number_input(key=state.setting("seed")).set_value(3).run()
    _gallery, *titles = [section.label for section in app.expander]
    assert titles == [learning, overfitting, augmentation, f"{data} · 1 changed: seed 3"]


def test_stopping_early_without_validation_images_is_refused_in_words(
    open_page: Callable[..., AppTest],
) -> None:
    app = open_page(validation_split="0.0")
    app.selectbox(key=state.setting("early_stopping")).set_value("loss").run()
    assert "the validation split is 0" in texts(app.error)
    assert app.button(key="train").disabled
    app.slider(key=state.setting("validation_split")).set_value(0.1).run()
    assert not app.button(key="train").disabled


def test_a_run_that_stopped_early_says_so(open_page: Callable[..., AppTest], store: RunStore) -> None:
    run = store.create(TrainingConfig(), workspace=MINE)
    store.claim(run.id, "worker")
    holding(store, run.id, "worker").finish(
        RunStatus.FINISHED,
        test_accuracy=0.9,
        test_loss=0.3,
        message="Stopped early at epoch 4: enough.",
    )
    assert "Stopped early at epoch 4: enough." in texts(open_page().caption)


def test_a_changed_widget_changes_the_address_and_the_summary(open_page: Callable[..., AppTest]) -> None:
    app = open_page()
    app.number_input(key=state.LAYER_COUNT).set_value(0).run()
    assert "7,850 weights" in texts(app.header)
    assert app.query_params["hidden_layers"] == "none"


def test_bad_values_of_a_link_are_told_and_left_out(open_page: Callable[..., AppTest]) -> None:
    app = open_page(epochs="9999", hidden_layers="5000-relu", dataset="cats", colour="red", seed="7")
    told = texts(app.warning)
    for part in ("“9999”", "at most 200", "“5000”", "2,048", "“cats”", "“colour”"):
        assert part in told
    assert app.number_input(key=state.setting("epochs")).value == TrainingConfig().epochs
    assert app.number_input(key=state.setting("seed")).value == 7


def test_a_network_too_large_for_the_server_is_refused_with_the_bound(
    monkeypatch: pytest.MonkeyPatch, open_page: Callable[..., AppTest]
) -> None:
    monkeypatch.setenv("DIGITLAB_MAX_PARAMETERS", "100000")
    get_settings.cache_clear()
    app = open_page()
    assert "118,282 parameters; this server allows 100,000" in texts(app.error)
    assert app.button(key="train").disabled


def test_no_more_runs_at_a_time_than_the_server_allows(
    monkeypatch: pytest.MonkeyPatch, open_page: Callable[..., AppTest], store: RunStore
) -> None:
    monkeypatch.setenv("DIGITLAB_MAX_WAITING_SECONDS_PER_WORKSPACE", "5")
    get_settings.cache_clear()
    run = store.create(TrainingConfig(), workspace=MINE)
    app = open_page()
    assert "this server allows 5 s a browser" in texts(app.error)
    assert app.button(key="train").disabled
    app.button(key=f"stop_{run.id}").click().run()
    assert store.get(run.id).status is RunStatus.STOPPED
    assert not app.run().button(key="train").disabled


def test_before_the_press_the_page_says_what_a_run_takes_and_what_is_before_it(
    open_page: Callable[..., AppTest], store: RunStore
) -> None:
    app = open_page()
    (told,) = (caption.value for caption in app.caption if "Takes about" in caption.value)
    assert "before it" not in told
    assert told.startswith("118,282 weights, 473 KB. Takes about")
    store.create(TrainingConfig(), workspace="b" * 24)
    store.claim(store.create(TrainingConfig(), workspace="c" * 24).id, "worker")
    (told,) = (caption.value for caption in app.run().caption if "Takes about" in caption.value)
    assert "2 runs are before it" in told


def test_without_network_there_is_a_retry_and_pen_strokes(
    open_page: Callable[..., AppTest], datasets: dict[str, DatasetState], submitted: list[str]
) -> None:
    app = open_page()
    datasets["mnist"] = DatasetState("unavailable", 0.0, "MNIST could not be downloaded.")
    app.run()
    assert "MNIST could not be downloaded." in texts(app.warning)
    assert app.button(key="train").disabled
    assert app.button(key="retry_mnist").label == "Try again"
    app.button(key="use_fallback").click().run()
    assert not app.button(key="train").disabled
    app.button(key="train").click().run()
    assert len(submitted) == 1
    # A new visitor starts where work is possible.
    newcomer = open_page()
    assert newcomer.selectbox(key=state.DATASET).value == "pen-strokes"
    assert "MNIST could not be downloaded." in texts(newcomer.warning)
    assert not newcomer.button(key="train").disabled
    datasets["mnist"] = DatasetState("preparing", 0.1, "Downloading MNIST.")
    newcomer.button(key="retry_mnist").click().run()
    assert newcomer.selectbox(key=state.DATASET).value == "mnist"


def test_a_running_run_shows_its_numbers_and_can_be_stopped(
    open_page: Callable[..., AppTest], store: RunStore
) -> None:
    run = store.create(TrainingConfig(), workspace=MINE)
    store.claim(run.id, "worker")
    points = [
        CurvePoint(1_500, 1.0, 0.25, 0.925, "training"),
        CurvePoint(1_500, 1.0, 0.3, 0.91, "validation"),
    ]
    holding(store, run.id, "worker").record(points, Progress(2, 10, 1_350, 61_234.0, 75.0))
    app = open_page()
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown == {
        "Epoch": "2 / 5",
        "Step": "10 / 1,350",
        "Loss": "0.2500",
        "Accuracy": "92.50 %",
        "Validation loss": "0.3000",
        "Validation accuracy": "91.00 %",
        "Images/s": "61,234",
        "Time left": "1 min 15 s",
    }
    assert any(text.value.endswith("back to the epochs that are kept of it.") for text in app.caption)
    app.button(key=f"stop_{run.id}").click().run()
    assert store.get(run.id).request is Request.STOP


def test_a_failed_run_is_explained(open_page: Callable[..., AppTest], store: RunStore) -> None:
    run = store.create(TrainingConfig(), workspace=MINE)
    store.claim(run.id, "worker")
    holding(store, run.id, "worker").finish(RunStatus.FAILED, message="The training diverged. Try 0.001.")
    assert "The training diverged. Try 0.001." in texts(open_page().error)


def test_another_browsers_runs_are_not_shown(open_page: Callable[..., AppTest], store: RunStore) -> None:
    store.create(TrainingConfig(), workspace="b" * 24)
    assert "Press **▶ Train**" in texts(open_page().info)


def test_the_form_survives_a_visit_to_another_page(open_page: Callable[..., AppTest]) -> None:
    app = open_page()
    app.number_input(key=state.setting("batch_size")).set_value(77).run()
    app.switch_page("pages/evaluate.py").run()
    app.switch_page("pages/train.py").run()
    assert app.number_input(key=state.setting("batch_size")).value == 77
