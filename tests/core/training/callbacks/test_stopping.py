"""Runs that end before their last epoch: when, with which network, and what is said."""

import pytest
from numpy.testing import assert_array_equal

from core.config import HiddenLayer
from core.data.dataset import Dataset
from core.store import RunStatus, RunStore
from core.training import job, saved_state
from core.training.callbacks import checkpoints as interruption
from core.training.job import train_run
from tests.support.job_samples import Train, assert_usable, names, saved_model
from tests.support.training_samples import small_config

# Learns by heart at once: the validation loss turns within a few epochs.
OVERFITTING = small_config(
    hidden_layers=(HiddenLayer(units=32),),
    learning_rate=0.05,
    epochs=60,
    validation_split=0.3,
    early_stopping="loss",
    patience=3,
)


def test_a_run_stops_after_its_patience_and_keeps_the_best_epoch(
    store: RunStore, train: Train, dataset: Dataset
) -> None:
    run = train(OVERFITTING)
    losses = store.curve(run.id).validation_loss
    best = int(losses.argmin())
    assert run.status is RunStatus.FINISHED
    assert len(losses) == best + 1 + 3 < 60
    assert run.message == (
        f"Stopped early at epoch {best + 4}: for 3 epochs in a row the validation loss was no better than "
        f"the {losses[best]:.4f} of epoch {best + 1}. The network of epoch {best + 1} is kept, "
        f"the best whole epoch by validation loss ({losses[best]:.4f})."
    )
    assert_usable(store, run, dataset)
    # The network is that of a run of just so many epochs.
    short = train(OVERFITTING.model_copy(update={"epochs": best + 1, "early_stopping": "off"}))
    for mine, theirs in zip(*(saved_model(store, one).get_weights() for one in (run, short)), strict=True):
        assert_array_equal(mine, theirs)

    last = train(OVERFITTING.model_copy(update={"restore_best": False}))
    assert last.message is not None
    assert last.message.endswith(f"of epoch {best + 1}.")
    assert last.test_loss != run.test_loss
    longer = train(OVERFITTING.model_copy(update={"patience": 5, "early_stopping": "accuracy"}))
    curve = store.curve(longer.id)
    assert len(curve.validation_accuracy) == int(curve.validation_accuracy.argmax()) + 1 + 5
    assert "the validation accuracy was no better" in str(longer.message)


def test_an_interrupted_run_stops_where_the_uninterrupted_one_does(
    store: RunStore, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(OVERFITTING)
    stopped_at = len(store.curve(whole.id).validation_loss)

    run = store.create(OVERFITTING, workspace="red")
    write = saved_state.write_atomically

    def die(path: object, data: bytes) -> None:
        write(path, data)  # type: ignore[arg-type]
        # Two epochs before the end: the best one is past, and has to come from its file.
        if str(path).endswith("checkpoint.npz") and store.get(run.id).epoch == stopped_at - 2:
            raise SystemExit

    monkeypatch.setattr(saved_state, "write_atomically", die)
    monkeypatch.setattr(interruption, "SECONDS_A_CHECKPOINT", 0.0)
    monkeypatch.setattr(interruption, "CHECKPOINT_SHARE", 1e9)
    with pytest.raises(SystemExit):
        train_run(run.id)
    assert names(store.folder(run.id)) == {"checkpoint.npz"}
    monkeypatch.setattr(saved_state, "write_atomically", write)
    monkeypatch.setattr(job, "SILENCE_SECONDS", 0.0)
    train_run(run.id)
    ended = store.get(run.id)
    assert (ended.message, ended.test_loss, ended.attempts) == (whole.message, whole.test_loss, 2)


def test_a_run_ends_when_validation_is_as_good_as_wanted(store: RunStore, train: Train) -> None:
    config = OVERFITTING.model_copy(update={"stop_at_accuracy": 0.3, "learning_rate": 0.005})
    run = train(config)
    accuracies = store.curve(run.id).validation_accuracy
    assert run.status is RunStatus.FINISHED
    assert accuracies[-1] >= 0.3
    assert (accuracies[:-1] < 0.3).all()
    assert run.message == (
        f"Stopped early at epoch {len(accuracies)}: the validation accuracy is "
        f"{100 * accuracies[-1]:.2f} %, and 30 % was wanted."
    )


def test_a_run_of_all_its_epochs_says_which_of_them_it_keeps(store: RunStore, train: Train) -> None:
    run = train(OVERFITTING.model_copy(update={"epochs": 3, "patience": 9}))
    best = int(store.curve(run.id).validation_loss.argmin()) + 1
    assert run.message is not None
    assert run.message.startswith(f"The network of epoch {best} is kept")
