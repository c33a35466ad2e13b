"""The part of the program that builds the network, as `core.training.engine.layers` does."""

from core.config import TrainingConfig

_INITIALIZERS = {
    "glorot": [],
    "he": ['kernel_initializer="he_uniform"'],
    "zeros": ['kernel_initializer="zeros"'],
    # One for each layer: an initializer that is called twice draws the same numbers.
    "wide": ["kernel_initializer=keras.initializers.RandomNormal(stddev=1.0)"],
}
_LONGEST_LINE = 110


def network(config: TrainingConfig) -> str:
    """Return the code that makes `model`."""
    options = [*_INITIALIZERS[config.initializer], *_penalty(config)]
    image = "(28, 28)" if config.input_form == "image" else "(784,)"
    layers = [_call("keras.Input", [image, 'dtype="uint8"']), _call("keras.layers.Rescaling", ["1 / 255"])]
    if config.input_form == "image":
        layers.append(_call("keras.layers.Flatten", []))
    for layer in config.hidden_layers:
        layers.append(_dense(layer.units, layer.activation, options))
        if config.batch_normalization:
            layers.append(_call("keras.layers.BatchNormalization", []))
        if layer.dropout:
            layers.append(_call("keras.layers.Dropout", [repr(layer.dropout)]))
    layers.append(_dense(10, "softmax", options))
    body = "\n".join(layers)
    return (
        "keras.utils.set_random_seed(SEED)\n"
        f"model = keras.Sequential(\n    [\n{body}\n    ]\n)\n"
        "model.summary()"
    )


def _dense(units: int, activation: str, options: list[str]) -> str:
    return _call("keras.layers.Dense", [str(units), f'activation="{activation}"', *options])


def _call(name: str, arguments: list[str]) -> str:
    """Return a line of the list of layers; of a long one the arguments have one of their own, or one each."""
    line = f"        {name}({', '.join(arguments)}),"
    if len(line) <= _LONGEST_LINE:
        return line
    within = f"            {', '.join(arguments)}"
    if len(within) > _LONGEST_LINE:
        within = "\n".join(f"            {argument}," for argument in arguments)
    return f"        {name}(\n{within}\n        ),"


def _penalty(config: TrainingConfig) -> list[str]:
    if config.l1:
        return [f"kernel_regularizer=keras.regularizers.L1L2({config.l1!r}, {config.l2!r})"]
    return [f"kernel_regularizer=keras.regularizers.L2({config.l2!r})"] if config.l2 else []
