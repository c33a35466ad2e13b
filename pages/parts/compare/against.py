"""A against B, image by image: on which each network is right, what each reads, and the images."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.data.catalog import CATALOG
from core.data.dataset import Dataset
from core.evaluation.against import Against, Group, against, verdict
from core.evaluation.scores import Evaluation
from core.figures.charts.reads import reads_figure
from core.figures.html.pairs import pair_cards, pair_cards_info
from core.numbers import percent, unbroken
from core.recipes import READY_MADE
from core.sentences import say
from core.store import Run
from pages.parts.compare.choice import put_first
from pages.parts.shared import handles, state
from pages.parts.shared.language import _
from pages.parts.shared.matrix import show_matrix
from pages.parts.shared.runs.ending import has_results
from pages.parts.shared.runs.labels import run_labels
from pages.parts.shared.words import escape, with_article
from pages.parts.shared.workspace import workspace

_AT_ONCE = 15
_GROUPS = {
    Group.ONLY_A: say("Only A right"),
    Group.ONLY_B: say("Only B right"),
    Group.NONE: say("Both wrong"),
    Group.BOTH: say("Both right"),
}
# On a phone the images stand above the matrix, right below what opens them.
_STYLE = """<style>
@media (width < 640px) {
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-against_images) {
    flex-direction: column-reverse }
}
</style>"""


@dataclass(frozen=True)
class _Side:
    """One of the two networks: its run, None for the one that comes along; and what it made of the images."""

    run: Run | None
    dataset: Dataset
    result: Evaluation


def show_against(runs: Sequence[Run]) -> None:
    """Show the first two of the chosen runs that have results; one alone against the ready-made network.

    Raises
    ------
    DigitLabError
        If the images or the results cannot be had.
    """
    if _is_behind(runs):
        st.rerun()  # what a press here has chosen is in the table and the address, too
    usable = [run for run in runs if has_results(run)]
    if not usable:
        st.info(
            _("Choose two runs that have ended: every test image shows which of them reads it better."),
            icon=":material/compare_arrows:",
        )
        return
    _show_sides(usable)
    a, b = usable[0], (usable[1] if len(usable) > 1 else None)
    in_b = b.config.dataset if b else READY_MADE.config.dataset
    if CATALOG[a.config.dataset].tested_on != CATALOG[in_b].tested_on:
        st.info(
            _(
                "A has learnt {a}, B {b}: they are tested on other images, and no image tells which is "
                "better. Choose two runs of one dataset.",
                a=_(CATALOG[a.config.dataset].title),
                b=_(CATALOG[in_b].title),
            ),
            icon=":material/image_not_supported:",
        )
        return
    _compare(_side(a), _side(b))


def _is_behind(runs: Sequence[Run]) -> bool:
    """Tell whether other runs, or in another order, have been chosen than the page was drawn with."""
    given = [run.id for run in runs]
    return [one for one in st.session_state.get(state.COMPARED, given) if one in given] != given


def _show_sides(usable: Sequence[Run]) -> None:
    """Show which runs are A and B, to be chosen among `usable`; and where each can be questioned."""
    labels = run_labels(usable, workspace())
    sides = usable[:2]
    ids = [one.id for one in usable]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="against_sides"):
        for letter, run in zip("AB", sides, strict=False):
            key = state.against_side(letter)
            st.session_state[key] = run.id
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width=530):
                with st.container(horizontal=True, vertical_alignment="center", width=310):
                    st.markdown(f"**{letter}**", width="content")
                    st.selectbox(
                        _("Network {letter}", letter=letter),
                        list(labels),
                        key=key,
                        format_func=labels.__getitem__,
                        on_change=_put_first,
                        args=(letter, ids),
                        label_visibility="collapsed",
                    )
                _links(run)
        if len(sides) == 2:
            st.button(
                _("Swap"),
                icon=":material/swap_horiz:",
                key="against_swap",
                help=_("Makes A of B, and B of A."),
                on_click=put_first,
                args=([ids[1], ids[0], *ids[2:]],),
            )
        else:
            st.markdown(
                _("**B** is the ready-made network. Choose a second run in the table to have that one here.")
            )


def _links(run: Run) -> None:
    for page, label, icon in (
        ("pages/evaluate.py", _("Evaluate"), ":material/grid_on:"),
        ("pages/draw.py", _("Draw"), ":material/draw:"),
    ):
        st.page_link(page, label=label, icon=icon, query_params={"run": run.id}, width="content")


def _put_first(letter: str, ids: list[str]) -> None:
    """Make the run picked for A or B the first or second of the chosen ones; if it was the other, swap."""
    place, picked = "AB".index(letter), st.session_state[state.against_side(letter)]
    was = ids.index(picked)
    ids[place], ids[was] = ids[was], ids[place]
    put_first(ids)


def _side(run: Run | None) -> _Side:
    if run is None:
        return _Side(None, *handles.ready_made_evaluation())
    name = run.config.dataset
    return _Side(run, handles.library().open(name), handles.evaluation(run.id, name, run.finished_at))


def _compare(a: _Side, b: _Side) -> None:
    """Show who is right on how many images, what that means, and the images of what is pressed."""
    compared = against(a.result.probabilities, b.result.probabilities, a.dataset.test_labels)
    only_a, only_b = compared.count(Group.ONLY_A), compared.count(Group.ONLY_B)
    st.markdown(
        escape(_(verdict(only_a, only_b)))
        + " "
        + _(
            "A reads {a} right, B {b}.",
            a=unbroken(percent(a.result.scores.accuracy)),
            b=unbroken(percent(b.result.scores.accuracy)),
        ),
        help=_(
            "McNemar’s test. Images that both read alike say nothing about who is better; of the others, two "
            "equally good networks would each be right on half, as a coin falls. It is about these two "
            "networks: whether the settings are better, several seeds tell."
        ),
    )
    st.session_state.setdefault(state.AGAINST_GROUP, Group.ONLY_B)
    counts = {
        group: _("{group}: {count}", group=_(title), count=f"{compared.count(group):,}")
        for group, title in _GROUPS.items()
    }
    st.segmented_control(
        _("Who is right"),
        list(_GROUPS),
        default=state.held(state.AGAINST_GROUP),
        key=state.AGAINST_GROUP,
        format_func=counts.__getitem__,
        on_change=_open_group,
        label_visibility="collapsed",
    )
    st.html(_STYLE)
    left, right = st.columns(2, gap="large")
    names = tuple(map(_, a.dataset.class_names))
    with left:
        show_matrix(
            reads_figure(compared.reads(), names, selected=_opened_cell(), say=_),
            name="against",
            alt=_("What A reads by row, what B reads by column: how many test images."),
            choose=_open_cell,
        )
        st.caption(_("Grey: both read the same. Purple: they disagree. Choose a cell to see its images."))
    with right, st.container(key="against_images"):
        _show_images(compared, a.dataset, names)


def _opened_cell() -> tuple[int, int] | None:
    """Return the cell whose images are shown; none where those of a group are."""
    is_of_group = st.session_state[state.AGAINST_GROUP] is not None
    return None if is_of_group else st.session_state.get(state.AGAINST_CELL)


def _open_group() -> None:
    st.session_state[state.AGAINST_CELL] = None
    st.session_state[state.AGAINST_LIMIT] = _AT_ONCE


def _open_cell(by_a: int, by_b: int) -> None:
    st.session_state[state.AGAINST_CELL] = (by_a, by_b)
    st.session_state[state.AGAINST_GROUP] = None
    st.session_state[state.AGAINST_LIMIT] = _AT_ONCE


def _show_images(compared: Against, dataset: Dataset, names: tuple[str, ...]) -> None:
    """Show the images of the chosen group or cell, 15 at a time."""
    cell, group = st.session_state.get(state.AGAINST_CELL), st.session_state[state.AGAINST_GROUP]
    if group is not None:
        rows, sentence = compared.images_of(group), _group_sentence(group)
    elif cell is not None:
        rows = compared.images_read_as(*cell)
        by_a, by_b = (with_article(dataset.class_names[index]) for index in cell)
        sentence = _("A reads {by_a}, B reads {by_b}", by_a=by_a, by_b=by_b)
    else:
        st.info(_("Choose a number above, or a cell, to see its images."), icon=":material/touch_app:")
        return
    if not len(rows):
        st.markdown(f"**{escape(_('{what}: no image.', what=sentence))}**")
        return
    count = _("1 image") if len(rows) == 1 else _("{count} images, the surest first", count=f"{len(rows):,}")
    st.markdown(f"**{escape(f'{sentence}: {count}.')}**")
    shown = rows[: st.session_state.get(state.AGAINST_LIMIT, _AT_ONCE)]
    st.html(pair_cards(pair_cards_info(shown, compared, dataset.test_images, names), say=_))
    if len(shown) < len(rows):
        st.button(
            _("Show more ({count} left)", count=f"{len(rows) - len(shown):,}"),
            key="against_more",
            on_click=_show_more,
        )


def _group_sentence(group: Group) -> str:
    match group:
        case Group.BOTH:
            return _("Read right by both")
        case Group.ONLY_A:
            return _("Read right by A alone")
        case Group.ONLY_B:
            return _("Read right by B alone")
        case Group.NONE:
            return _("Read wrong by both")


def _show_more() -> None:
    st.session_state[state.AGAINST_LIMIT] = st.session_state.get(state.AGAINST_LIMIT, _AT_ONCE) + _AT_ONCE
