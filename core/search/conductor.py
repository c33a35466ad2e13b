"""StudyConductor: asks Optuna what to try next, tells it what came of it, and stops what lags behind.

A trial of Optuna and a run of the store belong together by the trial's number. Optuna knows of it first: one
that has no run yet, because the process died in between, gets it at the next look. What is said twice to
Optuna or to a run does no harm, so this may be interrupted anywhere and gone on with by another process.
"""

from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from core.errors import ConfigError
from core.experiments.conductors import Ending, NewTrial, Step, missing_runs
from core.search.plans import StudyPlan, read_plan
from core.search.space import Range, grid_points
from core.search.storage import CUT, as_store_errors, forget_studies, open_study
from core.sentences import say
from core.store import Experiment, Request, RunStatus, RunStore, Score, Trial, kept_score

# What a run is marked with that the search has stopped early, among its tags and in Optuna.
PRUNED = "pruned"
# TPE begins with so many random points: at most ten, as Optuna has it, and a third of a small budget; five
# where minutes decide, and nobody knows how many runs they are.
_RANDOM_FIRST, _RANDOM_FIRST_BY_MINUTES = 10, 5
# The median rule lets so many runs end, and each have an epoch, before it stops any.
_MEDIAN_RUNS = 4
_MEDIAN_EPOCHS = 1


class StudyConductor:
    """For searches; see `core.experiments.conductors.Conductor`."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._studies: dict[str, optuna.Study] = {}

    def step(self, experiment: Experiment, trials: Sequence[Trial], free: int) -> Step:
        """Tell Optuna what has come, and return what it wants next."""
        plan = read_plan(experiment)
        with as_store_errors(self._store.database):
            study = self._study(experiment, plan)
            stop = self._tell(study, plan, trials)
            known = {trial.number for trial in trials}
            so_far = study.get_trials(deepcopy=False)  # once: each look at the database takes milliseconds
            new: list[NewTrial] = []
            # What was asked for, and then a process died.
            for one in so_far:
                if one.state is TrialState.RUNNING and one.number not in known:
                    new += self._new_trial(study, plan, optuna.Trial(study, one._trial_id))
            # What only stands in a line was not asked for yet, what was cut off is asked for anew.
            asked = sum(one.state is not TrialState.WAITING and CUT not in one.user_attrs for one in so_far)
            used_up = self._is_used_up(experiment, plan)
            while asked < plan.size and len(new) < free and not used_up:
                study.sampler = _sampler(plan, asked)
                new += self._new_trial(study, plan, _ask(study, plan))
                asked += 1
        return Step(new=new, stop=stop, has_more=asked < plan.size and not used_up)

    def end(self, experiment: Experiment, trials: Sequence[Trial]) -> Ending:
        """Return which run is the best, or which are, and how many were pruned or failed."""
        plan = read_plan(experiment)
        with as_store_errors(self._store.database):
            study = self._study(experiment, plan)
            self._tell(study, plan, trials, is_stopped=experiment.request is Request.STOP)
            for one in study.get_trials(deepcopy=False, states=(TrialState.RUNNING, TrialState.WAITING)):
                _cut_off(study, one)  # has no run
            done = study.get_trials(deepcopy=False)
            best = [trial.number for trial in study.best_trials]
        runs = {run.trial: run for run in self._store.experiment_runs(experiment.id)}
        counts = {state: sum(trial.state is state for trial in done) for state in TrialState}
        made = {trial.number for trial in trials}
        cut = sum(CUT in trial.user_attrs and trial.number in made for trial in done)
        outcome: dict[str, Any] = {
            "finished": counts[TrialState.COMPLETE],
            "pruned": counts[TrialState.PRUNED],
            "failed": len(trials) - cut - counts[TrialState.COMPLETE] - counts[TrialState.PRUNED],
            "best": [
                {
                    "trial": number,
                    "run": runs[number].id,
                    "values": list(done[number].values or ()),
                    "test_accuracy": runs[number].test_accuracy,
                }
                for number in best
                if number in runs
            ],
        }
        self._studies.pop(experiment.id, None)
        forget_studies(self._store.database, lambda: self._store.known_experiments(experiment.kind))
        return Ending(outcome, missing_runs(len(trials), len(trials) - max(0, int(outcome["failed"]))))

    def _study(self, experiment: Experiment, plan: StudyPlan) -> optuna.Study:
        if experiment.id not in self._studies:
            study = open_study(self._store.database, experiment.id, plan)
            study.pruner = _pruner(plan)
            self._studies[experiment.id] = study
        return self._studies[experiment.id]

    def _new_trial(self, study: optuna.Study, plan: StudyPlan, trial: optuna.Trial) -> list[NewTrial]:
        """Return the run of a trial; none where its values cannot be had together, which Optuna is told."""
        params = {one.name: _suggest(trial, one) for one in plan.ranges}
        try:
            config = plan.at(params)
        except ConfigError:
            study.tell(trial.number, state=TrialState.FAIL)
            return []
        return [NewTrial(trial.number, say("trial {number}", number=trial.number + 1), config)]

    def _tell(
        self, study: optuna.Study, plan: StudyPlan, trials: Sequence[Trial], *, is_stopped: bool = False
    ) -> list[str]:
        """Tell Optuna of runs that have ended or come further; return which should stop early."""
        by_number = {trial.number: trial for trial in trials}
        pairs = [
            (one, by_number[one.number])
            for one in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
            if one.number in by_number
        ]
        scores = self._store.scores([trial.run_id for _, trial in pairs])
        stop: list[str] = []
        for one, trial in pairs:
            of_run = scores.get(trial.run_id, ())
            if not trial.is_deleted:
                _report(study, one, of_run)
            if is_stopped and trial.status is RunStatus.STOPPED and not _is_noted(study, one):
                _cut_off(study, one)
            elif not trial.is_open:
                self._tell_of_end(study, plan, one, trial, of_run)
            elif trial.request is not Request.STOP and self._is_pruned(study, plan, one):
                stop.append(trial.run_id)
        return stop

    def _is_pruned(self, study: optuna.Study, plan: StudyPlan, one: FrozenTrial) -> bool:
        """Tell whether a run should stop early; that is noted before anybody is told."""
        if plan.pruner == "none":
            return False
        trial = study._storage.get_trial(one._trial_id)
        if trial.user_attrs.get(PRUNED):
            return True
        # On its last epoch nothing is won any more.
        if trial.last_step is None or trial.last_step >= plan.base.epochs:
            return False
        if study.pruner.prune(study, trial):
            study._storage.set_trial_user_attr(trial._trial_id, PRUNED, True)
            return True
        return False

    def _tell_of_end(
        self,
        study: optuna.Study,
        plan: StudyPlan,
        one: FrozenTrial,
        trial: Trial,
        scores: Sequence[Score],
    ) -> None:
        if trial.is_deleted:
            study.tell(one.number, state=TrialState.FAIL)
            return
        run = self._store.get(trial.run_id)
        accuracy = kept_score(run, scores)
        if trial.status is RunStatus.FINISHED and accuracy is not None:
            low = {"parameters": float(run.config.parameters), "seconds": run.train_seconds or 0.0}
            values = [accuracy, low[plan.goal]] if plan.is_two_fold else [accuracy]
            study.tell(one.number, values)
        elif trial.status is RunStatus.STOPPED and _is_noted(study, one):
            # First with the run: once Optuna knows, nobody comes here again.
            self._store.tell_of_trial(
                run.id,
                message=say("Stopped early by its search: at this epoch other runs were ahead."),
                tags=[PRUNED],
            )
            study.tell(one.number, state=TrialState.PRUNED)
        else:
            study.tell(one.number, state=TrialState.FAIL)

    def _is_used_up(self, experiment: Experiment, plan: StudyPlan) -> bool:
        """Tell whether the runs have had all the training that they may."""
        if plan.minutes is None:
            return False
        return self._store.experiment_seconds(experiment.id) >= plan.minutes * 60


def _is_noted(study: optuna.Study, one: FrozenTrial) -> bool:
    """Tell whether it was noted that a run should stop early."""
    return bool(study._storage.get_trial(one._trial_id).user_attrs.get(PRUNED))


def _cut_off(study: optuna.Study, one: FrozenTrial) -> None:
    """Note that a trial came to no end because the search was stopped: it may be asked for anew."""
    study._storage.set_trial_user_attr(one._trial_id, CUT, True)
    study.tell(one.number, state=TrialState.FAIL)


def _ask(study: optuna.Study, plan: StudyPlan) -> optuna.Trial:
    if plan.sampler == "grid" and not study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
        tried = [one.params for one in study.get_trials(deepcopy=False) if CUT not in one.user_attrs]
        study.enqueue_trial(next(point for point in grid_points(plan.ranges) if point not in tried))
    return study.ask()


def _sampler(plan: StudyPlan, asked: int) -> optuna.samplers.BaseSampler:
    """Return what chooses a trial, by a seed of its own: so a restart repeats none."""
    seed = (plan.seed + asked) % 2**32
    if plan.sampler != "tpe":
        return optuna.samplers.RandomSampler(seed=seed)
    first = _RANDOM_FIRST_BY_MINUTES if plan.minutes is not None else min(_RANDOM_FIRST, plan.size // 3)
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(1, first))


def _pruner(plan: StudyPlan) -> optuna.pruners.BasePruner:
    """Return the rule by which runs are stopped early; a step of it is an epoch.

    Hyperband: Li et al. 2018, "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization".
    The median rule: Golovin et al. 2017, "Google Vizier: A Service for Black-Box Optimization", 3.2.
    """
    if plan.pruner == "hyperband":
        return optuna.pruners.HyperbandPruner(
            min_resource=1, max_resource=plan.base.epochs, reduction_factor=3
        )
    if plan.pruner == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=_MEDIAN_RUNS, n_warmup_steps=_MEDIAN_EPOCHS)
    return optuna.pruners.NopPruner()


def _suggest(trial: optuna.Trial, one: Range) -> Any:
    """Return a setting's value in a trial; asked again it is the same."""
    distribution = distribution_of(one)
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(one.name, distribution.choices)
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(one.name, distribution.low, distribution.high, log=distribution.log)
    assert isinstance(distribution, FloatDistribution)
    return trial.suggest_float(one.name, distribution.low, distribution.high, log=distribution.log)


def distribution_of(one: Range) -> BaseDistribution:
    """Return a range as Optuna has it."""
    if one.choices:
        return CategoricalDistribution(one.choices)
    if one.tunable.kind == "whole":
        return IntDistribution(int(one.low), int(one.high), log=one.logarithmic)
    return FloatDistribution(one.low, one.high, log=one.logarithmic)


def _report(study: optuna.Study, one: FrozenTrial, scores: Sequence[Score]) -> None:
    """Tell Optuna the validation accuracy after each whole epoch that it does not know yet."""
    for score in scores:
        epoch = round(score.epoch)
        if abs(score.epoch - epoch) < 1e-6 and epoch > 0 and epoch not in one.intermediate_values:
            study._storage.set_trial_intermediate_value(one._trial_id, epoch, score.accuracy)
