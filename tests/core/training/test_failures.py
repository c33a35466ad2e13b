"""Each failure of the gallery is trained for real and found, while it happens; a good run shows none."""

from collections.abc import Callable

import pytest

from core.config import TrainingConfig
from core.evaluation.diagnosis.advice import Finding
from core.evaluation.diagnosis.rules import diagnose
from core.recipes import FAILURES
from core.store import CurvePoint, Progress, Run, RunStatus, RunStore
from core.training import job

# The recipes learn 60,000 images, and here there are 600: what else makes a failure show with so few.
SMALL = {"batch_size": 8, "epochs": 4, "validation_split": 0.3}
HERE = {
    "fails-diverging": {"warm_up_epochs": 60.0, "epochs": 60, "batch_size": 8},
    "fails-dead-relu": SMALL,
    "fails-saturation": SMALL,
    "fails-overfitting": {"training_fraction": 0.2, "validation_split": 0.5, "epochs": 40},
    "fails-stalled": SMALL,
}
SHOWS = {
    "fails-diverging": "diverging",
    "fails-dead-relu": "dead",
    "fails-saturation": "saturated",
    "fails-overfitting": "overfitting",
    "fails-stalled": "stalled",
}
# So few images are enough to see that the remedy of these helps.
CURED = {"fails-dead-relu", "fails-saturation", "fails-stalled"}

Watch = Callable[[TrainingConfig], tuple[Run, list[Finding], set[str]]]


@pytest.fixture
def watch(store: RunStore) -> Watch:
    """Return a function that trains a configuration and returns run, findings at its end and on the way."""

    def findings(run: Run) -> list[Finding]:
        has_failed = run.status is RunStatus.FAILED
        curve, vitals = store.curve(run.id), store.vitals(run.id)
        return diagnose(run.config, curve, vitals, run.steps_per_epoch, has_failed=has_failed)

    def train(config: TrainingConfig) -> tuple[Run, list[Finding], set[str]]:
        run_id = store.create(config, workspace="red").id
        on_the_way: set[str] = set()

        def look(progress: Progress, points: list[CurvePoint]) -> None:
            on_the_way.update(finding.kind for finding in findings(store.get(run_id)))

        job.train_run(run_id, on_progress=look)
        run = store.get(run_id)
        return run, findings(run), on_the_way

    return train


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_found_while_it_happens_and_its_remedy_cures(watch: Watch, name: str) -> None:
    config = FAILURES[name].config.model_copy(update={"dataset": "pen-strokes", **HERE[name]})
    failed, found, on_the_way = watch(config)
    assert failed.status is (RunStatus.FAILED if name == "fails-diverging" else RunStatus.FINISHED)
    assert [finding.kind for finding in found] == [SHOWS[name]]
    assert SHOWS[name] in on_the_way
    if name in CURED:
        cured, left, _ = watch(found[0].remedy)
        assert left == []
        assert (cured.test_accuracy or 0) > (failed.test_accuracy or 1) + 0.1
