"""The headless command beside the running app: the names that others rely on."""

from core.store import RunStatus, RunStore
from tests.browser.conftest import App, FinishedRun

KEYS = {
    "run_id",
    "recipe",
    "dataset",
    "seed",
    "parameters",
    "epochs",
    "test_accuracy",
    "test_loss",
    "train_seconds",
    "total_seconds",
}


def test_the_json_line_and_the_stored_run_agree(app: App, finished_run: FinishedRun) -> None:
    assert finished_run.output.count("\n") == 1
    result = finished_run.result
    assert set(result) == KEYS
    assert (result["recipe"], result["dataset"], result["epochs"]) == ("two-128", app.dataset, 1)
    assert result["parameters"] == 118_282
    run = RunStore(f"sqlite:///{app.home / 'digitlab.db'}", str(app.home / "runs")).get(finished_run.id)
    assert run.status is RunStatus.FINISHED
    assert (run.test_accuracy, run.test_loss) == (result["test_accuracy"], result["test_loss"])
    assert result["test_accuracy"] > 0.9


def test_many_chunks_are_one_program(finished_run: FinishedRun) -> None:
    # XLA writes down every program that it compiles: compiling anew at every chunk costs a second each
    # time and goes unnoticed otherwise.
    assert len(finished_run.programs) == 1, finished_run.programs
