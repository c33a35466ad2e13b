"""Experiments for tests."""

from core.config import TrainingConfig
from core.experiments.plans import FixedPlan


def seeds_plan(config: TrainingConfig, count: int) -> FixedPlan:
    """Return the plan to train one configuration with `count` seeds, from its own one on."""
    seeds = range(config.seed, config.seed + count)
    trials = [{"label": f"seed {seed}", "config": config.model_dump() | {"seed": seed}} for seed in seeds]
    return FixedPlan.build({"kind": "seeds", "trials": trials})
