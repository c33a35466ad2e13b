"""Configurations in which anything may stand, for tests of what carries them."""

import math
import random

from core.config import (
    ACTIVATIONS,
    DATASETS,
    DRAWINGS,
    EARLY_STOPPINGS,
    INITIALIZERS,
    INPUT_FORMS,
    LABEL_ENCODINGS,
    MAX_SEED,
    OPTIMIZERS,
    SCHEDULES,
    HiddenLayer,
    TrainingConfig,
    bounds_of,
)


def random_config(seed: int) -> TrainingConfig:
    """A valid configuration in which anything may stand."""
    pick = random.Random(seed)
    layers = [
        HiddenLayer(
            units=pick.choice([1, 2_048, pick.randint(1, 2_048)]),
            activation=pick.choice(ACTIVATIONS),
            dropout=pick.choice([0.0, 0.9, 1e-05, pick.uniform(0, 0.9)]),
        )
        for _ in range(pick.randint(0, 6))
    ]
    validation_split = pick.choice([0.0, pick.uniform(0, 0.9)])
    batch_size = pick.randint(1, 4_096)
    return TrainingConfig(
        dataset=pick.choice(DATASETS),
        hidden_layers=tuple(layers),
        optimizer=pick.choice(OPTIMIZERS),
        learning_rate=pick.choice([100.0, 1e-6, 10 ** pick.uniform(-6, 2)]),
        momentum=pick.choice([0.0, pick.random(), math.nextafter(1, 0)]),
        weight_decay=pick.choice([0.0, pick.random(), 1.0]),
        l2=pick.choice([0.0, pick.random() * 1e-6, 1.0]),
        epochs=pick.randint(1, 200),
        batch_size=batch_size,
        validation_split=validation_split,
        label_encoding=pick.choice(LABEL_ENCODINGS),
        input_form=pick.choice(INPUT_FORMS),
        seed=pick.choice([0, MAX_SEED, pick.randint(0, MAX_SEED)]),
        learning_rate_schedule=pick.choice(SCHEDULES),
        warm_up_epochs=pick.choice([0.0, pick.uniform(0, 200)]),
        gradient_clipping=pick.choice([0.0, 1e-05, pick.uniform(0, 1_000)]),
        batch_normalization=batch_size > 1 and pick.random() < 0.5,
        initializer=pick.choice(INITIALIZERS),
        early_stopping=pick.choice(EARLY_STOPPINGS) if validation_split else "off",
        patience=pick.randint(1, 200),
        restore_best=pick.random() < 0.5,
        stop_at_accuracy=pick.choice([0.0, pick.random(), 1.0]) if validation_split else 0.0,
        l1=pick.choice([0.0, pick.random() * 1e-6, 1.0]),
        label_smoothing=pick.choice([0.0, pick.uniform(0, 0.5)]),
        label_noise=pick.choice([0.0, pick.random(), 1.0]),
        training_fraction=pick.choice([1.0, 0.001, pick.uniform(0.001, 1)]),
        augmentation_shift=pick.choice([0.0, pick.uniform(0, 4)]),
        augmentation_rotation=pick.choice([0.0, pick.uniform(0, 45)]),
        augmentation_scale=pick.choice([0.0, 0.5, pick.uniform(0, 0.5)]),
        augmentation_shear=pick.choice([0.0, 1e-05, pick.uniform(0, 0.5)]),
        augmentation_elastic=pick.choice([0.0, pick.uniform(0, 3)]),
        drawings=pick.choice(DRAWINGS),
        drawings_share=pick.choice([0.05, 0.5, pick.uniform(0.05, 0.5)]),
    )


def at_the_bound(highest: bool) -> TrainingConfig:
    """Every number at its lowest or at its highest value, beside settings with which each of them counts."""

    def bound(name: str) -> float:
        bounds = bounds_of(name)
        top = math.nextafter(bounds.highest, 0) if bounds.below else bounds.highest
        return top if highest else bounds.lowest

    numbers = {
        name: bound(name)
        for name, field in TrainingConfig.model_fields.items()
        if field.annotation in (int, float)
    }
    layer = {"units": bound("units"), "dropout": bound("dropout")}
    layers = [layer] * int(bound("hidden_layers"))
    # Momentum counts with one optimizer, weight decay with another.
    optimizer = "sgd" if highest else "adamw"
    stopping = "loss" if highest else "off"
    return TrainingConfig.build(
        numbers
        | {
            "hidden_layers": layers,
            "optimizer": optimizer,
            "early_stopping": stopping,
            "drawings": "everyone",
        }
    )
