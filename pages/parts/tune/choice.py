"""Which experiment is on show, a search or a study: in the address, so that it can be shared."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.errors import ExperimentNotFound, ExperimentUnreadable
from core.experiments.one_press import STUDIES
from core.search.plans import KIND
from core.sentences import say
from core.store import Experiment
from pages.parts.shared import handles, state
from pages.parts.shared.errors import show_warning
from pages.parts.shared.language import _
from pages.parts.shared.link import Link
from pages.parts.shared.runs.labels import local_time
from pages.parts.shared.workspace import visible_workspaces
from pages.parts.tune.studies.words import words_of

# So many are listed, the newest.
_LISTED = 50


@dataclass(frozen=True)
class Choice:
    """The experiment of some kinds that is on show, by the address, by a choice, or the newest.

    Attributes
    ----------
    parameter
        What the address calls it.
    key, picked_key
        Of the id that is on show, and of the list in which it is picked.
    kinds
        Of the experiments.
    title
        Of the list.
    name_of
        What one is called there.
    wrong_kind
        What to say where the address names another experiment.
    """

    parameter: str
    key: str
    picked_key: str
    kinds: Sequence[str]
    title: str
    name_of: Callable[[Experiment], str]
    wrong_kind: str

    def settle(self) -> Experiment | None:
        """Return the one that is to be shown, None without any; the address names it and no other."""
        has_acted = _LINK.last_written().get(self.parameter) != st.session_state.get(self.key)
        brought = _LINK.arrived(has_acted=has_acted)
        if brought is not None and self.parameter in brought:
            st.session_state[self.key] = brought[self.parameter]
        if has_acted or brought is not None:
            st.session_state.pop(state.SEARCH_MISSING, None)
        asked = st.session_state.get(self.key)
        found = (self._find(asked) if asked else None) or next(iter(self._own()), None)
        self._say_what_is_missing()
        st.session_state[self.key] = found.id if found else None
        (_LINK.write if has_acted else _LINK.replace)({self.parameter: found.id} if found else {})
        return found

    def show_picker(self, shown: Experiment) -> None:
        """Show the list of them, where there are several."""
        listed = self._own()
        if shown.id not in {one.id for one in listed}:
            listed.insert(0, shown)
        if len(listed) < 2:
            return
        names = self._names(listed)
        st.session_state[self.picked_key] = shown.id
        st.selectbox(
            _(self.title),
            list(names),
            key=self.picked_key,
            format_func=lambda one: names.get(one, one),
            on_change=self._pick,
        )

    def _names(self, listed: Sequence[Experiment]) -> dict[str, str]:
        """Return what each is called by its id; no two alike, for a browser tells them by these words."""
        names, alike = {}, Counter[str]()
        for one in reversed(listed):  # the oldest keeps its name when a later one joins
            name = f"{self.name_of(one)} · {local_time(one.created_at, with_seconds=True)}"
            alike[name] += 1
            names[one.id] = name if alike[name] == 1 else f"{name} ({alike[name]})"
        return {one.id: names[one.id] for one in listed}

    def _own(self) -> list[Experiment]:
        """Return those of this browser, the newest first."""
        mine = visible_workspaces()
        return handles.store().list_experiments(workspaces=mine, kinds=self.kinds, limit=_LISTED)

    def _pick(self) -> None:
        st.session_state[self.key] = st.session_state[self.picked_key]

    def _find(self, experiment_id: str) -> Experiment | None:
        try:
            found = handles.store().experiment(experiment_id)
        except (ExperimentNotFound, ExperimentUnreadable) as error:
            self._miss(str(error))
            return None
        if found.kind not in self.kinds:
            self._miss(self.wrong_kind)
            return None
        return found

    def _miss(self, why: str) -> None:
        # Kept: what is shown instead changes the address, and with that the page runs once more.
        st.session_state[state.SEARCH_MISSING] = (self.parameter, why)

    def _say_what_is_missing(self) -> None:
        """Say why not what was asked for is shown, until something else is chosen or asked for."""
        parameter, why = st.session_state.get(state.SEARCH_MISSING, (None, ""))
        if parameter == self.parameter:
            show_warning(why)


SEARCHES = Choice(
    "search",
    state.SEARCH,
    state.SEARCH_PICKED,
    (KIND,),
    say("Search"),
    lambda one: _(one.name or say("Search")),
    say("This link leads to an experiment that is no search. It is shown where it was begun."),
)
STUDIES_BEGUN = Choice(
    "study",
    state.STUDY,
    state.STUDY_PICKED,
    STUDIES,
    say("Study"),
    lambda one: _(words_of(one.kind).title),
    say("This link leads to an experiment that is no study. It is shown where it was begun."),
)
# One memory for both: the address names what is on show, and nothing else.
_LINK = Link("tune", lambda name: name in (SEARCHES.parameter, STUDIES_BEGUN.parameter))


def asked_for() -> str | None:
    """Return which of both parameters an address has that this page has not written, None if none."""
    now, written = _LINK.read(), _LINK.last_written()
    return next((name for name in now if now[name] != written.get(name)), None)
