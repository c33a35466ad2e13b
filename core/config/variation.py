"""Other values of some settings: what hidden layers have in common is varied together."""

from collections.abc import Mapping
from typing import Any

from core.config.layers import HiddenLayer
from core.config.training import TrainingConfig

# The number of hidden layers; every other name is a setting's.
LAYERS = "layers"
OF_LAYERS = frozenset(HiddenLayer.model_fields)


def with_settings(config: TrainingConfig, values: Mapping[str, Any]) -> TrainingConfig:
    """Return the configuration with other values: of its settings, of all its layers, or so many layers.

    A layer that it has not is like its last one.

    Raises
    ------
    ConfigError
        If these values cannot be had together.
    """
    layers = list(config.hidden_layers)
    count = int(values.get(LAYERS, len(layers)))
    more = layers[-1] if layers else HiddenLayer()
    layers = [*layers, *[more] * count][:count]
    of_layers = {name: value for name, value in values.items() if name in OF_LAYERS}
    changed = {name: value for name, value in values.items() if name not in (LAYERS, *OF_LAYERS)}
    changed["hidden_layers"] = [layer.model_dump() | of_layers for layer in layers]
    return TrainingConfig.build(config.model_dump() | changed)
