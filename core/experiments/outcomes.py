"""What came of an experiment whose runs were all planned: plain data, which the database keeps as JSON."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.experiments.duel import duel_outcome
from core.experiments.plans import FixedPlan
from core.store import Run, Score, kept_score

Outcome = dict[str, Any]
Scores = Mapping[str, Sequence[Score]]
# Of a kind that has more to say than the figures of its runs: what is to stand in the outcome besides.
OUTCOMES: dict[str, Callable[[FixedPlan, Sequence[Run], Scores], Outcome]] = {
    "duel": lambda plan, runs, scores: duel_outcome(plan, runs),
}


def outcome_of(plan: FixedPlan, runs: Sequence[Run], scores: Scores) -> Outcome:
    """Return the figures of all runs of a plan, and what its kind says besides.

    Parameters
    ----------
    runs
        Those that are there, in the order of the plan; any may be missing, stopped or failed.
    scores
        Of each run by its id, on the validation images.

    Returns
    -------
    outcome
        `trials`: a dictionary for each run, with `trial`, `label`, `run`, `status`,
        `validation_accuracy`, `test_accuracy` and `seconds`, each None where it was not measured.
    """
    further = OUTCOMES.get(plan.kind)
    known = [run for run in runs if run.trial is not None and run.trial < plan.size]
    figures = [figures_of(run, plan.trials[run.trial or 0].label, scores.get(run.id, ())) for run in known]
    return {"trials": figures} | (further(plan, known, scores) if further else {})


def figures_of(run: Run, label: str, scores: Sequence[Score]) -> Outcome:
    """Return what is kept of one run."""
    return {
        "trial": run.trial,
        "label": label,
        "run": run.id,
        "status": str(run.status),
        "validation_accuracy": kept_score(run, scores),
        "test_accuracy": run.test_accuracy,
        "seconds": run.train_seconds,
    }
