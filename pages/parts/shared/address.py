"""Puts what a page shows into its address without a further step in the browser's history.

What is written through `st.query_params` is a step back to; what a page shows without having been
asked is not: whoever goes back wants to leave it.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from pages.parts.shared import state

# Streamlit knows an address by what it has written or by `popstate`, so it is told by that, and runs the
# page once more with the new one. A browser that has gone elsewhere meanwhile stays there.
_REPLACE = """
const sorted = (parameters) => new URLSearchParams([...parameters].sort()).toString();
export default function ({ data }) {
  const here = new URLSearchParams(location.search);
  const before = new URLSearchParams(data.before), after = new URLSearchParams(data.after);
  if (sorted(here) !== sorted(before) || sorted(before) === sorted(after)) return;
  history.replaceState(history.state, "", `${location.pathname}?${after}${location.hash}`);
  dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
}
"""
_replace = st.components.v2.component("digitlab_address", js=_REPLACE)


def replace_address(after: Mapping[str, str]) -> None:
    """Have the browser show these parameters in place of those that it shows; call once on a page's run."""
    before = st.query_params.to_dict()
    if before != after:
        # Words only: to tell whether anything else is a data frame, Streamlit would import pandas.
        data = {"before": urlencode(before), "after": urlencode(after)}
        _replace(data=data, key=state.ADDRESS, height="content")
