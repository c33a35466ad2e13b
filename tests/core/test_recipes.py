"""The recipes: names that others rely on, and the networks that they promise."""

import pytest

from core.config import TrainingConfig
from core.config.differences import differences
from core.data.catalog import CATALOG
from core.errors import ConfigError
from core.recipes import FAILURES, READY_MADE, RECIPES, Recipe, get_recipe, matching_recipe
from core.settings import Settings


def units(config: TrainingConfig) -> list[int]:
    return [layer.units for layer in config.hidden_layers]


def test_the_published_names_stay_as_they_are() -> None:
    # A contract: links, scripts and stored runs of others say these words.
    assert list(RECIPES) == [
        "two-dense",
        "hundred-epochs",
        "two-128",
        "pyramid-128-32",
        "flat-one-hot",
        "dense-99",
        "dense-99-long",
        "reads-your-hand",
    ]
    assert list(FAILURES) == [
        "fails-diverging",
        "fails-dead-relu",
        "fails-saturation",
        "fails-overfitting",
        "fails-stalled",
    ]
    assert all(get_recipe(name).name == name for name in RECIPES | FAILURES)


def test_two_dense_relu_layers_adam_one_hot_five_epochs() -> None:
    config = get_recipe("two-dense").config
    assert len(config.hidden_layers) == 2
    assert {layer.activation for layer in config.hidden_layers} == {"relu"}
    assert (config.optimizer, config.label_encoding, config.epochs) == ("adam", "one-hot", 5)


def test_one_hidden_layer_of_512_for_a_hundred_epochs_with_validation() -> None:
    config = get_recipe("hundred-epochs").config
    assert units(config) == [512]
    assert config.epochs == 100
    assert config.validation_split > 0


def test_128_128_in_batches_of_40_has_118_282_parameters() -> None:
    config = get_recipe("two-128").config
    assert units(config) == [128, 128]
    assert (config.batch_size, config.epochs, config.label_encoding) == (40, 5, "one-hot")
    assert config.parameters == 118_282
    assert "118,282" in get_recipe("two-128").lesson


def test_128_32_for_25_epochs_with_a_fifth_for_validation_and_integer_labels() -> None:
    config = get_recipe("pyramid-128-32").config
    assert units(config) == [128, 32]
    assert (config.epochs, config.validation_split, config.label_encoding) == (25, 0.2, "integer")


def test_images_flattened_beforehand_one_hot_one_layer_of_128() -> None:
    config = get_recipe("flat-one-hot").config
    assert units(config) == [128]
    assert (config.input_form, config.label_encoding) == ("flat", "one-hot")
    # The only one: the others show the Flatten layer.
    assert [name for name, recipe in RECIPES.items() if recipe.config.input_form == "flat"] == [
        "flat-one-hot"
    ]


@pytest.mark.parametrize("name", ["dense-99", "dense-99-long", "reads-your-hand"])
def test_99_percent_take_dense_layers_distorted_images_and_a_fading_rate(name: str) -> None:
    config = get_recipe(name).config
    assert units(config) == [512, 512]
    assert config.augments
    assert config.learning_rate_schedule == "cosine"
    assert config.validation_split > 0


@pytest.mark.parametrize("name", RECIPES | FAILURES)
def test_each_recipe_learns_digits_within_the_limits_and_says_what_it_teaches(name: str) -> None:
    recipe = get_recipe(name)
    assert recipe.config.dataset == ("handwriting" if name == "reads-your-hand" else "mnist")
    assert recipe.title
    assert 20 < len(recipe.lesson) <= 110  # a line
    assert recipe.lesson.endswith(".")
    limits = Settings()
    recipe.config.check_limits(
        max_parameters=limits.max_parameters,
        max_epochs=limits.max_epochs,
        max_image_passes=limits.max_image_passes,
        training_images=CATALOG[recipe.config.dataset].train_count,
    )


def test_a_recipe_about_its_dataset_is_known_with_that_alone() -> None:
    recipe = get_recipe("reads-your-hand")
    assert recipe.is_about_its_dataset
    assert matching_recipe(recipe.config) is recipe
    assert recipe.with_dataset("pen-strokes") == recipe.config
    assert matching_recipe(recipe.config.model_copy(update={"dataset": "mnist"})) is None
    other = get_recipe("dense-99")
    assert not other.is_about_its_dataset
    assert matching_recipe(other.with_dataset("handwriting")) is other


def test_an_unknown_recipe_names_those_that_exist() -> None:
    with pytest.raises(ConfigError) as refusal:
        get_recipe("two-129")
    assert "“two-129”" in str(refusal.value)
    assert all(name in str(refusal.value) for name in RECIPES | FAILURES)


@pytest.mark.parametrize(
    "recipe", [*RECIPES.values(), *FAILURES.values(), READY_MADE], ids=lambda one: one.name
)
def test_what_to_try_next_changes_one_setting(recipe: Recipe) -> None:
    assert len(differences(recipe.next_config, recipe.config)) == 1
    assert recipe.next.question.endswith("?")
    assert matching_recipe(recipe.next_config) is None
