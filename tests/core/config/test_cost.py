"""What a run is estimated to cost, and what is refused."""

import pytest

from core.config import HiddenLayer, TrainingConfig
from core.config.cost import check_cost, estimated_memory, estimated_seconds, in_words, step_seconds
from core.errors import LimitExceeded
from core.recipes import FAILURES, RECIPES, get_recipe
from core.settings import Settings

LARGE = (HiddenLayer(units=2048), HiddenLayer(units=1500))


# Seconds from taking the run to its test figures with two quiet cores, as README's table had them.
@pytest.mark.parametrize(
    ("recipe", "measured"),
    [
        ("two-128", 3.7),
        ("pyramid-128-32", 12.5),
        ("hundred-epochs", 85),
        ("dense-99", 38),
        ("dense-99-long", 68),
    ],
)
def test_estimates_are_right_within_a_factor_of_two(recipe: str, measured: float) -> None:
    assert measured / 2 < estimated_seconds(get_recipe(recipe).config) < 2 * measured


def test_every_recipe_and_the_largest_batch_are_within_the_limits() -> None:
    limits = Settings()
    for recipe in (RECIPES | FAILURES).values():
        check_cost(recipe.config, max_seconds=limits.max_run_seconds, max_bytes=limits.max_run_bytes)
    config = TrainingConfig(hidden_layers=LARGE, batch_size=4096, epochs=5)
    check_cost(config, max_seconds=limits.max_run_seconds, max_bytes=limits.max_run_bytes)


def test_a_slower_machine_takes_longer_in_proportion() -> None:
    config = TrainingConfig()
    assert estimated_seconds(config, speed=0.5) == pytest.approx(2 * estimated_seconds(config))


@pytest.mark.parametrize(
    "more",
    [
        {"epochs": 10},
        {"batch_size": 20},
        {"hidden_layers": LARGE},
        {"validation_split": 0.0},
        {"augmentation_rotation": 10.0},
        {"augmentation_elastic": 1.0},
    ],
)
def test_what_is_more_work_costs_more(more: dict[str, object]) -> None:
    config = TrainingConfig()
    assert estimated_seconds(config.model_copy(update=more)) > estimated_seconds(config)


def test_a_batch_larger_than_the_images_costs_no_more_than_they_do() -> None:
    config = TrainingConfig(batch_size=4096)
    assert step_seconds(config, 100) == step_seconds(config.model_copy(update={"batch_size": 100}), 100)


@pytest.mark.parametrize("epochs", [20, 200])
def test_a_refusal_names_the_time_the_limit_and_what_would_do(epochs: int) -> None:
    config = TrainingConfig(hidden_layers=LARGE, batch_size=8, epochs=epochs)
    seconds = estimated_seconds(config)
    limit = 0.4 * seconds
    with pytest.raises(LimitExceeded) as refusal:
        check_cost(config, max_seconds=limit, max_bytes=10**12)
    sentence = str(refusal.value)
    assert (
        f"would take about {in_words(seconds)}; this server allows {in_words(limit)} for a run." in sentence
    )
    # What it proposes fits, and one step less does not.
    most = int(sentence.split("at most ")[1].split(" epoch")[0])
    least = int(sentence.split("batch size of at least ")[1].split(" ")[0])
    assert estimated_seconds(config.model_copy(update={"epochs": most})) <= limit
    assert estimated_seconds(config.model_copy(update={"epochs": most + 1})) > limit
    assert estimated_seconds(config.model_copy(update={"batch_size": least})) <= limit
    assert estimated_seconds(config.model_copy(update={"batch_size": least // 2})) > limit


def test_what_cannot_help_is_not_proposed() -> None:
    config = TrainingConfig(hidden_layers=LARGE, batch_size=1, epochs=1)
    with pytest.raises(LimitExceeded, match=r"Take a smaller network\.$"):
        check_cost(config, max_seconds=3, max_bytes=10**12)


def test_memory_is_bounded_with_what_to_change() -> None:
    config = TrainingConfig(hidden_layers=LARGE, batch_size=4096)
    needed = estimated_memory(config)
    assert needed > 6 * 4 * config.parameters
    with pytest.raises(LimitExceeded, match=r"MB of memory; this server allows 100 MB .* smaller batch size"):
        check_cost(config, max_seconds=1e9, max_bytes=100_000_000)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (4.4, "4 s"), (12.3, "12 s"), (900, "15 min 00 s"), (17_640, "4 h 54 min")],
)
def test_durations_are_no_more_exact_than_estimates_are(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
