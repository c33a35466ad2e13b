"""What a run that has learnt drawings reads of those held back, in a line."""

from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from core.data.catalog import CATALOG
from core.errors import DigitLabError
from core.numbers import percent
from core.store import Run
from pages.parts.shared import handles
from pages.parts.shared.errors import show_warning
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

if TYPE_CHECKING:
    from core.prediction.lessons import Learnt


def show_learnt(run: Run) -> "Learnt | None":
    """Show and return what a run with results reads of the drawings held back; nothing if it learnt none."""
    try:
        learnt = handles.learnt(run.id, run.finished_at)
    except DigitLabError as error:
        show_warning(str(error))
        return None
    if learnt is not None:
        st.success(escape(learnt_in_words(learnt, run)), icon=":material/school:")
    return learnt


def learnt_in_words(learnt: "Learnt", run: Run) -> str:
    """Return in a line what a run reads of drawings that it has not learnt, and of the test images."""
    dataset = _(CATALOG[run.config.dataset].title)
    after, on_test = percent(learnt.after, 0), percent(learnt.test_after)
    if run.config.learns_drawings:  # its network began with it: there is no before
        told = _("{dataset}: {share}", dataset=dataset, share=on_test)
        own = _("Drawings held back: {share} of {count}", share=after, count=learnt.held_back)
    else:
        before = percent(learnt.test_before)
        told = _("{dataset}: {before} → {after}", dataset=dataset, before=before, after=on_test)
        own = _(
            "Held back: {before} → {after} of {count}",
            before=percent(learnt.before, 0),
            after=after,
            count=learnt.held_back,
        )
    return told if isnan(learnt.after) else f"{own} · {told}"
