"""The settings of the run on show, where the form may have others."""

import streamlit as st

from core.config import TrainingConfig
from core.config.differences import differences
from core.store import Run
from pages.parts.shared.form_values import form_config, load_form
from pages.parts.shared.language import _
from pages.parts.shared.tables import show_table


def show_run_settings(run: Run) -> None:
    """Show in what a run's settings differ from those of a new form, and a button that loads them.

    Nothing of a network from elsewhere: nobody knows how it was trained.
    """
    if run.imported:
        return
    with st.expander(_("Settings of this run"), key="run_settings"):
        changed = differences(run.config, TrainingConfig())
        if changed:
            show_table(
                {
                    _("Setting"): [_(one.title) for one in changed],
                    _("This run"): [_(one.now) for one in changed],
                    _("A new form has"): [_(one.before) for one in changed],
                },
                numbers=(),
            )
        else:
            st.markdown(_("All settings are those of a new form."))
        is_loaded = form_config() == run.config.as_it_counts()
        st.button(
            _("Load these settings"),
            icon=":material/input:",
            key=f"load_{run.id}",
            disabled=is_loaded,
            help=_("The form has these settings.")
            if is_loaded
            else _("Fills the form with the settings of this run."),
            on_click=load_form,
            args=(run.config,),
        )
