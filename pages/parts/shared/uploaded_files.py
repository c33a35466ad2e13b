"""Uploaded files that Streamlit keeps: no longer than they are needed, and never many of one session.

By itself Streamlit keeps every file until its session has ended, and takes as many as are sent.
"""

import functools

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

# Each is read as soon as it has come; one more may be on its way meanwhile.
FILES_A_SESSION = 2


def let_go(file: UploadedFile) -> None:
    """Have Streamlit forget a file whose content has been read."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


@functools.cache
def keep_few_files() -> None:
    """Have Streamlit keep the last two files of a session only, whoever sends them."""
    add = MemoryUploadedFileManager.add_file

    def add_and_drop(manager: MemoryUploadedFileManager, session_id: str, file: UploadedFileRec) -> None:
        add(manager, session_id, file)
        for file_id in list(manager.file_storage.get(session_id, ()))[:-FILES_A_SESSION]:
            manager.remove_file(session_id, file_id)

    MemoryUploadedFileManager.add_file = add_and_drop  # type: ignore[assignment, method-assign]
