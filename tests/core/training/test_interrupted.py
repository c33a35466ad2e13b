"""Hundreds of runs, killed, paused and stepped through anywhere, end as those that nothing interrupted."""

from dataclasses import dataclass, field
from itertools import chain, repeat
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.config import TrainingConfig
from core.store import Request, RunStatus
from core.training import fitting
from core.training.callbacks import checkpoints, recorder, snapshots
from tests.support.fake_training import FakeNetwork, FakeStore, fake_fit
from tests.support.interruptions import Heard, Killed

RUNS = 600
ASKED: tuple[Heard, ...] = (None, Request.PAUSE, Request.STEP_CHUNK, Request.STEP_EPOCH)


@dataclass
class Trained:
    """How a run ended, and what was recorded on the way."""

    outcome: Any
    result: list[float]
    last_epoch_loss: float | None
    store: FakeStore
    interruptions: list[Heard] = field(default_factory=list)


def work(store: FakeStore, images: int) -> Trained:
    """Do what one worker does: from the last checkpoint to the end, or to an interruption."""
    network = FakeNetwork()
    dataset = SimpleNamespace(train_images=range(images), drawings=None)
    outcome = fitting.fit_run(store, store.run, store, store, store, network, dataset, None, store)  # type: ignore[arg-type]
    return Trained(outcome, network.result, network.last_epoch_loss, store)


def some_config(chance: np.random.Generator, images: int) -> TrainingConfig:
    """Return settings with everything that has to go on after an interruption."""
    return TrainingConfig(
        hidden_layers=(),
        batch_size=int(chance.integers(1, images + 10)),
        epochs=int(chance.integers(1, 6)),
        validation_split=float(chance.choice([0.0, 0.3])) if images > 3 else 0.0,
        seed=int(chance.integers(100)),
        learning_rate_schedule=str(chance.choice(["constant", "cosine"])),
    )


def stops_early(chance: np.random.Generator, config: TrainingConfig) -> TrainingConfig:
    """Return the settings with early stopping where there are validation images, half of the time."""
    if not config.validation_split or chance.random() < 0.5:
        return config
    watched = str(chance.choice(["loss", "accuracy"]))
    return TrainingConfig.build(
        config.model_dump() | {"early_stopping": watched, "patience": int(chance.integers(1, 4))}
    )


def interrupted(chance: np.random.Generator, config: TrainingConfig, images: int) -> Trained:
    """Train a run that is killed, paused or made to step again and again, at places drawn by chance."""
    store, asked = FakeStore(config), []
    while True:
        request = ASKED[chance.integers(len(ASKED))] if len(asked) < 6 else Request.NONE
        # Often at once: as a run goes on, something is asked already.
        store.heard = chain(repeat(Request.NONE, int(chance.integers(0, 6))), repeat(request))
        asked.append(request)
        try:
            trained = work(store, images)
        except Killed:
            continue
        if trained.outcome.status is not RunStatus.PAUSED:
            trained.interruptions = asked
            return trained
        store.run.train_seconds = trained.outcome.train_seconds


def test_no_interruption_changes_a_step_a_point_or_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "fit_rows", fake_fit)
    monkeypatch.setattr(recorder, "SECONDS_A_WRITE", 0.0)
    monkeypatch.setattr(snapshots, "SNAPSHOT_SHARE", np.inf)  # of every epoch, however short
    chance = np.random.default_rng(1)
    interruptions = 0
    for number in range(RUNS):
        images = int(chance.integers(1, 40))
        config = stops_early(chance, some_config(chance, images))
        steps = int(chance.integers(1, 8))
        monkeypatch.setattr(fitting, "steps_per_chunk", lambda *_, steps=steps: steps)
        # A checkpoint after every chunk, or only where somebody asks for one.
        monkeypatch.setattr(checkpoints, "SECONDS_A_CHECKPOINT", 0.0 if chance.random() < 0.7 else np.inf)
        monkeypatch.setattr(checkpoints, "CHECKPOINT_SHARE", np.inf)
        whole = work(FakeStore(config), images)
        cut = interrupted(chance, config, images)
        interruptions += len(cut.interruptions) - 1
        where = f"run {number}: {config!r}, {images} images, {steps} steps a chunk, {cut.interruptions}"
        assert cut.result == whole.result, where
        assert cut.store.points == whole.store.points, where
        assert cut.store.kept == whole.store.kept, where
        # None where the last worker found the run at its end.
        assert cut.last_epoch_loss in (None, whole.last_epoch_loss), where
        ends = [(one.outcome.status, one.outcome.message) for one in (cut, whole)]
        assert ends[0] == ends[1], where
    assert interruptions > RUNS
