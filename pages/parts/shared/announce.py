"""Says what has changed to those who do not see it."""

import streamlit as st

# A live region is heard when its text changes, so its node has to stay; Streamlit makes texts anew.
_SAY = """
export default function ({ data, parentElement }) {
  let region = parentElement.querySelector("[role=status]");
  if (!region) {
    region = document.createElement("p");
    region.setAttribute("role", "status");
    region.style.cssText =
      "position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%)";
    parentElement.append(region);
  }
  if (region.textContent !== data.words) region.textContent = data.words;
}
"""
_say = st.components.v2.component("digitlab_announce", js=_SAY)


def announce(words: str, key: str) -> None:
    """Have a screen reader say these words when they are others than before; call at each run of the page."""
    _say(data={"words": words}, key=key, height="content")
