"""What a search begins with: the settings that all its runs share."""

import streamlit as st

from core.config import TrainingConfig, bounds_of, problem_with_value
from core.recipes import RECIPES
from core.store import Run
from pages.parts.shared import handles, state
from pages.parts.shared.decimals import decimal_field
from pages.parts.shared.form_values import default_dataset, form_config
from pages.parts.shared.language import _
from pages.parts.shared.runs.labels import run_labels
from pages.parts.shared.workspace import visible_workspaces, workspace

_FORM, _USUAL = "form", "usual"
_RECIPE, _RUN = "recipe:", "run:"
_LISTED_RUNS = 20


def show_starting_point(problems: list[str]) -> TrainingConfig | None:
    """Show where the settings come from, and those that a search most often changes for all its runs."""
    listed = handles.store().list_runs(workspaces=visible_workspaces(), limit=_LISTED_RUNS)
    runs = [run for run in listed if not run.imported]
    titles = _titles(runs)
    if st.session_state.get(state.TUNE_BASE) not in titles:
        st.session_state[state.TUNE_BASE] = next(iter(titles))
    word = st.selectbox(
        _("Start from"),
        list(titles),
        index=list(titles).index(state.held(state.TUNE_BASE)),
        key=state.TUNE_BASE,
        format_func=lambda one: titles.get(one, one),
        help=_("The settings that all runs share, but for those that vary."),
    )
    base = _config(word, runs)
    with st.container(key="fields_tune_base", horizontal=True):
        epochs = _epochs(word, base)
        share = _share(word, base, problems)
    if share is None:
        return None
    return base.model_copy(update={"epochs": epochs, "training_fraction": share})


def _titles(runs: list[Run]) -> dict[str, str]:
    titles = {_FORM: _("The Train form")} if form_config() is not None else {}
    titles[_USUAL] = _("The usual settings")
    titles |= {
        f"{_RECIPE}{name}": _("Recipe: {title}", title=_(recipe.title)) for name, recipe in RECIPES.items()
    }
    labels = run_labels(runs, workspace())
    return titles | {f"{_RUN}{run.id}": _("Run {label}", label=labels[run.id]) for run in runs}


def _config(word: str, runs: list[Run]) -> TrainingConfig:
    # Where MNIST cannot be had, a search begins with images that need no network.
    usual = TrainingConfig(dataset=default_dataset())
    if word == _FORM:
        return form_config() or usual
    if word.startswith(_RECIPE):
        recipe = RECIPES[word.removeprefix(_RECIPE)]
        return recipe.config if recipe.is_about_its_dataset else recipe.with_dataset(usual.dataset)
    if word.startswith(_RUN):
        return next((run.config for run in runs if run.id == word.removeprefix(_RUN)), usual)
    return usual


def _epochs(word: str, base: TrainingConfig) -> int:
    key = state.tune("epochs", word)
    st.session_state.setdefault(key, base.epochs)
    lowest, highest = map(int, bounds_of("epochs")[:2])
    return int(
        st.number_input(
            _("Epochs"),
            lowest,
            highest,
            value=state.held(key),
            key=key,
            help=_("Of each run. Few are enough to tell bad settings from good ones."),
        )
    )


def _share(word: str, base: TrainingConfig, problems: list[str]) -> float | None:
    key = state.tune("share", word)
    st.session_state.setdefault(key, f"{base.training_fraction:g}")
    share, problem = decimal_field(
        _("Share of the images"),
        key,
        example=0.1,
        check=lambda value: problem_with_value("training_fraction", value),
        help=_("Of the training images. A tenth is ten times as fast; the best settings may shift a little."),
    )
    if problem:
        problems.append(problem)
    return share
