"""Tabs of one browser tell each other of new runs, so that none lists old ones only."""

import streamlit as st

from pages.parts.shared import state

# Nobody asks the server for news: the tab that has some tells the others, which then draw their page anew.
_TELL = """
let channel, told;
export default function ({ data, setTriggerValue }) {
  channel ??= new BroadcastChannel("digitlab");
  if (data.newest !== told) {
    told = data.newest;
    channel.postMessage(told);
  }
  channel.onmessage = (message) => {
    if (message.data === told) return;
    told = message.data;
    setTriggerValue("news", String(told));
  };
  document.body.dataset.hearsOtherTabs = "yes";
  return () => { channel.onmessage = null; };
}
"""
_tell = st.components.v2.component("digitlab_other_tabs", js=_TELL)


def tell_other_tabs(newest: str | None) -> None:
    """Tell other tabs which run of this browser is the newest, and draw this one anew when they tell one."""
    _tell(data={"newest": newest or ""}, key=state.OTHER_TABS, height="content", on_news_change=_hear)


def _hear() -> None:
    """Do nothing: the page is drawn anew after any callback, and reads the runs itself."""
