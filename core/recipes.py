"""Named configurations, each one click: networks that people start with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.config import Activation, DatasetName, HiddenLayer, TrainingConfig, changed
from core.errors import ConfigError
from core.sentences import say


@dataclass(frozen=True)
class Try:
    """What to try after a recipe: a question, and the one setting to change, as an address has it."""

    question: str
    change: Mapping[str, str]


@dataclass(frozen=True)
class Recipe:
    """A configuration with its name on the command line, a title, a lesson, and what to try next."""

    name: str
    title: str
    lesson: str
    config: TrainingConfig
    next: Try

    @property
    def next_config(self) -> TrainingConfig:
        """The configuration to try next."""
        return changed(self.config, self.next.change)

    @property
    def is_about_its_dataset(self) -> bool:
        """Whether the recipe teaches something that it does not with other images."""
        return self.config.dataset != TrainingConfig().dataset

    def with_dataset(self, dataset: DatasetName) -> TrainingConfig:
        """Return the configuration with another dataset, where it teaches the same with that."""
        if self.is_about_its_dataset:
            return self.config
        return self.config.model_copy(update={"dataset": dataset})


def _relu(*units: int, dropout: float = 0.0) -> tuple[HiddenLayer, ...]:
    return tuple(HiddenLayer(units=count, activation="relu", dropout=dropout) for count in units)


def _alike(activation: Activation, *units: int) -> tuple[HiddenLayer, ...]:
    return tuple(HiddenLayer(units=count, activation=activation) for count in units)


_DISTORTED: dict[str, Any] = {
    "learning_rate_schedule": "cosine",
    "augmentation_shift": 1.5,
    "augmentation_rotation": 10.0,
    "augmentation_scale": 0.1,
    "augmentation_shear": 0.15,
    "augmentation_elastic": 0.5,
}

_RECIPES = (
    Recipe(
        "two-dense",
        say("First try"),
        say(
            "Five passes over the images are enough to read 97 of 100 digits: see how early the curve bends."
        ),
        TrainingConfig(
            hidden_layers=_relu(512, 512),
            label_encoding="one-hot",
            epochs=5,
            batch_size=128,
            validation_split=0.1,
        ),
        Try(say("Four times as many epochs: does it read better?"), {"epochs": "20"}),
    ),
    Recipe(
        "hundred-epochs",
        say("Watch it overfit"),
        say("Training loss goes to nothing while validation loss turns and climbs: that gap is overfitting."),
        TrainingConfig(hidden_layers=_relu(512), epochs=100, batch_size=128, validation_split=0.2),
        Try(
            say("Switch off half of the neurons at each step: does the gap close?"),
            {"hidden_layers": "512-relu-0.5"},
        ),
    ),
    Recipe(
        "two-128",
        say("Small and quick"),
        say("118,282 weights: count them in the table of layers, one by one."),
        TrainingConfig(
            hidden_layers=_relu(128, 128),
            label_encoding="one-hot",
            epochs=5,
            batch_size=40,
            validation_split=0.0,
        ),
        Try(say("Ten times the learning rate: faster, or worse?"), {"learning_rate": "0.01"}),
    ),
    Recipe(
        "pyramid-128-32",
        say("Narrowing"),
        say("A narrowing network with 20 % of the images kept for validation: compare the two curves."),
        TrainingConfig(hidden_layers=_relu(128, 32), epochs=25, batch_size=32, validation_split=0.2),
        Try(say("Eight times as many images a step: quicker, but as good?"), {"batch_size": "256"}),
    ),
    Recipe(
        "flat-one-hot",
        say("Same network, written differently"),
        say(
            "Flattening beforehand and one-hot labels change the writing of the program, not what it learns."
        ),
        TrainingConfig(
            hidden_layers=_relu(128),
            input_form="flat",
            label_encoding="one-hot",
            epochs=5,
            batch_size=128,
            validation_split=0.1,
        ),
        Try(say("Write the labels as numbers: does anything change?"), {"label_encoding": "integer"}),
    ),
    Recipe(
        "dense-99",
        say("99 % right"),
        say("Distorted images and a fading learning rate: this goes on where a hundred plain epochs stall."),
        TrainingConfig(
            hidden_layers=_relu(512, 512, dropout=0.1),
            epochs=20,
            batch_size=128,
            validation_split=0.1,
            **_DISTORTED,
        ),
        Try(say("Do not bend the strokes: how much is lost?"), {"augmentation_elastic": "0"}),
    ),
    Recipe(
        "dense-99-long",
        say("99 % right, twice as long"),
        say(
            "Stronger distortions take longer: training stays harder than validation, so there "
            "is more to learn."
        ),
        TrainingConfig(
            hidden_layers=_relu(512, 512, dropout=0.1),
            epochs=40,
            batch_size=128,
            validation_split=0.1,
            learning_rate_schedule="cosine",
            augmentation_shift=1.5,
            augmentation_rotation=12.0,
            augmentation_scale=0.15,
            augmentation_shear=0.2,
            augmentation_elastic=0.8,
        ),
        Try(
            say("Keep the learning rate as it is: how much did its fading give?"),
            {"learning_rate_schedule": "constant"},
        ),
    ),
    Recipe(
        "reads-your-hand",
        say("Reads your hand"),
        say("Beside MNIST's digits other ways of writing, pens and slants: what was never seen is not read."),
        TrainingConfig(
            dataset="handwriting",
            hidden_layers=_relu(512, 512, dropout=0.1),
            epochs=12,
            batch_size=128,
            validation_split=0.05,
            **_DISTORTED,
        ),
        Try(
            say("Learn from MNIST alone: does it still read your digits on the Draw page?"),
            {"dataset": "mnist"},
        ),
    ),
)

# The gallery of what goes wrong: each shows its failure within seconds, and what the page says of it.
_FAILURES = (
    Recipe(
        "fails-diverging",
        say("Diverging"),
        say("The learning rate climbs with every step: first the network learns, then each step overshoots."),
        TrainingConfig(
            hidden_layers=_alike("elu", 128, 128),
            optimizer="sgd",
            learning_rate=2.0,
            warm_up_epochs=30.0,
            epochs=30,
        ),
        Try(say("Shorten every gradient to 1: does it still run away?"), {"gradient_clipping": "1"}),
    ),
    Recipe(
        "fails-dead-relu",
        say("Dead ReLUs"),
        say("A learning rate a hundred times too high kills nearly all units in the first steps, for good."),
        TrainingConfig(hidden_layers=_relu(128, 128), learning_rate=0.1, epochs=10),
        Try(say("A hundredth of the learning rate: do the units stay alive?"), {"learning_rate": "0.001"}),
    ),
    Recipe(
        "fails-saturation",
        say("Saturation"),
        say("First weights far too wide push tanh to its limits, where it is flat: learning crawls."),
        TrainingConfig(hidden_layers=_alike("tanh", 128, 128, 128), initializer="wide", epochs=10),
        Try(say("Begin with weights that fit tanh: does it learn at once?"), {"initializer": "glorot"}),
    ),
    Recipe(
        "fails-overfitting",
        say("Overfitting"),
        say(
            "A large network and one image in fifty: it knows them all by heart, and reads others no better."
        ),
        TrainingConfig(hidden_layers=_relu(512, 512), training_fraction=0.02, epochs=60, batch_size=20),
        Try(say("Give it all the images: where does the gap go?"), {"training_fraction": "1"}),
    ),
    Recipe(
        "fails-stalled",
        say("Stalled"),
        say("All first weights are zero, so all units stay alike and the loss stays that of guessing."),
        TrainingConfig(hidden_layers=_alike("tanh", 128, 128), initializer="zeros", epochs=10),
        Try(say("Begin with weights that are not all alike: does it wake up?"), {"initializer": "glorot"}),
    ),
)

# Not to start from: what Evaluate and Draw show to those who have no network yet.
READY_MADE = Recipe(
    "ready-made",
    say("Ready-made"),
    say("A small network that has seen forty distorted copies of every image."),
    TrainingConfig(
        dataset="handwriting",
        hidden_layers=_relu(256, 128),
        epochs=40,
        batch_size=128,
        validation_split=0.0,
        **_DISTORTED,
    ),
    Try(say("Four times as many neurons: does it read better?"), {"hidden_layers": "1024-relu,128-relu"}),
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _RECIPES}
FAILURES: dict[str, Recipe] = {recipe.name: recipe for recipe in _FAILURES}


def get_recipe(name: str) -> Recipe:
    """Return the recipe or failure of this name; raise `ConfigError` naming those that exist."""
    try:
        return (RECIPES | FAILURES | {READY_MADE.name: READY_MADE})[name]
    except KeyError:
        known = ", ".join(RECIPES | FAILURES)
        raise ConfigError(
            say("There is no recipe “{name}”. Choose one of: {known}.", name=name, known=known)
        ) from None


def matching_recipe(config: TrainingConfig) -> Recipe | None:
    """Return the recipe or failure with just this configuration, whatever its seed.

    Its dataset may be another as well, unless the recipe is about its dataset.
    """
    sought = config.as_it_counts()
    for recipe in (RECIPES | FAILURES).values():
        alike = recipe.with_dataset(config.dataset).model_copy(update={"seed": config.seed})
        if alike.as_it_counts() == sought:
            return recipe
    return None
