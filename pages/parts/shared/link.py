"""A page's own parameters of the address: read and written without touching those of others.

The address changes in three ways: this page writes it, somebody follows a link, or goes
back and forth in the browser. The last two bring something to be loaded, whenever they come.
"""

from collections.abc import Callable

import streamlit as st

from pages.parts.shared import state
from pages.parts.shared.address import replace_address

Parameters = dict[str, str]
_REMEMBERED = 20


class Link:
    """The part of the address that is one page's.

    Parameters
    ----------
    page
        Name of the page; each has its own memory of what it wrote.
    owns
        Tells whether a parameter of this name is the page's.
    """

    def __init__(self, page: str, owns: Callable[[str], bool]) -> None:
        self._key = state.addresses(page)
        self._replaced = state.replaced_address(page)
        self._owns = owns

    def read(self) -> Parameters:
        """Return the page's own parameters as they are in the address."""
        return {name: text for name, text in st.query_params.to_dict().items() if self._owns(name)}

    def write(self, own: Parameters) -> None:
        """Put these in the place of the page's own parameters; all others stay."""
        everything = st.query_params.to_dict()
        others = {name: text for name, text in everything.items() if not self._owns(name)}
        if everything != others | own:
            st.query_params.from_dict(others | own)
        written: list[Parameters] = st.session_state.setdefault(self._key, [])
        if not written or written[-1] != own:
            st.session_state[self._key] = [*written, own][-_REMEMBERED:]

    def replace(self, own: Parameters) -> None:
        """As `write`, but the way back in the browser does not lead to the address of now."""
        now, everything = self.read(), st.query_params.to_dict()
        if now == own:
            self.write(own)
            return
        replace_address({name: text for name, text in everything.items() if not self._owns(name)} | own)
        st.session_state[self._key] = [*st.session_state.get(self._key, [])[:-1], own]
        st.session_state[self._replaced] = (now, own)

    def last_written(self) -> Parameters:
        """Return what the page wrote last, nothing before it wrote anything."""
        written: list[Parameters] = st.session_state.get(self._key, [])
        return written[-1] if written else {}

    def arrived(self, *, has_acted: bool) -> Parameters | None:
        """Return the page's parameters if the address brings them, None if they are what the page wrote.

        Parameters
        ----------
        has_acted
            Whether the visitor has changed something on the page since it was drawn. What he does comes
            with the address of that moment, which may be older than what was written last: it is no way back.
        """
        now = self.read()
        written: list[Parameters] | None = st.session_state.get(self._key)
        if written and (now, written[-1]) == st.session_state.get(self._replaced):
            return None  # the browser has not put the one into the other's place yet
        if written and now == written[-1]:
            st.session_state[self._key] = [now]
            return None
        if written and has_acted and now in written:
            st.session_state[self._key] = written[written.index(now) :]
            return None
        st.session_state[self._key] = [now]
        return now
