"""A button that copies a link of this app."""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from pages.parts.shared.language import _

# Browsers give no clipboard to pages that came without encryption, as in many a class: the link is then
# shown, marked, to be copied by hand.
_COPY = """
export default function ({ data, parentElement }) {
  const link = () => {
    const query = new URLSearchParams(data.query ?? location.search).toString();
    return location.origin + location.pathname + (query ? `?${query}` : "");
  };
  let box = parentElement.querySelector(".copy-link");
  if (!box) {
    box = document.createElement("div");
    box.className = "copy-link";
    box.innerHTML = '<button type="button"></button><input readonly hidden><span role="status"></span>';
    parentElement.append(box);
  }
  const [button, field, told] = box.children;
  button.textContent = data.label;
  field.setAttribute("aria-label", data.label);
  field.hidden = true;
  told.textContent = "";
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(link());
      told.textContent = data.copied;
    } catch {
      field.hidden = false;
      field.value = link();
      field.focus();
      field.select();
      told.textContent = data.by_hand;
    }
  };
}
"""
_STYLE = """
.copy-link { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center }
button, input { font: inherit; color: inherit; min-height: 2.5rem; padding: 0.25rem 0.75rem; cursor: pointer;
  background: transparent; border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius) }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color) }
input { flex: 1 1 12rem; min-width: 0; cursor: text }
"""
_copy = st.components.v2.component("digitlab_copy_link", js=_COPY, css=_STYLE)


def copy_link_button(label: str, query: Mapping[str, str] | None, key: str) -> None:
    """Show a button that copies this page's link with these parameters; None: as the address stands then."""
    _copy(
        # Words only: to tell whether anything else is a data frame, Streamlit would import pandas.
        data={
            "label": label,
            "query": None if query is None else urlencode(query),
            "copied": _("Copied."),
            "by_hand": _("Copy the marked link."),
        },
        key=key,
        height="content",
    )
