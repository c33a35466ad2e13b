"""Which language a visitor reads: chosen by hand or by the address, else the browser's, else English."""

import streamlit as st
from starlette.requests import HTTPConnection
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts.shared import state
from pages.parts.shared.language.catalogues import ENGLISH, LANGUAGES

PARAMETER = "lang"
COOKIE = "digitlab_language"
_SECONDS = 365 * 24 * 3600

# Screen readers choose their voice by the language of the document, which Streamlit's own page calls English.
_TELL = """
export default function ({ data }) {
  document.documentElement.lang = data.language;
  if (data.cookie) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie =
      `${data.cookie}=${data.language}; path=/; max-age=${data.seconds}; SameSite=Strict${secure}`;
  }
}
"""
_tell = st.components.v2.component("digitlab_language", js=_TELL)


def language() -> str:
    """Return the language of whoever looks, one of `LANGUAGES`; English where nobody does."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    settled = st.session_state.get(state.LANGUAGE)
    return _wanted() if settled is None else str(settled)


def settle_language() -> None:
    """Settle the language for this run of the page and the parts that come again; call it first."""
    before, now = st.session_state.get(state.LANGUAGE), _wanted()
    st.session_state[state.LANGUAGE] = now
    if before not in (None, now):
        _keep_choices()


def remember_language() -> None:
    """Tell the browser the language of the page, and have it keep a choice; call once, below the page."""
    is_chosen = st.session_state.get(state.LANGUAGE_IS_CHOSEN, False)
    _tell(
        data={"language": language(), "cookie": COOKIE if is_chosen else "", "seconds": _SECONDS},
        key=state.LANGUAGE_TOLD,
        height="content",
    )


def show_language_switch() -> None:
    """Show in which language the page is, and the others."""
    current = language()
    with st.popover(
        current.upper(),
        icon=":material/translate:",
        help=" · ".join(_CALLED),
        key="language",
        type="tertiary",
    ):
        # The switch follows the language, so that an address counts too.
        st.session_state[state.LANGUAGE_SWITCH] = current
        st.radio(
            " · ".join(_CALLED),
            list(LANGUAGES),
            key=state.LANGUAGE_SWITCH,
            format_func=LANGUAGES.__getitem__,
            on_change=_choose,
            label_visibility="collapsed",
        )


def closest(tag: str | None) -> str | None:
    """Return which of `LANGUAGES` a tag such as “de-AT” asks for, if any; it comes from outside."""
    code = (tag or "")[:2].lower()
    return code if code in LANGUAGES and not (tag or "")[2:3].isalnum() else None


def language_of(request: HTTPConnection) -> str:
    """Return the language of whoever asks for the first page, before there is a session."""
    accepted = [
        one.partition(";")[0].strip() for one in request.headers.get("accept-language", "").split(",")
    ]
    wishes = (request.query_params.get(PARAMETER), request.cookies.get(COOKIE), *accepted)
    return next(filter(None, map(closest, wishes)), ENGLISH)


# In all three: it is for those who cannot read the page.
_CALLED = ("Language", "Sprache", "Langue")


def _wanted() -> str:
    asked = st.query_params.get(PARAMETER)
    if asked in LANGUAGES:
        return str(asked)
    settled: str | None = st.session_state.get(state.LANGUAGE)
    return settled or closest(st.context.cookies.get(COOKIE)) or closest(st.context.locale) or ENGLISH


def _choose() -> None:
    st.query_params[PARAMETER] = st.session_state[state.LANGUAGE_SWITCH]
    st.session_state[state.LANGUAGE_IS_CHOSEN] = True


def _keep_choices() -> None:
    """Say what was chosen in lists again: the browser knows choices by their words, which are others now."""
    for key in list(st.session_state):
        if state.is_choice(str(key)):
            state.insist_on(str(key))
