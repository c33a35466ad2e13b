"""Runs that end before their last epoch: when, with which network, and what is said."""

import re

import pytest
from numpy.testing import assert_array_equal

from core.config import HiddenLayer
from core.data.dataset import Dataset
from core.evaluation.loss import cross_entropy
from core.store import Request, Run, RunStatus, RunStore
from core.training import fitting, job, saved_state
from core.training.callbacks import checkpoints as interruption
from core.training.engine import chunks
from core.training.job import train_run
from tests.support.interruptions import Killed, after, script_requests
from tests.support.job_samples import Train, assert_usable, names, saved_model
from tests.support.network_pool import Lending
from tests.support.training_samples import rows_of, small_config

# Learns by heart at once: the validation loss turns within a few epochs.
OVERFITTING = small_config(
    hidden_layers=(HiddenLayer(units=32),),
    learning_rate=0.05,
    epochs=60,
    validation_split=0.3,
    early_stopping="loss",
    patience=3,
)


@pytest.mark.xla
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
    store: RunStore, train: Train, monkeypatch: pytest.MonkeyPatch, lending: Lending
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
    lending.give_all_back()
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


def assert_message_is_true(store: RunStore, run: Run, dataset: Dataset) -> None:
    """The kept network is that of the epoch which the message names, the best of all whole ones."""
    named = re.search(r"The network of epoch (\d+) is kept, .* \((\d\.\d{4})\)", run.message or "")
    assert named is not None, run.message
    curve = store.curve(run.id)
    whole = dict(zip(curve.validation_epochs, curve.validation_loss, strict=True))
    whole = {epoch: loss for epoch, loss in whole.items() if epoch == int(epoch)}
    assert int(named[1]) == min(whole, key=lambda epoch: whole[epoch])
    _, held_out = rows_of(run.config, dataset)
    probabilities = saved_model(store, run)(dataset.train_images[held_out]).numpy()
    loss = cross_entropy(probabilities, dataset.train_labels[held_out])
    assert loss == pytest.approx(whole[int(named[1])], abs=1e-5)
    assert named[2] == f"{whole[int(named[1])]:.4f}"


def test_an_extension_begins_patience_anew_and_goes_on_from_the_network_on_show(
    store: RunStore, train: Train, dataset: Dataset
) -> None:
    ended = train(OVERFITTING)
    before = len(store.curve(ended.id).validation_loss)
    assert_message_is_true(store, ended, dataset)
    store.extend(ended.id, before + 5)
    train_run(ended.id)
    run = store.get(ended.id)
    assert run.status is RunStatus.FINISHED
    # The first further epoch is what the others are compared with.
    trained = len(store.curve(run.id).validation_loss) - before
    assert OVERFITTING.patience + 1 <= trained <= 5
    assert_message_is_true(store, run, dataset)
    assert str(run.message).startswith(
        f"Trained further after epoch {before}, from the network of epoch {before - 3}. "
    )


def test_an_extension_after_the_wanted_accuracy_is_not_ended_by_it_again(
    store: RunStore, train: Train
) -> None:
    ended = train(OVERFITTING.model_copy(update={"stop_at_accuracy": 0.3, "early_stopping": "off"}))
    before = len(store.curve(ended.id).validation_loss)
    assert "30 % was wanted" in str(ended.message)
    store.extend(ended.id, before + 5)
    train_run(ended.id)
    run = store.get(ended.id)
    assert len(store.curve(run.id).validation_loss) == before + 5
    assert run.message is None


def test_a_run_stopped_within_an_epoch_keeps_a_whole_one_and_says_so(
    store: RunStore, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "SECONDS_A_CHUNK", 0.0)
    run = store.create(OVERFITTING, workspace="red")
    ask = script_requests(monkeypatch)
    ask(after(7 + 1 + 5, Request.STOP))  # the sixth of seven steps of the second epoch
    train_run(run.id)
    stopped = store.get(run.id)
    assert (stopped.status, stopped.epoch, stopped.step) == (RunStatus.STOPPED, 2, 6)
    losses = store.curve(run.id).validation_loss
    assert losses[1] < losses[0]  # a record, but within an epoch
    assert_message_is_true(store, stopped, dataset)
    ask(after(0, Request.NONE))
    store.extend(run.id, 4)
    train_run(run.id)
    ended = store.get(run.id)
    assert ended.status is RunStatus.FINISHED
    assert_message_is_true(store, ended, dataset)


def test_a_worker_that_dies_before_its_results_leaves_the_end_as_it_was(
    store: RunStore, train: Train, monkeypatch: pytest.MonkeyPatch, lending: Lending
) -> None:
    whole = train(OVERFITTING)
    run = store.create(OVERFITTING, workspace="red")
    with monkeypatch.context() as patch:

        def die(*_: object) -> None:
            raise Killed

        patch.setattr(fitting, "conclude", die)
        with pytest.raises(Killed):
            train_run(run.id)
    lending.give_all_back()
    monkeypatch.setattr(job, "SILENCE_SECONDS", 0.0)
    train_run(run.id)
    ended = store.get(run.id)
    assert (ended.status, ended.message, ended.test_loss) == (whole.status, whole.message, whole.test_loss)
