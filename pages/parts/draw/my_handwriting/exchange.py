"""The drawings as a file: to take along, and to bring back."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import DigitLabError
from core.handwriting.collection import export_drawings, read_drawings
from core.handwriting.upload import MAX_BYTES
from pages.parts.draw.my_handwriting.undo import Done, show_done
from pages.parts.shared import handles, state
from pages.parts.shared.errors import show_warning
from pages.parts.shared.language import _
from pages.parts.shared.uploaded_files import let_go
from pages.parts.shared.workspace import workspace

FILE = "my-handwriting.zip"


def show_exchange() -> None:
    """Show the button that exports this browser's drawings, and where a file of them is imported."""
    whose = workspace()
    if handles.store().drawing_count([whose]):
        st.download_button(
            _("Export"),
            # Made when it is asked for.
            lambda: export_drawings(handles.store().drawings(whose, with_strokes=True, limit=_most())[::-1]),
            FILE,
            "application/zip",
            key="export_drawings",
            icon=":material/download:",
            on_click="ignore",
            help=_(
                "Your drawings as a ZIP file: a PNG of 28×28 pixels each, and a CSV file with their digits."
            ),
        )
    taken = st.session_state.setdefault(state.DRAWING_FILES_TAKEN, 0)
    file = st.file_uploader(
        _("Import drawings"),
        type=["zip"],
        max_upload_size=MAX_BYTES // 1024**2,
        key=state.drawings_upload(taken),
        help=_("A ZIP file as it was exported here, on any server. What is here already is left out."),
    )
    if file is not None:
        _take(file, whose)
    # Here, where the file was chosen, and not beside the labels above.
    if problem := st.session_state.pop(state.IMPORT_PROBLEM, None):
        show_warning(problem)
    show_done(state.IMPORT_DONE)


def _take(file: UploadedFile, whose: str) -> None:
    """Keep what is in the file, let go of it, and offer an uploader for the next one."""
    with st.spinner(_("Reading the drawings…"), show_time=True):
        try:
            found = read_drawings(file.getvalue(), file.name, most=_most())
            ids = handles.store().import_drawings(whose, found, handles.settings())
        except DigitLabError as error:
            st.session_state[state.IMPORT_PROBLEM] = str(error)
            st.session_state.pop(state.IMPORT_DONE, None)  # of an earlier file
        else:
            st.session_state[state.IMPORT_DONE] = Done("imported", ids, left_out=len(found) - len(ids))
    st.session_state[state.DRAWING_FILES_TAKEN] += 1
    let_go(file)
    st.rerun(scope="app")


def _most() -> int:
    return handles.settings().max_drawings
