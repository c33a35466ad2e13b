"""Whose runs are shown: one workspace a browser, known by a cookie.

A reload starts a new Streamlit session that remembers nothing but the URL and
the cookies, so the cookie is what lets a page find its runs again.

The cookie is `Strict`, which other sites' pages cannot make a browser send. A link from
elsewhere still finds the runs: Streamlit reads cookies from its websocket, which the page opens
itself once it is there. A component writes it, so scripts of the page can read it.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.store import SHARED_WORKSPACE
from pages.parts.shared import handles, state

COOKIE = "digitlab_workspace"
_VALID = re.compile(r"[0-9a-f]{24}")
_SECONDS = 365 * 24 * 3600

# A cookie that is there is renewed if it is this session's, replaced if the session has left it,
# and else told: another tab was first. One that was refused is not told again.
_SYNCHRONISE = """
export default function ({ data, setTriggerValue }) {
  const part = document.cookie.split("; ").find((one) => one.startsWith(data.name + "="));
  const known = part?.slice(data.name.length + 1);
  const valid = known && /^[0-9a-f]{24}$/.test(known);
  if (!valid || known === data.value || data.left.includes(known)) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie =
      `${data.name}=${data.value}; path=/; max-age=${data.seconds}; SameSite=Strict${secure}`;
  } else if (!data.refused.includes(known)) {
    setTriggerValue("found", known);
  }
}
"""
_synchronise = st.components.v2.component("digitlab_cookie", js=_SYNCHRONISE)


def workspace() -> str:
    """Return the id of this browser's workspace, 24 hexadecimal digits."""
    if state.WORKSPACE not in st.session_state:
        cookie = st.context.cookies.get(COOKIE, "")
        # A cookie comes from outside: anything but an id of ours is not used.
        is_known = _VALID.fullmatch(cookie) is not None
        st.session_state[state.WORKSPACE] = cookie if is_known else _new()
        st.session_state[state.WORKSPACE_IS_NEW] = not is_known
    return str(st.session_state[state.WORKSPACE])


def remember_workspace() -> None:
    """Leave the workspace's cookie in the browser; call once on every page run, below the page."""
    _synchronise(
        data={
            "name": COOKIE,
            "value": workspace(),
            "seconds": _SECONDS,
            # No lists: to tell them from data frames, Streamlit would import pandas.
            "left": tuple(st.session_state.get(state.WORKSPACES_LEFT, ())),
            "refused": tuple(st.session_state.get(state.WORKSPACES_REFUSED, ())),
        },
        key=state.COOKIE,
        height="content",
        on_found_change=_found,
    )


def leave_workspace() -> None:
    """Begin a new, empty workspace in this browser; the old one is not found from here any more."""
    _note(state.WORKSPACES_LEFT, workspace())
    _enter(_new())
    st.session_state[state.WORKSPACE_IS_NEW] = True


def visible_workspaces() -> list[str]:
    """Return the workspaces whose runs this browser lists: its own and the shared one."""
    return [workspace(), SHARED_WORKSPACE]


def _found() -> None:
    """Go over to the workspace that another tab has put into the cookie.

    Either both were opened at a first visit, or the browser has left its workspace in the other
    tab. Only what this tab has begun itself, and trained in, it does not give up.
    """
    told: Mapping[str, Any] = st.session_state[state.COOKIE]
    found = told.get("found")
    if not isinstance(found, str) or not _VALID.fullmatch(found) or found == workspace():
        return
    is_new = st.session_state.get(state.WORKSPACE_IS_NEW, False)
    if is_new and handles.store().list_runs(workspaces=[workspace()], limit=1):
        _note(state.WORKSPACES_REFUSED, found)
    else:
        _enter(found)
        st.session_state[state.WORKSPACE_IS_NEW] = False


def _enter(new: str) -> None:
    st.session_state[state.WORKSPACE] = new
    for key in (state.RUN_ID, state.CHOSEN_RUN):
        st.session_state.pop(key, None)
    st.query_params.pop("run", None)


def _note(key: str, value: str) -> None:
    st.session_state[key] = [*st.session_state.get(key, []), value]


def _new() -> str:
    return secrets.token_hex(12)
