"""What was done last to the drawings kept, in words, with a way back."""

import time
from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from core.store.shelf import UNDO_SECONDS
from pages.parts.shared import handles, state
from pages.parts.shared.announce import announce
from pages.parts.shared.errors import in_words
from pages.parts.shared.language import _
from pages.parts.shared.words import escape, with_article
from pages.parts.shared.workspace import workspace

Kind = Literal["kept", "corrected", "deleted", "imported"]


@dataclass(frozen=True)
class Done:
    """What was done last.

    Attributes
    ----------
    kind
        `corrected`: a drawing that was kept already got another label.
    ids
        Of the drawings.
    label, read_as
        Of one that was kept: what it was meant to be, what the network read or would have read …
    is_refused
        … if it had not refused to answer.
    left_out
        Of an import: how many were there already.
    moment
        On the monotonic clock.
    """

    kind: Kind
    ids: tuple[str, ...]
    label: int = 0
    read_as: int = 0
    is_refused: bool = False
    left_out: int = 0
    moment: float = field(default_factory=time.monotonic)


def show_done(kept_as: str) -> None:
    """Say what was done last, as the session has it under this key, with a button that takes it back."""
    done: Done | None = st.session_state.get(kept_as)
    if done is None or time.monotonic() - done.moment > UNDO_SECONDS:
        return
    words = _words(done)
    # What is new has a name of its own, or the browser would go on with the time that the last one was shown.
    is_import = kept_as == state.IMPORT_DONE
    key = f"{'imported' if is_import else 'done'}_{round(1_000 * done.moment)}"
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        st.markdown(escape(words), width="content")
        if done.ids and done.kind != "corrected":
            st.button(
                _("Undo"),
                icon=":material/undo:",
                key="undo_import" if is_import else "undo_handwriting",
                on_click=_take_back,
                args=(done, kept_as),
            )
    announce(words, f"what_was_{kept_as}")


def delete(ids: tuple[str, ...] | None) -> None:
    """Delete drawings of this browser, None for all; what goes wrong is told by the page."""
    try:
        gone = handles.store().delete_drawings(workspace(), ids)
    except Exception as error:
        st.session_state[state.HANDWRITING_PROBLEM] = in_words(error)
    else:
        st.session_state[state.HANDWRITING_DONE] = Done("deleted", gone)


def _take_back(done: Done, kept_as: str) -> None:
    st.session_state.pop(kept_as, None)
    try:
        if done.kind == "deleted":
            handles.store().restore_drawings(workspace(), done.ids, handles.settings())
        else:
            handles.store().delete_drawings(workspace(), done.ids)
    except Exception as error:
        is_import = kept_as == state.IMPORT_DONE
        st.session_state[state.IMPORT_PROBLEM if is_import else state.HANDWRITING_PROBLEM] = in_words(error)


def _words(done: Done) -> str:
    count = len(done.ids)
    match done.kind:
        case "kept" | "corrected" if done.is_refused:
            label = with_article(str(done.label))
            if done.label == done.read_as:
                return _("Kept: {digit}, which it could not read; its guess was right.", digit=label)
            return _("Kept: {digit}, which it could not read.", digit=label)
        case "kept" | "corrected" if done.label == done.read_as:
            return _("Kept: {digit}, and read right.", digit=with_article(str(done.label)))
        case "kept" | "corrected":
            label, read_as = with_article(str(done.label)), with_article(str(done.read_as))
            return _("Kept: {digit}, read as {other}.", digit=label, other=read_as)
        case "deleted":
            return (
                _("One drawing is deleted.")
                if count == 1
                else _("{count} drawings are deleted.", count=count)
            )
        case "imported":
            words = (
                _("One drawing is imported.")
                if count == 1
                else _("{count} drawings are imported.", count=count)
            )
            if done.left_out:
                words += " " + _("{count} were here already.", count=done.left_out)
            return words
