"""What a first visit shows where a run will be: some of the images, and what a press on Train does."""

from base64 import b64encode
from html import escape as escape_html

import numpy as np
import streamlit as st

from core.config import TrainingConfig
from core.config.cost import in_words
from core.data.catalog import CATALOG
from core.data.dataset import Dataset
from core.errors import DigitLabError
from core.figures.html.digits import picture_png
from core.store import Room
from pages.parts.shared import state
from pages.parts.shared.errors import show_warning
from pages.parts.shared.form_values import form_config
from pages.parts.shared.handles import library
from pages.parts.shared.language import _
from pages.parts.shared.launch import training_images
from pages.parts.shared.words import escape

_PICTURES = """<style>
.some-images {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(56px, 1fr)); gap: 8px;
  max-width: 46rem }}
.some-images figure {{ margin: 0; text-align: center; font-size: 0.85rem }}
.some-images img {{ display: block; width: 100%; aspect-ratio: 1; image-rendering: pixelated;
  border-radius: 4px }}
</style><div class="some-images">{figures}</div>"""
_PICTURE = '<figure><img src="data:image/png;base64,{png}" alt=""><figcaption>{name}</figcaption></figure>'


def show_first_visit(config: TrainingConfig | None, room: Room | None, problem: str | None) -> None:
    """Show one image of each class and what will happen, about how long it takes.

    While the form makes nothing, its `problem` stands above what the settings were before.
    """
    if problem is not None:  # beside the bar: its field may be far below
        show_warning(problem)
    if config is None:
        before = form_config() or TrainingConfig()
        config = before.model_copy(update={"dataset": st.session_state[state.DATASET]})
    info = CATALOG[config.dataset]
    takes = _("Then")
    if room is not None and room.allowed:
        takes = _("In about {time}", time=in_words(room.estimated_seconds))
    what = _("digits") if info.is_digits else _("pictures")
    left = round(training_images(config) * (1 - config.validation_split) * config.training_fraction)
    st.info(
        _(
            "Press **▶ Train** (top left). {takes} this network learns from {images} images to read {what} "
            "like these. Its curves will move here while it learns.",
            takes=takes,
            images=f"{left:,}",
            what=what,
        ),
        icon=":material/model_training:",
    )
    try:
        images = _pictures(library().open(config.dataset))
    except DigitLabError:
        st.caption(escape(f"{_(info.title)}: {_(info.description)}"))
        return  # they are on their way: the form tells how far
    st.html(images)


def _pictures(dataset: Dataset) -> str:
    """Return the first training image of each class as HTML; `dataset` is read at so many places only."""
    figures = []
    some = np.asarray(dataset.train_labels[:2_000])
    for number, name in enumerate(dataset.class_names):
        (found,) = np.nonzero(some == number)
        if len(found):
            png = b64encode(picture_png(dataset.train_images[found[0]])).decode()
            figures.append(_PICTURE.format(png=png, name=escape_html(_(name))))
    return _PICTURES.format(figures="".join(figures))
