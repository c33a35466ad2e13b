"""The canvas to draw on, with undo, clear and the pen's width beside it."""

import functools
import json
from typing import Any

import streamlit as st
import streamlit_drawable_canvas

from pages.parts.shared import state
from pages.parts.shared.canvas.drawing import NUMBER, ONE_DIGIT, Drawing, Keys, clear, keep, start_with, undo
from pages.parts.shared.language import _

SIDE = 280  # pixels; fits a phone
WIDE = 560  # of the canvas for a number; where there is less place, it is shown smaller
STROKE_WIDTHS = (6, 40)
USUAL_STROKE = 22  # about what the strokes of MNIST measure on a canvas of this size

# The canvas has a toolbar of its own that only a mouse finds: it shows when hovered, covers what
# stands above, and on a phone its unseen buttons lie over the canvas' corner. Ours take its place.
_HIDE_TOOLBAR = """
export default function ({ data, parentElement }) {
  const frame = parentElement.closest(".st-key-canvas_frame");
  let waiting = true;
  const hide = () => {
    const isCanvas = (element) => element.shadowRoot?.querySelector(".dc-toolbar");
    const hosts = [...frame.querySelectorAll("*")].filter(isCanvas);
    let isThere = false; // a canvas of another width may stand here for a moment yet
    for (const host of hosts) {
      host.shadowRoot.querySelector(".dc-toolbar").style.visibility = "hidden";
      const canvas = host.shadowRoot.querySelector("canvas.upper-canvas");
      if (parseFloat(canvas?.style.width) !== data.width) continue;
      isThere = true;
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", data.label);
      const place = frame.clientWidth;
      host.style.zoom = data.width > place && place > 0 ? place / data.width : "";
    }
    if (waiting && !isThere) requestAnimationFrame(hide);
  };
  hide();
  return () => { waiting = false; };
}
"""


@st.cache_resource
def _toolbar_hider() -> Any:
    return st.components.v2.component("digitlab_canvas_toolbar", js=_HIDE_TOOLBAR, isolate_styles=False)


def _lighten() -> None:
    """Let the canvas be told its first strokes as text; it reads both text and a dictionary.

    At a dictionary Streamlit asks whether it is a table, and loads pandas and Arrow for the answer: 65 MB.
    What has been done is seen at the canvas itself: a cache any browser may clear, and text of text of
    text is twice as long each time.
    """
    mount = streamlit_drawable_canvas.out
    if getattr(mount, "__name__", "") == "mount_with_text":
        return

    def mount_with_text(data: dict[str, Any], **options: Any) -> Any:
        return mount(data=data | {"initialDrawing": json.dumps(data["initialDrawing"])}, **options)

    streamlit_drawable_canvas.out = mount_with_text


def show_canvas(*, for_number: bool = False) -> Drawing:
    """Show the canvas with its controls and return what is drawn on it; for a number it is twice as wide."""
    _lighten()
    keys = NUMBER if for_number else ONE_DIGIT
    drawing: Drawing = st.session_state.setdefault(keys.drawing, Drawing())
    if keys.canvas not in st.session_state:
        # The page was opened, or come back to: the canvas starts with the drawing of before.
        # While it is on show its start must stay the same: a new one would redraw it.
        start_with(drawing.strokes, keys)
    start = st.session_state[keys.start]
    with st.container(key="canvas_frame"):
        canvas_place = st.container()  # above the controls, whose values it needs
        with st.container(horizontal=True, gap="xsmall"):
            stroke_width = _controls(keys, blank=not drawing.strokes)
        label = _("Canvas: draw one digit with mouse or finger, or upload a picture")
        if for_number:
            label = _("Canvas: draw a number with mouse or finger, its digits side by side")
        _toolbar_hider()(
            data={"revision": start["revision"], "label": label, "width": WIDE if for_number else SIDE},
            key=state.CANVAS_TOOLBAR,
            height="content",
        )
    with canvas_place:
        streamlit_drawable_canvas.st_canvas(
            stroke_width=stroke_width,
            stroke_color="#000000",
            background_color="#ffffff",
            initial_drawing=start,
            width=WIDE if for_number else SIDE,
            height=SIDE,
            return_image_data=True,
            key=keys.canvas,
            on_change=functools.partial(keep, keys),
        )
    return drawing


def _controls(keys: Keys, *, blank: bool) -> int:
    """Show undo, clear and the pen; return the pen's width."""
    st.button(
        _("Undo"),
        icon=":material/undo:",
        key="undo_stroke",
        disabled=blank,
        on_click=undo,
        args=(keys,),
        help=_("Take back the last stroke."),
    )
    st.button(
        _("Clear"),
        icon=":material/delete:",
        key="clear_canvas",
        disabled=blank,
        on_click=clear,
        args=(keys,),
        help=_("Start with an empty canvas."),
    )
    # Folded away: on a phone the answer then stands on the same screen as the canvas.
    with st.popover(_("Pen"), icon=":material/edit:", help=_("Change how thick the pen is.")):
        width: int = st.slider(
            _("Stroke width"),
            *STROKE_WIDTHS,
            USUAL_STROKE,
            key=state.STROKE_WIDTH,
            persist_state="session",
            help=_("In pixels. Thick strokes look most like the digits that the network has learnt."),
        )
    return width
