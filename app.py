"""Digit Lab: build, train and question a dense network on handwritten digits.

`python app.py` (`make run`) serves it; `streamlit run app.py` does too. The router: page list,
title and the things every page needs. Dask's workers import this file again when they start,
hence the guard at the end and the imports inside the functions.
"""

import os


def main() -> None:
    """Show a page, or serve the pages if nobody does yet."""
    # Before NumPy is loaded: beside a training its threads wait for each other, and the small products
    # that pages need take twenty times as long. TensorFlow has threads of its own.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    from streamlit import runtime

    if runtime.exists():
        show()
    else:
        from pages.parts.shared.server import serve

        serve(__file__)


def show() -> None:
    """Show the page that the address asks for."""
    import streamlit as st

    from core.memory import return_what_is_freed
    from pages.parts.shared import handles
    from pages.parts.shared.dress import dress, show_bottom_bar
    from pages.parts.shared.errors import errors_as_sentences
    from pages.parts.shared.language import _
    from pages.parts.shared.language.choice import remember_language, settle_language
    from pages.parts.shared.uploaded_files import keep_few_files
    from pages.parts.shared.workspace import remember_workspace

    settle_language()
    return_what_is_freed()
    keep_few_files()
    st.set_page_config(page_title="Digit Lab", page_icon="✍️", layout="wide")
    dress()
    train = st.Page("pages/train.py", title=_("Train"), icon=":material/model_training:", default=True)
    evaluate = st.Page("pages/evaluate.py", title=_("Evaluate"), icon=":material/grid_on:")
    draw = st.Page("pages/draw.py", title=_("Draw"), icon=":material/draw:")
    compare = st.Page("pages/compare.py", title=_("Compare"), icon=":material/compare_arrows:")
    tune = st.Page("pages/tune.py", title=_("Tune"), icon=":material/tune:")
    page = st.navigation([train, evaluate, draw, compare, tune], position="top")
    # Here, where it stands on every page: elsewhere its links would be another page's for a moment.
    show_bottom_bar([train, draw, evaluate, compare, tune])
    try:
        with errors_as_sentences():
            handles.library()
            page.run()
    finally:
        # Whatever the page shows: runs wait for workers, and a reload needs the cookie. The first visitor
        # sees the page before the workers import TensorFlow on all processors.
        handles.start_workers()
        # Below the page: it takes up a line until the browser has loaded it.
        remember_workspace()
        remember_language()


if __name__ == "__main__":
    main()
