"""Take it home: everything of a run as files, each made when it is asked for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import streamlit as st

from core.config import to_query
from core.data.catalog import CATALOG
from core.sentences import say
from core.store import Run
from core.store.files import KERAS_FILE, ONNX_FILE
from core.take_home.bundle import CURVE_FILE, SETTINGS_FILE, WEIGHTS_FILE, TakeHome
from core.take_home.files import images_archive
from core.take_home.script import NOTEBOOK_FILE, SCRIPT_FILE
from pages.parts.shared import handles
from pages.parts.shared.copy_link import copy_link_button
from pages.parts.shared.language import _
from pages.parts.shared.words import escape


class _Offer(NamedTuple):
    """A file: what its button says, what it is called, how it is made, what it is good for."""

    label: str
    file: str
    make: Callable[[TakeHome], bytes]
    help: str


_EVERYTHING = _Offer(
    say("Everything in one file"),
    "digit-lab-run-{number}.zip",
    TakeHome.everything,
    say("All that is below as a ZIP file, with a README that says what is what."),
)
_NETWORK = (
    _Offer(
        "Keras",
        KERAS_FILE,
        TakeHome.keras,
        say("For Keras 3: keras.saving.load_model opens it. It reads raw pixels of 0 to 255."),
    ),
    _Offer(
        "ONNX",
        ONNX_FILE,
        TakeHome.onnx,
        say("For ONNX Runtime and other programs, in many languages and without Python."),
    ),
    _Offer(
        say("Weights"),
        WEIGHTS_FILE,
        TakeHome.weights,
        say("Every weight by name, for NumPy: np.load opens it."),
    ),
)
_PROGRAM = (
    _Offer(
        say("Python script"),
        SCRIPT_FILE,
        TakeHome.script,
        say("Trains the same network with Keras alone: “python train.py”. Nothing of Digit Lab is needed."),
    ),
    _Offer(
        say("Notebook"),
        NOTEBOOK_FILE,
        TakeHome.notebook,
        say("The same as a Jupyter notebook."),
    ),
)
_RECORD = (
    _Offer(
        say("Curve"),
        CURVE_FILE,
        TakeHome.curve,
        say("Loss and accuracy by epoch as a table (CSV), for a spreadsheet."),
    ),
    _Offer(
        "TensorBoard",
        "tensorboard.zip",
        TakeHome.tensorboard,
        say("Unpack it, then “tensorboard --logdir tensorboard” shows the curves."),
    ),
    _Offer(
        say("Settings"),
        SETTINGS_FILE,
        TakeHome.settings,
        say("All settings as JSON. “Bring it back” on the Compare page reads them again."),
    ),
)


def show_take_home(run: Run, place: str = "run") -> None:
    """Show a button that opens what can be taken home of a run; `place` tells several on one page apart."""
    with st.popover(
        _("Take it home"),
        icon=":material/download:",
        help=_("The network, a program that trains it, its curve and its settings as files."),
        key=f"take_home_{place}_{run.id}",
    ):
        home = TakeHome(handles.store(), run, handles.store().has_lesson(run.id))
        _button(home, _EVERYTHING, place)
        if home.has_network:
            with _group(_("The network")):
                _buttons(home, _NETWORK, place)
        if home.has_settings:
            with _group(_("A program that trains it")):
                _buttons(home, _PROGRAM, place)
                _images(home, place)
            for note in home.notes:
                st.caption(escape(_(note)))
            with _group(_("What happened, and with which settings")):
                _buttons(home, _RECORD, place)
                copy_link_button(
                    _("Copy the link of its settings"),
                    to_query(run.config),
                    f"take_home_link_{place}_{run.id}",
                )
        else:
            st.caption(_("It was brought from elsewhere: nobody here knows how it was trained."))


@contextmanager
def _group(title: str) -> Iterator[None]:
    st.markdown(f"**{title}**")
    with st.container(horizontal=True, gap="xsmall"):
        yield


def _buttons(home: TakeHome, offers: Sequence[_Offer], place: str) -> None:
    for offer in offers:
        _button(home, offer, place)


def _button(home: TakeHome, offer: _Offer, place: str) -> None:
    is_everything = offer is _EVERYTHING
    st.download_button(
        _(offer.label),
        # Made in another thread, when it is pressed.
        lambda: offer.make(home),
        offer.file.format(number=home.run.number),
        "application/octet-stream",
        key=f"take_{offer.make.__name__}_{place}_{home.run.id}",
        help=_(offer.help),
        type="primary" if is_everything else "secondary",
        icon=":material/folder_zip:" if is_everything else None,
        on_click="ignore",
    )


def _images(home: TakeHome, place: str) -> None:
    """Show the button for the images that the program needs beside it, where Keras has none of them."""
    if home.images_file is None:
        return
    dataset = home.run.config.dataset
    library = handles.library()
    st.download_button(
        _("Its images"),
        lambda: images_archive(library.open(dataset)),
        home.images_file,
        "application/octet-stream",
        key=f"take_images_{place}_{home.run.id}",
        help=_(
            "{title}: the program needs this file beside it. It has 10 to 40 MB; to make it takes seconds.",
            title=_(CATALOG[dataset].title),
        ),
        on_click="ignore",
    )
