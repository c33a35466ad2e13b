"""The one description of a training run, and what goes with it."""

from core.config.bounds import bounds_of, problem_with_value
from core.config.images import CLASS_COUNT, IMAGE_SHAPE, INK_CENTRE, INK_SIDE
from core.config.layers import ACTIVATIONS, Activation, HiddenLayer
from core.config.link import OTHER_PARAMETERS, changed, from_query, to_query
from core.config.training import (
    DATASETS,
    DRAWINGS,
    EARLY_STOPPINGS,
    INITIALIZERS,
    INPUT_FORMS,
    LABEL_ENCODINGS,
    MAX_EPOCHS,
    MAX_SEED,
    OPTIMIZERS,
    RISING_FROM,
    SCHEDULES,
    DatasetName,
    DrawingsChoice,
    InputForm,
    TrainingConfig,
    counts,
)
from core.config.words import WORDS

__all__ = [
    "ACTIVATIONS",
    "CLASS_COUNT",
    "DATASETS",
    "DRAWINGS",
    "EARLY_STOPPINGS",
    "IMAGE_SHAPE",
    "INITIALIZERS",
    "INK_CENTRE",
    "INK_SIDE",
    "INPUT_FORMS",
    "LABEL_ENCODINGS",
    "MAX_EPOCHS",
    "MAX_SEED",
    "OPTIMIZERS",
    "OTHER_PARAMETERS",
    "RISING_FROM",
    "SCHEDULES",
    "WORDS",
    "Activation",
    "DatasetName",
    "DrawingsChoice",
    "HiddenLayer",
    "InputForm",
    "TrainingConfig",
    "bounds_of",
    "changed",
    "counts",
    "from_query",
    "problem_with_value",
    "to_query",
]
