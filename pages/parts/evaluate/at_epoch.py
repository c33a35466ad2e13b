"""The results of a run at the epoch that the slider shows."""

from core.data.dataset import Dataset
from core.errors import DigitLabError
from core.evaluation.scores import Evaluation
from core.store import Run
from pages.parts.shared import handles
from pages.parts.shared.epoch_slider import choose_epoch
from pages.parts.shared.errors import show_error


def at_epoch(run: Run, dataset: Dataset, at_end: Evaluation) -> Evaluation:
    """Show the slider; return the results at the epoch chosen, those at the end where these cannot be had."""
    try:
        epoch = choose_epoch(run, "evaluate")
        return at_end if epoch is None else handles.epoch_evaluation(run.id, dataset.name, epoch)
    except DigitLabError as error:
        show_error(error)
        return at_end
