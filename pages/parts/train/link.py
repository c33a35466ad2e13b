"""The Train page's address: its settings and the run on show, both ways."""

import streamlit as st

from core.config import TrainingConfig, from_query, to_query
from pages.parts.shared import state
from pages.parts.shared.errors import show_warning
from pages.parts.shared.form_values import default_dataset, form_config, load_form
from pages.parts.shared.language.choice import PARAMETER
from pages.parts.shared.link import Link, Parameters
from pages.parts.train.form.show import is_filled, is_untouched

RUN = "run"
_LINK = Link("train", lambda name: name == RUN or name in TrainingConfig.model_fields)


def read_link() -> None:
    """Load what the address brings: at the first visit, by a link, on the way back or forth.

    A page that was left keeps its settings, unless another page wants others in it or its address says them.
    """
    brought = _LINK.arrived(has_acted=_has_acted())
    if not is_filled():
        brought, left = _LINK.read(), st.session_state.get(state.FORM_WANTED) or form_config()
        if left is not None and not _settings(brought):
            load_form(left)
            st.session_state.pop(state.LINK_CONFIG, None)
            st.session_state[state.RUN_ID] = brought.get(RUN, st.session_state.get(state.RUN_ID))
            return
    if brought is not None:
        _load(brought)


def show_link_problems() -> None:
    """Say what could not be used of the link that the settings come from."""
    for problem in st.session_state.get(state.LINK_PROBLEMS, ()):
        show_warning(problem, icon=":material/link_off:")


def write_link(config: TrainingConfig | None, shown: str | None) -> None:
    """Bring the address in line with the form and the run on show, whose id is `shown`.

    A run that is shown without having been asked for is no step of the visitor's.

    An address that says the same in other words stays as it is, and so do its settings while the
    form makes none. So does one from which these settings were loaded, whatever it left out or said
    wrongly: rewritten, it would be where Back leads again and again.
    """
    current = _LINK.read()
    run_id = st.session_state.get(state.RUN_ID)
    own = _settings(current)
    is_loaded = config == st.session_state.get(state.LINK_CONFIG)
    if config is not None and not is_loaded and from_query(own)[0].as_it_counts() != config:
        own = to_query(config)
        st.session_state[state.LINK_PROBLEMS] = []
        st.session_state.pop(state.LINK_CONFIG, None)
    st.session_state[state.LINK_RUN] = run_id
    on_show: str | None = run_id or shown
    is_step = run_id is not None or own != _settings(current)
    (_LINK.write if is_step else _LINK.replace)(own | ({RUN: on_show} if on_show else {}))


def _load(brought: Parameters) -> None:
    # All parameters, so that a misspelt setting is told too.
    config, problems = from_query(_settings(st.query_params.to_dict()))
    if "dataset" not in brought:
        config = config.model_copy(update={"dataset": default_dataset()})
    load_form(config)
    st.session_state[state.LINK_PROBLEMS] = problems
    st.session_state[state.LINK_CONFIG] = config.as_it_counts()
    st.session_state[state.RUN_ID] = brought.get(RUN)


def _settings(parameters: Parameters) -> Parameters:
    return {name: text for name, text in parameters.items() if name not in (RUN, PARAMETER)}


def _has_acted() -> bool:
    """Tell whether the visitor did something on this page since it was drawn."""
    return (
        not is_untouched()
        or state.TRAIN_PRESSED in st.session_state
        or st.session_state.get(state.RUN_ID) != st.session_state.get(state.LINK_RUN)
    )
