"""A picture from the visitor's own machine or camera: read once, after which only the small one is kept."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import PictureError
from core.handwriting.decode import EXTENSIONS, KINDS
from core.handwriting.upload import MAX_BYTES, Upload, read_upload
from core.sentences import say
from pages.parts.shared import state
from pages.parts.shared.language import _
from pages.parts.shared.uploaded_files import let_go

NO_PICTURE = say(
    "Choose a {kinds} of handwritten digits, one or a page of them: a photo, a scan or a screenshot.",
    kinds=KINDS,
)
NO_PHOTO = say(
    "Hold a sheet with digits in front of the camera, close and in good light, and take the photo."
)


@dataclass(frozen=True, eq=False)
class Reading:
    """What became of the file chosen last: a picture, or the sentence why it is none."""

    upload: Upload | None = None
    problem: str | None = None


def show_upload(width: int) -> Upload | None:
    """Show the uploader and the picture, `width` pixels wide; return what was read, None while there is none.

    Raises
    ------
    PictureError
        If the file chosen last could not be read.
    """
    file = st.file_uploader(
        _("A picture of your digits"),
        type=[extension.removeprefix(".") for extension in EXTENSIONS],
        max_upload_size=MAX_BYTES // 1024**2,
        key=state.upload(_files_taken()),
        help=_("{kinds}: a photo, a scan or a screenshot; dark on light or light on dark.", kinds=_(KINDS)),
    )
    return _show_reading(file, width)


def show_camera(width: int) -> Upload | None:
    """Show the camera, or the photo it took; return what was read, None while there is none.

    The browser asks whether the page may use the camera as soon as this is shown, and not before.

    Raises
    ------
    PictureError
        If the photo could not be read.
    """
    reading: Reading | None = st.session_state.get(state.READING)
    if reading is not None and reading.upload is not None:
        return _show_reading(None, width)
    file = st.camera_input(
        _("Photograph your digits"),
        key=state.camera(_files_taken()),
        width=width,
        help=_("The photo is read on the server of this page and not kept there."),
    )
    return _show_reading(file, width)


def _files_taken() -> int:
    return int(st.session_state.setdefault(state.FILES_TAKEN, 0))


def _show_reading(file: UploadedFile | None, width: int) -> Upload | None:
    """Take a file that has come; show the picture read last and the way to be rid of it."""
    if file is not None:
        _take(file)
    reading: Reading | None = st.session_state.get(state.READING)
    if reading is None:
        return None
    if reading.upload is None:
        raise PictureError(reading.problem or NO_PICTURE)
    st.image(reading.upload.shown, width=width)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width=width):
        st.text(reading.upload.name)
        st.button(
            _("Remove"),
            icon=":material/close:",
            key="remove_picture",
            on_click=_forget,
            help=_("Take this picture away again."),
        )
    return reading.upload


def _take(file: UploadedFile) -> None:
    """Read the file, let go of it, and offer an uploader for the next one."""
    with st.spinner(_("Reading the picture…"), show_time=True):
        try:
            reading = Reading(upload=read_upload(file.getvalue(), file.name))
        except PictureError as error:
            reading = Reading(problem=str(error))
    st.session_state[state.READING] = reading
    # An uploader keeps its file, and Streamlit the file's bytes, for as long as the session lives.
    st.session_state[state.FILES_TAKEN] += 1
    let_go(file)
    st.rerun()


def _forget() -> None:
    st.session_state.pop(state.READING, None)
