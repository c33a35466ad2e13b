"""Bring it back: settings into the form, a network from elsewhere as a run that is evaluated."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.bring_back.archive import most_bytes
from core.bring_back.network import AS_IT_IS, TO_ONE, Brought, read_network
from core.bring_back.settings import read_settings
from core.config import TrainingConfig
from core.data.catalog import CATALOG
from core.errors import DigitLabError, RunNotFound
from core.sentences import say
from core.store import Run
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment, in_words, show_error
from pages.parts.shared.form_values import load_form
from pages.parts.shared.language import _
from pages.parts.shared.launch import start_import
from pages.parts.shared.runs.ending import show_ending, show_ways_on
from pages.parts.shared.runs.labels import run_name
from pages.parts.shared.uploaded_files import let_go
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace

_REFRESH_SECONDS = 0.5


@dataclass(frozen=True, eq=False)
class _Taken:
    """What became of the file brought last: settings, a network to be evaluated, its run, or a sentence."""

    name: str = ""
    config: TrainingConfig | None = None
    network: Brought | None = None
    run_id: str | None = None
    problem: str | None = None


def show_bring_back() -> None:
    """Show where a file is brought, and what became of the one before."""
    taken: _Taken | None = st.session_state.get(state.BROUGHT)
    with st.expander(
        _("Bring it back"), icon=":material/upload:", key="bring_back", expanded=taken is not None
    ):
        guarded_fragment(_section)()


def _section() -> None:
    number = st.session_state.setdefault(state.BROUGHT_FILES_TAKEN, 0)
    file = st.file_uploader(
        _("Settings of a run (JSON), or a dense network that Keras has saved (.keras)"),
        type=["json", "keras"],
        max_upload_size=-(-most_bytes(handles.settings().max_parameters) // 1024**2),
        key=f"{state.BROUGHT_FILES_TAKEN}_{number}",
        help=_(
            "Settings fill the form on Train. A network is tested on images that you choose, and can then be "
            "drawn for; nothing in its file is run before it has been looked through."
        ),
    )
    if file is not None:
        _take(file)
    taken: _Taken | None = st.session_state.get(state.BROUGHT)
    if taken is None:
        return
    if taken.problem is not None:
        show_error(taken.problem)
    elif taken.config is not None:
        _show_settings(taken)
    elif taken.network is not None:
        _show_network(taken, taken.network)
    elif taken.run_id is not None:
        try:
            is_alive = handles.store().get(taken.run_id).status.is_alive
        except RunNotFound:  # deleted meanwhile
            del st.session_state[state.BROUGHT]
            return
        guarded_fragment(_show_run, run_every=_REFRESH_SECONDS if is_alive else None)(
            taken.run_id, is_alive=is_alive
        )


def _take(file: UploadedFile) -> None:
    """Read the file, let go of it, and offer an uploader for the next one."""
    with st.spinner(_("Looking through the file…"), show_time=True):
        st.session_state[state.BROUGHT] = _read(file.getvalue(), file.name)
    st.session_state[state.BROUGHT_FILES_TAKEN] += 1
    let_go(file)
    st.rerun()


def _read(content: bytes, name: str) -> _Taken:
    try:
        if name.casefold().endswith(".json"):
            config = read_settings(content)
            load_form(config)
            return _Taken(name, config=config)
        brought = read_network(content, handles.settings().max_parameters)
        brought.network.config("mnist")  # refuses what no run may have
        return _Taken(name, network=brought)
    except DigitLabError as error:
        told = say("“{name}” cannot be used. {problem}", name=name[:60], problem=str(error))
        return _Taken(name, problem=told)


def _show_settings(taken: _Taken) -> None:
    st.success(
        escape(
            _("The settings of “{name}” are in the form. Look at them, then press Train.", name=taken.name)
        ),
        icon=":material/check_circle:",
    )
    st.page_link("pages/train.py", label=_("To the form"), icon=":material/model_training:")


def _show_network(taken: _Taken, brought: Brought) -> None:
    """Show what the file holds, and ask for what it does not say."""
    hidden = brought.network.config("mnist").hidden_layers
    units = "-".join(f"{layer.units}" for layer in hidden) or _("no hidden layer")
    parameters = f"{brought.network.parameters:,}"
    told = _("hidden layers {units}, {parameters} parameters.", units=units, parameters=parameters)
    st.markdown(f"**{escape(taken.name)}**: {escape(told)}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Test it on the test images of"),
            list(CATALOG),
            key=state.BROUGHT_DATASET,
            format_func=lambda name: _(CATALOG[name].title),
            width=260,
        )
        if not brought.says_its_scale:
            st.selectbox(
                _("The pixels that it learnt were"),
                [TO_ONE, AS_IT_IS],
                key=state.BROUGHT_SCALE,
                format_func={TO_ONE: _("0 to 1"), AS_IT_IS: _("0 to 255")}.__getitem__,
                help=_("Its file does not say. Most programs divide pixels by 255 first: then it is 0 to 1."),
                width=220,
            )
        st.button(_("Test it"), type="primary", icon=":material/grading:", key="test_brought", on_click=_test)


def _test() -> None:
    taken: _Taken | None = st.session_state.get(state.BROUGHT)
    if taken is None or taken.network is None:
        return  # pressed twice
    scale = st.session_state.get(state.BROUGHT_SCALE, TO_ONE)
    try:
        run = start_import(taken.network, scale, st.session_state[state.BROUGHT_DATASET], taken.name)
    except Exception as error:
        st.session_state[state.BROUGHT] = _Taken(taken.name, problem=in_words(error))
        return
    st.session_state[state.BROUGHT] = _Taken(taken.name, run_id=run.id)


def _show_run(run_id: str, *, is_alive: bool) -> None:
    """Show what becomes of the run; once it has ended the whole page is drawn again, with it in all lists."""
    run = handles.watcher().look(run_id).run
    if run.status.is_alive != is_alive:
        st.rerun()
    if is_alive:
        st.info(_waiting(run), icon=":material/hourglass_empty:")
        return
    show_ending(run)
    show_ways_on(run, "brought")


def _waiting(run: Run) -> str:
    jobs = handles.jobs()
    if jobs.failure is not None:
        return escape(_(jobs.failure))
    return _(
        "{run} is being tested: it takes some seconds once a worker is free.", run=run_name(run, workspace())
    )
