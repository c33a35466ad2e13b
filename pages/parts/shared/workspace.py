"""Whose runs are shown: one workspace a browser, known by a cookie.

A reload starts a new Streamlit session that remembers nothing but the URL and
the cookies, so the cookie is what lets a page find its runs again.
"""

import re
import secrets
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.store import SHARED_WORKSPACE
from pages.parts.shared import state

COOKIE = "digitlab_workspace"
_VALID = re.compile(r"[0-9a-f]{24}")

_SET_COOKIE = """
export default function ({ data }) {
  const known = document.cookie.split("; ").find((part) => part.startsWith(data.name + "="));
  if (!known || !/^[0-9a-f]{24}$/.test(known.slice(data.name.length + 1))) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${data.name}=${data.value}; path=/; max-age=31536000; SameSite=Lax${secure}`;
  }
}
"""


@st.cache_resource
def _cookie_setter() -> Callable[..., Any]:
    return st.components.v2.component("digitlab_cookie", js=_SET_COOKIE)


def workspace() -> str:
    """Return the id of this browser's workspace, 24 hexadecimal digits."""
    if state.WORKSPACE not in st.session_state:
        cookie = st.context.cookies.get(COOKIE, "")
        # A cookie comes from outside: anything but an id of ours is not used.
        st.session_state[state.WORKSPACE] = cookie if _VALID.fullmatch(cookie) else secrets.token_hex(12)
    return str(st.session_state[state.WORKSPACE])


def remember_workspace() -> None:
    """Leave the workspace's cookie in the browser; call once on every page run, below the page."""
    _cookie_setter()(data={"name": COOKIE, "value": workspace()}, key="digitlab_cookie", height="content")


def visible_workspaces() -> list[str]:
    """Return the workspaces whose runs this browser lists: its own and the shared one."""
    return [workspace(), SHARED_WORKSPACE]
