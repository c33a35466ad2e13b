"""The recipes: a button each, what the one that the form holds teaches, and what to try after it."""

import streamlit as st

from core.config import TrainingConfig
from core.config.differences import Difference, differences
from core.recipes import RECIPES, Recipe, get_recipe, matching_recipe
from pages.parts.shared import state
from pages.parts.shared.form_values import default_dataset, load_form
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

# Of more changes than these, all are taken back at once.
_TAKEN_BACK_ONE_BY_ONE = 3


def show_recipes(current: TrainingConfig | None) -> None:
    """Show a button for each recipe, and the lesson of the one that the form holds or began with."""
    loaded = matching_recipe(current) if current else None
    st.markdown(_("**Start with a ready-made network**, then press Train."))
    with st.container(horizontal=True, gap="small", key="recipes"):
        for recipe in RECIPES.values():
            st.button(
                _(recipe.title),
                key=f"recipe_{recipe.name}",
                type="primary" if recipe is loaded else "secondary",
                on_click=load_recipe,
                args=(recipe,),
            )
    # Always there, so that what comes below keeps its place, and an open expander stays open.
    with st.container():
        if loaded is not None:
            st.session_state[state.RECIPE] = loaded.name
            st.markdown(f"**{_(loaded.title)}.** {_(loaded.lesson)}")
            _try_next(loaded)
        elif current is not None and state.RECIPE in st.session_state:
            _take_back(get_recipe(st.session_state[state.RECIPE]), current)


def load_recipe(recipe: Recipe) -> None:
    """Fill the form with a recipe; call in a callback."""
    load_form(_with_own_data(recipe, recipe.config))


def _try_next(recipe: Recipe) -> None:
    (change,) = differences(recipe.next_config, recipe.config)
    st.markdown(_("*Then try:* {question}", question=_(recipe.next.question)))
    st.button(
        f"{_(change.title)} {_(change.before)} → {_(change.now)}",
        icon=":material/science:",
        key="try_next",
        on_click=lambda: load_form(_with_own_data(recipe, recipe.next_config)),
    )


def _take_back(recipe: Recipe, current: TrainingConfig) -> None:
    """Show what was changed since a recipe was loaded, each with a way back."""
    alike = recipe.with_dataset(current.dataset).model_copy(update={"seed": current.seed})
    changes = differences(current, alike)
    if not changes:
        return
    st.markdown(_("**{title}**, changed. Press to take it back:", title=_(recipe.title)))
    with st.container(horizontal=True, gap="small", key="taken_back"):
        if len(changes) > _TAKEN_BACK_ONE_BY_ONE:
            st.button(
                _("{count} changes", count=len(changes)),
                icon=":material/undo:",
                key="take_all_back",
                on_click=load_form,
                args=(alike,),
            )
            return
        for change in changes:
            st.button(
                escape(
                    _(
                        "{title} {now} (was {before})",
                        title=_(change.title),
                        now=_(change.now),
                        before=_(change.before),
                    )
                ),
                icon=":material/undo:",
                key=f"take_back_{change.setting}",
                on_click=load_form,
                args=(_without(change, current, alike),),
            )


def _without(change: Difference, current: TrainingConfig, before: TrainingConfig) -> TrainingConfig:
    """Return `current` with one setting as it was; layers change together."""
    name = change.setting if change.setting in TrainingConfig.model_fields else "hidden_layers"
    return current.model_copy(update={name: getattr(before, name)})


def _with_own_data(recipe: Recipe, config: TrainingConfig) -> TrainingConfig:
    if recipe.is_about_its_dataset:
        return config
    # The dataset stays: where MNIST cannot be had, the recipes teach the same on pen strokes.
    dataset = st.session_state[state.DATASET]
    before = st.session_state.get(state.RECIPE)
    if before is not None and get_recipe(before).is_about_its_dataset:
        # Unless it came with a recipe, and not by the visitor's choice.
        dataset = default_dataset() if dataset == get_recipe(before).config.dataset else dataset
    return config.model_copy(update={"dataset": dataset})
