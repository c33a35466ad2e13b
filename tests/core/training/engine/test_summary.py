"""The model summary shown before training, against what Keras builds."""

import keras
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.recipes import RECIPES
from core.training.engine.layers import build_layers
from tests.support.training_samples import small_config

DROPPED = (HiddenLayer(units=30, dropout=0.2), HiddenLayer(units=20), HiddenLayer(units=7, dropout=0.5))

CONFIGS = {
    **{name: recipe.config for name, recipe in RECIPES.items()},
    "no hidden layer": small_config(hidden_layers=()),
    "no hidden layer, flat": small_config(hidden_layers=(), input_form="flat"),
    "dropout": small_config(hidden_layers=DROPPED),
    "dropout, flat": small_config(hidden_layers=DROPPED, input_form="flat"),
    "six layers": small_config(hidden_layers=(HiddenLayer(units=9),) * 6),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_the_summary_is_what_keras_counts(config: TrainingConfig) -> None:
    model = keras.Sequential(build_layers(config, plain=True))
    assert config.parameters == model.count_params()
    # Rescaling is the one layer of Keras that the summary leaves out.
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.Rescaling)]
    rows = config.layer_summaries()
    if config.input_form == "flat":
        assert (rows[0].output_shape, rows[0].parameters) == (model.input_shape[1:], 0)
        rows = rows[1:]
    assert [(row.output_shape, row.parameters) for row in rows] == [
        (layer.output.shape[1:], layer.count_params()) for layer in layers
    ]
    for row, layer in zip(rows, layers, strict=True):
        assert type(layer).__name__ in row.name
