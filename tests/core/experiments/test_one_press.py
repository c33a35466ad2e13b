"""Studies as plans: what each varies, and what its runs measured."""

import pytest

from core.config import MAX_SEED, HiddenLayer, TrainingConfig
from core.errors import ConfigError
from core.experiments.one_press import (
    STUDIES,
    TOP_RATE,
    Study,
    base_of,
    measured,
    reached,
    study_plan,
    value_of,
)
from core.experiments.plans import FixedPlan
from core.store import RunStatus, Score
from tests.support.run_samples import a_run

BASE = TrainingConfig(epochs=2, seed=7, training_fraction=0.5, hidden_layers=(HiddenLayer(units=32),))


def configs(study: Study, base: TrainingConfig = BASE, seeds: int = 1) -> list[TrainingConfig]:
    return [trial.config for trial in study_plan(study, base, seeds).trials]


@pytest.mark.parametrize("study", STUDIES)
def test_a_plan_comes_back_from_its_text_and_has_no_label_twice(study: Study) -> None:
    plan = study_plan(study, BASE, 2)
    assert FixedPlan.from_json(plan.to_json()) == plan
    labels = [trial.label for trial in plan.trials]
    assert len(set(labels)) == len(labels)
    assert (plan.kind, base_of(plan)) == (study, BASE)


def test_the_rate_rises_once_whatever_the_settings_say() -> None:
    base = BASE.model_copy(update={"early_stopping": "loss", "warm_up_epochs": 1.0, "epochs": 100})
    (config,) = configs("learning-rate", base, seeds=3)
    assert (config.learning_rate_schedule, config.learning_rate, config.epochs) == ("rising", TOP_RATE, 3)
    assert (config.early_stopping, config.warm_up_epochs, config.seed) == ("off", 0, 7)
    assert config.hidden_layers == BASE.hidden_layers


def test_batch_sizes_are_powers_of_two_and_that_of_the_settings() -> None:
    found = configs("batch-size", seeds=2)
    sizes = [8, 16, 32, 40, 64, 128, 256, 512, 1_024]
    assert [(config.seed, config.batch_size) for config in found] == [
        (seed, size) for seed in (7, 8) for size in sizes
    ]
    assert {config.model_copy(update={"batch_size": 1, "seed": 0}) for config in found} == {
        BASE.model_copy(update={"batch_size": 1, "seed": 0})
    }


def test_shapes_are_all_widths_by_all_depths_with_the_layers_own_activation() -> None:
    base = BASE.model_copy(update={"hidden_layers": (HiddenLayer(units=10, activation="tanh", dropout=0.1),)})
    found = configs("width-depth", base)
    assert len({(len(config.hidden_layers), config.hidden_layers[0].units) for config in found}) == 24
    layers = {(layer.activation, layer.dropout) for config in found for layer in config.hidden_layers}
    assert layers == {("tanh", 0.1)}
    with pytest.raises(ConfigError, match="no hidden layer to vary"):
        study_plan("width-depth", BASE.model_copy(update={"hidden_layers": ()}))


def test_less_data_is_learnt_for_as_many_steps() -> None:
    found = configs("data-amount")
    assert [config.training_fraction for config in found][-2:] == [0.25, 0.5]
    steps = [config.training_fraction * config.epochs for config in found]
    assert steps[-4:] == pytest.approx([1.0] * 4)  # 0.05 to 0.5 of the images
    assert max(config.epochs for config in found) == 40
    assert value_of("data-amount", found[-1], 60_000) == 27_000


def test_a_study_keeps_images_aside_to_measure_with_and_its_seeds_are_seeds() -> None:
    base = BASE.model_copy(update={"validation_split": 0.0, "seed": MAX_SEED})
    found = configs("data-amount", base, seeds=2)
    assert {config.validation_split for config in found} == {0.1}
    assert {config.seed for config in found} == {0, 1}
    for seeds in (0, 6):
        with pytest.raises(ConfigError, match="1 to 5 seeds"):
            study_plan("batch-size", BASE, seeds)


def test_only_what_has_finished_counts() -> None:
    runs = [
        a_run(1, config=BASE.model_dump(), status=status, train_seconds=3.0)
        for status in (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.RUNNING)
    ]
    scores = {runs[0].id: (Score(1.0, 0.5), Score(2.0, 0.9))}
    assert [reached(run, scores) for run in runs] == [0.9, None, None]
    (first, *_) = measured("batch-size", runs, scores, {}, 60_000)
    assert (first.value, first.accuracy, first.training, first.seconds) == (40, 0.9, None, 3.0)
