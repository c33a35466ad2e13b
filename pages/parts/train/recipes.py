"""The recipes: a button each, and the lesson of the one that the form holds."""

import streamlit as st

from core.config import TrainingConfig
from core.recipes import RECIPES, Recipe, matching_recipe
from pages.parts.shared import state
from pages.parts.shared.form_values import load_form


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
