"""The part of the program that trains: optimizer and loss, learning rate, stopping early."""

from core.config import TrainingConfig
from core.take_home.program.images import uses_one_hot

_OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW"}
# What is left of the rate, `way` of the way behind the warm-up: see `core.training.engine.rates`.
_SHARES = {
    "step": "(1.0 if way < 0.5 else 0.1 if way < 0.75 else 0.01)",
    "exponential": "0.01**way",
    "cosine": "(1 + math.cos(math.pi * way)) / 2",
    "rising": "1e-7 ** (1 - way)",
}
_RATE_CALLBACK = '''

class LearningRate(keras.callbacks.Callback):
    """Gives each step its learning rate."""

    step = 0

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = learning_rate(self.step)
        self.step += 1'''
_STOP_AT = '''\
class StopAtAccuracy(keras.callbacks.Callback):
    """Ends the training after the epoch that is good enough."""

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_accuracy"] >= {wanted!r}:
            self.model.stop_training = True{keep}'''
# What is good enough is not given back for an earlier epoch.
_KEEP = "\n            early_stopping.restore_best_weights = False  # this one is good enough"


def has_own_loss(config: TrainingConfig) -> bool:
    """Tell whether what is learnt by is more than the cross-entropy, which then is a figure of its own."""
    return bool(config.l1 or config.l2 or config.label_smoothing)


def compile_network(config: TrainingConfig) -> str:
    """Return the code that compiles `model`."""
    options = [f"learning_rate={config.learning_rate!r}"]
    if config.optimizer == "sgd" and config.momentum:
        options.append(f"momentum={config.momentum!r}")
    if config.optimizer == "adamw":
        options.append(f"weight_decay={config.weight_decay!r}")
    if config.gradient_clipping:
        options.append(f"global_clipnorm={config.gradient_clipping!r}")
    kind = "Categorical" if uses_one_hot(config) else "SparseCategorical"
    smoothing = f"label_smoothing={config.label_smoothing!r}" if config.label_smoothing else ""
    metrics = ['"accuracy"']
    if has_own_loss(config):
        metrics.append(f'keras.metrics.{kind}Crossentropy(name="cross_entropy")')
    optimizer = f"    optimizer=keras.optimizers.{_OPTIMIZERS[config.optimizer]}({', '.join(options)}),"
    if len(optimizer) > 110:
        within = f"(\n        {', '.join(options)}\n    ),"
        optimizer = f"    optimizer=keras.optimizers.{_OPTIMIZERS[config.optimizer]}{within}"
    return (
        f"model.compile(\n{optimizer}\n"
        f"    loss=keras.losses.{kind}Crossentropy({smoothing}),\n"
        f"    metrics=[{', '.join(metrics)}],\n"
        ")"
    )


def learning_rate(config: TrainingConfig) -> str:
    """Return the code of a rate that changes, nothing for one that stays."""
    has_schedule = config.learning_rate_schedule != "constant"
    if not has_schedule and not config.warm_up_epochs:
        return ""
    rate = repr(config.learning_rate)
    lines = [f"STEPS_AN_EPOCH = math.ceil(len(x) / {config.batch_size})", "STEPS = EPOCHS * STEPS_AN_EPOCH"]
    body = []
    begun = "step"
    rest = "STEPS"
    if config.warm_up_epochs:
        lines.append(f"WARM_UP = min({config.warm_up_epochs!r}, EPOCHS) * STEPS_AN_EPOCH")
        body += [
            "    if step < WARM_UP:",
            f"        return {rate} * min(1.0, (step + 1) / WARM_UP)",
        ]
        begun, rest = "(step - WARM_UP)", "(STEPS - WARM_UP)"
    if has_schedule:
        body += [
            f"    way = {begun} / {rest}  # from 0 to 1",
            f"    return {rate} * {_SHARES[config.learning_rate_schedule]}",
        ]
    else:
        body.append(f"    return {rate}")
    head = ["", "", "def learning_rate(step):", '    """Return the rate of a step, counted from 0."""']
    return "\n".join([*lines, *head, *body, _RATE_CALLBACK])


def stopping(config: TrainingConfig) -> str:
    """Return the code of what ends the training early, nothing where nothing does."""
    parts = []
    is_early = config.early_stopping != "off"
    if is_early:
        # Not the loss, where that is more than the cross-entropy.
        of_loss = "cross_entropy" if has_own_loss(config) else "loss"
        monitor, mode = (of_loss, "min") if config.early_stopping == "loss" else ("accuracy", "max")
        parts.append(
            "early_stopping = keras.callbacks.EarlyStopping(\n"
            f'    monitor="val_{monitor}",\n'
            f'    mode="{mode}",\n'
            f"    patience={config.patience},\n"
            f"    restore_best_weights={config.restore_best},\n"
            ")"
        )
    if config.stop_at_accuracy:
        keep = _KEEP if is_early and config.restore_best else ""
        parts.append(_STOP_AT.format(wanted=config.stop_at_accuracy, keep=keep))
    return "\n\n\n".join(parts)


def learn(config: TrainingConfig) -> str:
    """Return the code that trains."""
    callbacks = ["keras.callbacks.TerminateOnNaN()"]
    if learning_rate(config):
        callbacks.append("LearningRate()")
    if config.stop_at_accuracy:
        callbacks.append("StopAtAccuracy()")
    if config.early_stopping != "off":
        callbacks.append("early_stopping")
    arguments = [
        "batches",
        "epochs=EPOCHS",
        "shuffle=False",
        *(["validation_data=(x_validation, y_validation)"] if config.validation_split else []),
        f"callbacks=[{', '.join(callbacks)}]",
        "verbose=2",
    ]
    return "history = model.fit(\n" + "".join(f"    {each},\n" for each in arguments) + ")"
