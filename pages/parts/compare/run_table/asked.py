"""What people ask of runs in the table: the browser's words are checked, and done once."""

import time
from collections.abc import Sequence
from typing import Annotated, Literal

import streamlit as st
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.config import to_query
from core.errors import DigitLabError, RunNotFound
from core.sentences import say
from core.store import RunStore
from core.store.listing import MOST_LISTED
from pages.parts.compare.choice import choose, chosen_runs
from pages.parts.compare.run_table.known import Deleted, known
from pages.parts.shared import handles, state
from pages.parts.shared.errors import in_words
from pages.parts.shared.form_values import load_form
from pages.parts.shared.language import _
from pages.parts.shared.runs.buttons import action_button
from pages.parts.shared.runs.shelf import UNDO_SECONDS
from pages.parts.shared.workspace import workspace

# A tag for more runs than these is written one by one, while others wait.
_MOST_TAGGED = 200
_NOT_UNDERSTOOD = say("The table asked for something that cannot be done. Load the page again.")
RunIds = Annotated[list[Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]], Field(max_length=MOST_LISTED)]


class Asked(BaseModel):
    """One thing that somebody asked for; later ones have greater numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[int, Field(ge=0, le=2**53)]
    what: Literal["star", "name", "note", "tags", "add_tag", "delete", "open"]
    ids: Annotated[RunIds, Field(min_length=1)]
    text: Annotated[str, Field(max_length=1_000)] = ""
    is_on: bool = False


class _Chosen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Annotated[int, Field(ge=0, le=2**53)]
    ids: RunIds


_ASKED = TypeAdapter(Annotated[list[Asked], Field(max_length=1_000)])


def take_choice() -> None:
    """Compare the runs that are chosen in the table."""
    try:
        chosen = _Chosen.model_validate_json(_sent("chosen"))
    except ValidationError:
        known().problem = _NOT_UNDERSTOOD
        return
    known().chosen_at = chosen.at
    choose(chosen.ids)


def take_asked() -> None:
    """Do what was asked since the last time; the page says why where something cannot be done."""
    try:
        asked = _ASKED.validate_json(_sent("asked"))
    except ValidationError:
        known().problem = _NOT_UNDERSTOOD
        return
    for one in asked:
        if one.number <= known().handled:
            continue
        known().handled = one.number
        known().touched.update(one.ids)
        try:
            _do(one)
        except Exception as error:
            known().problem = in_words(error)
    handles.watcher().expire()


def follow_opened() -> None:
    """Go to the page on which a run is to be opened, if one is."""
    opened, known().opened = known().opened, None
    if opened is not None:
        page, query = opened
        st.switch_page(page, query_params=query)


def show_undo() -> None:
    """Say which runs were deleted here a short while ago, with a button that brings them back."""
    known().deleted = [one for one in known().deleted if time.monotonic() - one.moment <= UNDO_SECONDS]
    for deleted in known().deleted:
        run_ids = deleted.run_ids
        with st.container(horizontal=True, vertical_alignment="center"):
            told = (
                _("1 run is deleted.")
                if len(run_ids) == 1
                else _("{count} runs are deleted.", count=len(run_ids))
            )
            st.markdown(told, width="content")
            action_button(_("Undo"), "undo", f"undo_{run_ids[0]}_{deleted.moment}", _restore, deleted)


def _do(asked: Asked) -> None:
    store, mine = handles.store(), workspace()
    match asked.what:
        case "star":
            store.star_several(asked.ids, asked.is_on, mine)
        case "delete":
            _delete(store, asked.ids)
        case "open":
            _open(store, asked.ids[0], asked.text)
        case "name":
            store.rename(_own(store, asked.ids[0]), asked.text)
        case "note":
            store.annotate(_own(store, asked.ids[0]), asked.text)
        case "tags":
            store.tag(_own(store, asked.ids[0]), asked.text.split(","))
        case "add_tag":
            _tag_all(store, asked.ids, asked.text)


def _tag_all(store: RunStore, run_ids: Sequence[str], tag: str) -> None:
    """Give runs a tag; what keeps one from having it keeps no other."""
    problem = None
    for run_id in run_ids[:_MOST_TAGGED]:
        try:
            store.tag(_own(store, run_id), [*store.get(run_id).tags, tag])
        except DigitLabError as error:
            problem = str(error)
    if len(run_ids) > _MOST_TAGGED:
        problem = say("The tag was given to {most} runs, as many as can have it at once.", most=_MOST_TAGGED)
    if problem is not None:
        known().problem = problem


def _delete(store: RunStore, run_ids: Sequence[str]) -> None:
    deleted = store.delete_several(run_ids, workspace())
    if deleted:
        chosen, gone = chosen_runs(), set(deleted)
        known().deleted.append(Deleted(deleted, time.monotonic(), chosen))
        choose([run_id for run_id in chosen if run_id not in gone])
        if st.session_state.get(state.RUN_ID) in gone:
            del st.session_state[state.RUN_ID]
    left = len(run_ids) - len(deleted)
    if left:
        told = say("1 run is not deleted: it is being trained. Stop it first.")
        if left > 1:
            told = say("{count} runs are not deleted: they are being trained. Stop them first.", count=left)
        known().problem = told


def _restore(deleted: Deleted) -> None:
    """Bring the runs back, chosen where they were; what has been chosen since comes after them."""
    known().deleted = [one for one in known().deleted if one is not deleted]
    restored = handles.store().restore_several(deleted.run_ids, workspace())
    known().touched.update(deleted.run_ids)
    now = chosen_runs()
    if not set(restored).isdisjoint(deleted.chosen):
        choose([*(one for one in deleted.chosen if one in {*now, *restored}), *now])


def _open(store: RunStore, run_id: str, where: str) -> None:
    link = {"run": run_id}
    if where in ("evaluate", "draw"):
        known().opened = (f"pages/{where}.py", link)
        return
    config = store.get(run_id).config
    st.session_state[state.RUN_ID] = run_id
    if where == "settings":
        load_form(config)
        link |= to_query(config)
    st.session_state[state.LOOK_INSIDE] = where == "inside" or st.session_state.get(state.LOOK_INSIDE, False)
    known().opened = ("pages/train.py", link)


def _own(store: RunStore, run_id: str) -> str:
    """Return the id of a run if it is this browser's; nobody else's is written about."""
    if store.get(run_id).workspace != workspace():
        raise RunNotFound(say("This run is another browser's: it can be looked at, not changed."))
    return run_id


def _sent(name: str) -> str:
    sent = (st.session_state.get(state.RUN_TABLE) or {}).get(name)
    return sent if isinstance(sent, str) else ""
