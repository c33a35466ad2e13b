"""Draw: a trained network reads what you draw, or a picture of your handwriting."""

from core.data.catalog import CATALOG
from core.recipes import READY_MADE
from core.store import Run
from pages.parts.draw.my_handwriting import show_my_handwriting
from pages.parts.draw.my_handwriting.labels import note_drawn
from pages.parts.draw.pocket.section import show_pocket
from pages.parts.draw.sources import Opened, show_source
from pages.parts.draw.why import show_why
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.handles import network, network_file, ready_made_file, ready_made_network, store
from pages.parts.shared.judging import calibration_of
from pages.parts.shared.language import _
from pages.parts.shared.router import begin_page
from pages.parts.shared.runs.picker import open_run


def main() -> None:
    """Show the page: choose a run, draw or bring a picture, the answer, what else can be done below."""
    begin_page(_("Draw"), tab=_("Draw: let a network read your digits"))
    opened = open_run(
        "draw",
        _load,
        invitation=_("No network of yours yet. Draw digits for this ready-made one."),
        load_ready_made=_load_ready_made,
    )
    if opened is not None:
        shown = opened[1]
        _read(shown)
        has_learnt = shown.run is not None and store().has_lesson(shown.run.id)
        show_my_handwriting(shown.run, shown.network, shown.dataset, only_held_back=has_learnt)
        show_pocket(shown)


@guarded_fragment
def _read(opened: Opened) -> None:
    """Show source and answer, and a section in a line each; a stroke runs this part only."""
    subject = show_source(opened)
    note_drawn(subject, opened)
    show_why(
        opened.onnx,
        opened.network,
        subject.picture,
        opened.dataset.class_names,
        lambda: calibration_of(opened.run).temperature,
    )


def _load(run: Run) -> Opened:
    return Opened(
        run,
        network(run.id, run.finished_at),
        network_file(run.id, run.finished_at),
        CATALOG[run.config.dataset],
    )


def _load_ready_made() -> Opened:
    return Opened(None, ready_made_network(), ready_made_file(), CATALOG[READY_MADE.config.dataset])


main()
