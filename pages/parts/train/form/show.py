"""The settings form: widgets in, `TrainingConfig` out; and the other way, to fill it.

Widgets live in `st.session_state` under the keys of `state`; loading a configuration
writes those keys, so a recipe, a link and the way back from another page are one path.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

import streamlit as st

from core.config import (
    ACTIVATIONS,
    DATASETS,
    INPUT_FORMS,
    LABEL_ENCODINGS,
    MAX_BATCH_SIZE,
    MAX_EPOCHS,
    MAX_HIDDEN_LAYERS,
    MAX_SEED,
    MAX_UNITS,
    HiddenLayer,
    TrainingConfig,
)
from core.data.catalog import CATALOG
from core.recipes import RECIPES, Recipe, matching_recipe
from pages.parts.shared import state
from pages.parts.train.form import augmentation as form_augmentation
from pages.parts.train.form import learning as form_learning
from pages.parts.train.form import overfitting as form_overfitting

_LABEL_TITLES = {"integer": "Integer", "one-hot": "One-hot"}
_INPUT_TITLES = {"image": "28×28, then Flatten", "flat": "784 in a row"}

# Settings whose widget holds the value as it stands in the configuration: all but the layers.
_PLAIN = {name: state.setting(name) for name in TrainingConfig.model_fields if name != "hidden_layers"}
_SOMETIMES = (*form_learning.SOMETIMES, *form_overfitting.SOMETIMES)
_DATA_NAMES = ("validation_split", "label_encoding", "input_form", "seed")


def load_form(config: TrainingConfig) -> None:
    """Fill the form with a configuration; call before the widgets are drawn, or in a callback."""
    for name, key in _PLAIN.items():
        st.session_state[key] = getattr(config, name)
    st.session_state[state.LAYER_COUNT] = len(config.hidden_layers)
    for index, layer in enumerate(config.hidden_layers):
        st.session_state[state.layer_units(index)] = layer.units
        st.session_state[state.layer_activation(index)] = layer.activation
        st.session_state[state.layer_dropout(index)] = layer.dropout
    st.session_state[state.FORM_CONFIG] = config


def restore_form(default: TrainingConfig) -> None:
    """Fill the form once a session from `default`, and again after another page was shown."""
    if state.EPOCHS not in st.session_state:
        load_form(st.session_state.get(state.FORM_CONFIG, default))


def show_recipes(current: TrainingConfig | None) -> None:
    """Show a button for each recipe, and the lesson of the one that the form holds."""
    loaded = matching_recipe(current) if current else None
    st.caption("Recipes: networks to start from. A click fills in the settings.")
    with st.container(horizontal=True, gap="small", key="recipes"):
        for recipe in RECIPES.values():
            st.button(
                recipe.title,
                key=f"recipe_{recipe.name}",
                help=recipe.lesson,
                type="primary" if recipe is loaded else "secondary",
                on_click=load_recipe,
                args=(recipe,),
            )
    # Always there, so that what comes below keeps its place, and an open expander stays open.
    lesson = st.container()
    if loaded is not None:
        lesson.markdown(f"**{loaded.title}.** {loaded.lesson}")


def load_recipe(recipe: Recipe) -> None:
    """Fill the form with a recipe; call in a callback."""
    # The dataset stays: where MNIST cannot be had, the recipes teach the same on pen strokes.
    dataset = st.session_state[state.DATASET]
    load_form(recipe.config.model_copy(update={"dataset": dataset}))


def show_form() -> TrainingConfig:
    """Show the settings and return the configuration they make; raise `ConfigError` if they make none."""
    usual = TrainingConfig()
    for name in _SOMETIMES:  # a widget that was away has lost its value
        st.session_state.setdefault(state.setting(name), getattr(usual, name))
    values: dict[str, Any] = {
        "dataset": st.selectbox(
            "Dataset",
            DATASETS,
            index=DATASETS.index(state.held(state.DATASET)),
            key=state.DATASET,
            format_func=lambda name: CATALOG[name].title,
            help="The images to learn. " + " ".join(f"{i.title}: {i.description}" for i in CATALOG.values()),
        ),
        "hidden_layers": _show_layers(),
    }
    row = st.container(horizontal=True, wrap=False)
    values["epochs"] = row.number_input(
        "Epochs",
        1,
        MAX_EPOCHS,
        value=state.held(state.EPOCHS),
        key=state.EPOCHS,
        help="How often the network sees every training image.",
    )
    values["batch_size"] = row.number_input(
        "Batch size",
        1,
        MAX_BATCH_SIZE,
        value=state.held(state.BATCH_SIZE),
        key=state.BATCH_SIZE,
        help="Images per step. Small batches take more, noisier steps an epoch; large ones are faster.",
    )
    with _section("How it learns", form_learning.NAMES):
        values |= form_learning.show()
    with _section("Against overfitting, and to show it", form_overfitting.NAMES):
        values |= form_overfitting.show()
    with _section("Augmentation", form_augmentation.NAMES):
        values |= form_augmentation.show()
    with _section("Data and seed", _DATA_NAMES):
        values |= _show_data_settings()
    for name in _SOMETIMES:
        # A slider that is not on show must not make two equal runs look different.
        values.setdefault(name, getattr(usual, name))
    config = TrainingConfig.build(values)
    st.session_state[state.FORM_CONFIG] = config
    return config


def _section(title: str, names: Sequence[str]) -> AbstractContextManager[Any]:
    """Return a folded part of the form; its title tells if a setting inside is not the usual one."""
    usual = TrainingConfig()
    changed = any(
        st.session_state.get(state.setting(name), getattr(usual, name)) != getattr(usual, name)
        for name in names
    )
    return st.expander(f"{title} · changed" if changed else title, key=f"section_{names[0]}")


def _show_layers() -> list[dict[str, Any]]:
    count = st.number_input(
        "Hidden layers",
        0,
        MAX_HIDDEN_LAYERS,
        value=state.held(state.LAYER_COUNT),
        key=state.LAYER_COUNT,
        help="Layers between the 784 pixels and the ten answers. None at all is a linear classifier.",
    )
    layers: list[dict[str, Any]] = []
    for index in range(count):
        default = HiddenLayer()
        st.session_state.setdefault(state.layer_units(index), default.units)
        st.session_state.setdefault(state.layer_activation(index), default.activation)
        st.session_state.setdefault(state.layer_dropout(index), default.dropout)
        # The labels stand above the first layer only; screen readers get all of them.
        shown: Literal["visible", "collapsed"] = "visible" if index == 0 else "collapsed"
        # Not columns: a phone would stack them, three widgets to a layer.
        row = st.container(horizontal=True, wrap=False)
        layers.append(
            {
                "units": row.number_input(
                    "Units" if index == 0 else f"Units of layer {index + 1}",
                    1,
                    MAX_UNITS,
                    value=state.held(state.layer_units(index)),
                    key=state.layer_units(index),
                    label_visibility=shown,
                    help="Neurons in this layer. Each adds one weight for every input, and a bias.",
                ),
                "activation": row.selectbox(
                    "Activation" if index == 0 else f"Activation of layer {index + 1}",
                    ACTIVATIONS,
                    index=ACTIVATIONS.index(state.held(state.layer_activation(index))),
                    key=state.layer_activation(index),
                    label_visibility=shown,
                    help="What a neuron does with its sum. Linear layers alone make a linear network.",
                ),
                "dropout": row.number_input(
                    "Dropout" if index == 0 else f"Dropout of layer {index + 1}",
                    0.0,
                    0.9,
                    step=0.1,
                    value=state.held(state.layer_dropout(index)),
                    key=state.layer_dropout(index),
                    label_visibility=shown,
                    help="Share of the neurons switched off at random in each step: against overfitting.",
                ),
            }
        )
    return layers


def _show_data_settings() -> dict[str, Any]:
    return {
        "validation_split": st.slider(
            "Validation split",
            0.0,
            0.9,
            step=0.05,
            value=state.held(state.VALIDATION_SPLIT),
            key=state.VALIDATION_SPLIT,
            help="Share of the training images kept aside to check the network after every epoch. "
            "The test images are never used for that.",
        ),
        "label_encoding": st.segmented_control(
            "Labels",
            LABEL_ENCODINGS,
            default=state.held(state.LABEL_ENCODING),
            key=state.LABEL_ENCODING,
            required=True,
            format_func=_LABEL_TITLES.__getitem__,
            help="A 3 as the number 3 (sparse categorical cross-entropy) or as 0001000000 (categorical "
            "cross-entropy). The network learns the same.",
        ),
        "input_form": st.segmented_control(
            "Input",
            INPUT_FORMS,
            default=state.held(state.INPUT_FORM),
            key=state.INPUT_FORM,
            required=True,
            format_func=_INPUT_TITLES.__getitem__,
            help="Whether the network flattens the image itself, or gets it as one row of 784 pixels.",
        ),
        "seed": st.number_input(
            "Seed",
            0,
            MAX_SEED,
            value=state.held(state.SEED),
            key=state.SEED,
            help="Where chance begins: first weights, order of images, dropout, validation images. "
            "The same seed gives the same run.",
        ),
    }
