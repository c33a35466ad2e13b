"""What a duel may be about: the settings of A that count, and another value to begin with."""

from typing import Any

from core.config import HiddenLayer, TrainingConfig, bounds_of, counts
from core.config.variation import LAYERS
from core.config.words import TITLES
from core.experiments.duel import OFFERED, value_of
from core.sentences import say
from pages.parts.shared.fields import FIELDS, LAYER

FIELD_OF = {one.name: one for one in (*FIELDS, *LAYER)}
TITLE_OF = {name: TITLES.get(name, say("Number of hidden layers")) for name in OFFERED}
# Numbers that are worth a try where the setting is off, or at its usual value.
_WORTH_A_TRY: dict[str, float] = {
    "dropout": 0.2,
    "momentum": 0.5,
    "weight_decay": 0.05,
    "l1": 0.00001,
    "l2": 0.0001,
    "validation_split": 0.3,
    "warm_up_epochs": 1.0,
    "gradient_clipping": 1.0,
    "patience": 1,
    "stop_at_accuracy": 0.95,
    "label_smoothing": 0.1,
    "label_noise": 0.2,
    "training_fraction": 0.1,
    "augmentation_shift": 2.0,
    "augmentation_rotation": 10.0,
    "augmentation_scale": 0.1,
    "augmentation_shear": 0.1,
    "augmentation_elastic": 1.0,
    "drawings_share": 0.4,
}
# By what these are multiplied, or divided where that would be too much.
_FACTORS = {"learning_rate": (10, 0.1), "batch_size": (4, 512), "epochs": (2, 20), "units": (4, 256)}


def offered(config: TrainingConfig) -> list[str]:
    """Return the settings in which B may differ from this A: those that count beside the others."""
    values = dict(config)
    return [
        name
        for name in OFFERED
        if counts(name, values) and (name not in HiddenLayer.model_fields or config.hidden_layers)
    ]


def another_value(config: TrainingConfig, name: str) -> Any:
    """Return a value of a setting, other than that of A, to begin with."""
    now = value_of(config, name)
    if isinstance(now, bool):
        return not now
    if isinstance(now, str):
        options = FIELD_OF[name].options
        return options[(options.index(now) + 1) % len(options)]
    if name == LAYERS:
        return now + 1 if now < bounds_of("hidden_layers").highest else now - 1
    if name in _FACTORS:
        factor, most = _FACTORS[name]
        other = now * factor if now * factor <= most else now / factor
        return max(1, int(other)) if isinstance(now, int) else float(f"{other:.6g}")
    worth = _WORTH_A_TRY[name]
    return FIELD_OF[name].usual if now == worth else worth
