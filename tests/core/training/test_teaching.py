"""Taught runs: a trained network that goes on with a person's drawings among its own images."""

from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.config import HiddenLayer, TrainingConfig
from core.config.teaching import DRAWINGS_SHARE, EPOCHS, LEAST_DRAWINGS, MOST_DRAWINGS, teaching_config
from core.data.dataset import Dataset, Drawings
from core.data.split import rows_of_run, rows_with_drawings
from core.errors import ConfigError, ModelError
from core.prediction.network import Network
from core.prediction.onnx_layers import weights_of
from core.store import NewDrawing, Request, Run, RunStatus, RunStore
from core.store.files import LESSON_FILE, ONNX_FILE
from core.store.teaching import Lesson, lesson_of
from core.training import job
from core.training.callbacks import checkpoints, snapshots
from core.training.course import Course
from core.training.engine.model import ChunkedNetwork, fit_rows
from core.training.engine.programs import Programs
from tests.support.interruptions import Killed, script_requests
from tests.support.job_samples import Train, saved_model
from tests.support.odd_hand import odd_digits
from tests.support.training_samples import TRAINING_IMAGES, same_bits, small_config

# Dropout and batch normalization have state of their own.
BASE = small_config(
    hidden_layers=(HiddenLayer(units=12, dropout=0.2),), batch_normalization=True, validation_split=0.1
)


def lesson(dataset: Dataset, count: int = 12) -> Lesson:
    """Return a lesson of test images turned on their side, with a third more held back."""
    images = np.rot90(np.asarray(dataset.test_images), axes=(1, 2))[: count + count // 3]
    held_back = np.arange(len(images)) >= count
    labels = np.asarray(dataset.test_labels)[: len(images)]
    return lesson_of(images, labels, held_back, count_right=lambda *_: 1, test_accuracy_before=0.5)


def taught_config(base: TrainingConfig) -> TrainingConfig:
    """Return the settings of teaching, with few images and two epochs."""
    return teaching_config(base, TRAINING_IMAGES).model_copy(update={"training_fraction": 0.2, "epochs": 2})


def taught(store: RunStore, base: Run, dataset: Dataset) -> Run:
    weights = weights_of(store.artifact(base.id, ONNX_FILE))
    return store.teach(
        taught_config(base.config), weights, lesson(dataset), workspace="red", parent=base, name="mine"
    )


@pytest.fixture
def base(train: Train) -> Run:
    """A run that has ended."""
    return train(BASE)


def test_a_taught_run_begins_with_the_network_and_ends_as_any_run(
    store: RunStore, base: Run, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "SNAPSHOT_SHARE", np.inf)
    run = taught(store, base, dataset)
    assert (run.status, run.parent, run.parent_number, run.name) == ("queued", base.id, base.number, "mine")
    store.delete(base.id)  # it needs nothing of the other run any more
    job.train_run(run.id)
    ended = store.get(run.id)
    assert ended.status is RunStatus.FINISHED
    began = store.weights_at(run.id, 0)
    assert same_bits(list(began), saved_model(store, base).get_weights())
    assert not same_bits(list(began), saved_model(store, ended).get_weights())
    # As many steps as its images and the drawings make.
    learnt, _ = rows_of_run(run.config, TRAINING_IMAGES)
    shown = len(learnt) + round(len(learnt) * DRAWINGS_SHARE / (1 - DRAWINGS_SHARE))
    assert ended.steps_per_epoch == -(-shown // run.config.batch_size)
    kept = store.lesson(run.id)
    assert kept is not None
    expected = lesson(dataset)
    assert_array_equal(kept.learnt_images, expected.learnt_images)
    assert_array_equal(kept.held_back_labels, expected.held_back_labels)
    assert (kept.right_before, kept.test_accuracy_before, kept.share) == (1, 0.5, DRAWINGS_SHARE)
    Network(store.artifact(run.id, ONNX_FILE)).predict(kept.held_back_images)


def test_a_killed_worker_costs_a_taught_run_no_bit(
    store: RunStore, base: Run, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "SECONDS_A_CHECKPOINT", 0.0)
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SHARE", np.inf)
    monkeypatch.setattr(job, "SILENCE_SECONDS", 0.1)
    whole, cut = taught(store, base, dataset), taught(store, base, dataset)
    job.train_run(whole.id)
    with monkeypatch.context() as patch:
        script_requests(patch)(chain(repeat(Request.NONE, 2), repeat(None)))
        with pytest.raises(Killed):
            job.train_run(cut.id)
    left = store.get(cut.id)
    assert left.status is RunStatus.RUNNING
    assert left.checkpoint_step
    job.train_run(cut.id)
    ends = [store.get(run.id) for run in (whole, cut)]
    assert [run.status for run in ends] == [RunStatus.FINISHED] * 2
    assert same_bits(*(saved_model(store, run).get_weights() for run in ends))
    assert ends[0].test_loss == ends[1].test_loss


def test_a_fork_of_a_taught_run_learns_the_same_drawings(
    store: RunStore, base: Run, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "SNAPSHOT_SHARE", np.inf)
    run = taught(store, base, dataset)
    job.train_run(run.id)
    fork = store.fork(run.id, 1, workspace="red")
    job.train_run(fork.id)
    assert same_bits(*(saved_model(store, store.get(one.id)).get_weights() for one in (run, fork)))


def test_a_run_whose_settings_ask_for_drawings_learns_them_and_can_be_repeated(
    store: RunStore, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = lesson(dataset)
    for image, label in zip(given.learnt_images, given.learnt_labels, strict=True):
        store.keep_drawing("red", NewDrawing(image, int(label), is_held_back=False), None)
    config = BASE.model_copy(update={"drawings": "mine", "drawings_share": 0.4})
    run = store.create(config, workspace="red")
    store.delete_drawings("red")
    again = store.create(config, workspace="red", like=run.id)
    plain = store.create(config.model_copy(update={"drawings": "none"}), workspace="red")
    for one in (run, again, plain):
        job.train_run(one.id)
    ended = [store.get(one.id) for one in (run, again, plain)]
    assert [one.status for one in ended] == [RunStatus.FINISHED] * 3
    weights = [saved_model(store, one).get_weights() for one in ended]
    assert same_bits(weights[0], weights[1])
    assert not same_bits(weights[0], weights[2])
    learnt, _ = rows_of_run(config, TRAINING_IMAGES)
    shown = len(learnt) + round(len(learnt) * 0.4 / 0.6)
    assert ended[0].steps_per_epoch == -(-shown // config.batch_size)


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_without_its_drawings_a_run_does_not_learn_something_else(
    store: RunStore, base: Run, dataset: Dataset, damage: str
) -> None:
    run = taught(store, base, dataset)
    path = store.folder(run.id) / LESSON_FILE
    path.unlink() if damage == "missing" else path.write_bytes(path.read_bytes()[:-1] + b"x")
    job.train_run(run.id)
    ended = store.get(run.id)
    assert ended.status is RunStatus.FAILED
    assert LESSON_FILE in str(ended.message)


def test_too_few_drawings_and_weights_of_another_network_are_refused(
    store: RunStore, base: Run, dataset: Dataset
) -> None:
    with pytest.raises(ConfigError, match=f"9 labelled drawings are too few.*least {LEAST_DRAWINGS}"):
        lesson(dataset, LEAST_DRAWINGS - 1)
    weights = weights_of(store.artifact(base.id, ONNX_FILE))
    other = teaching_config(small_config(), TRAINING_IMAGES)
    with pytest.raises(ModelError, match="another network"):
        store.teach(other, weights, lesson(dataset), workspace="red")
    assert len(store.list_runs()) == 1


def test_of_too_many_drawings_the_last_are_taken() -> None:
    count = 3 * MOST_DRAWINGS
    images, labels = np.zeros((count, 28, 28), np.uint8), (np.arange(count) % 10).astype(np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(count), 256)  # each another one
    held_back = np.arange(count) % 2 == 1
    asked: list[int] = []
    given = lesson_of(
        images,
        labels,
        held_back,
        count_right=lambda _, labels: asked.append(len(labels)) or 7,  # type: ignore[func-returns-value]
        test_accuracy_before=None,
    )
    assert asked == [len(given.held_back_labels)] == [len(given.learnt_labels)] == [MOST_DRAWINGS]
    assert given.learnt_images[0, 0, 0] == (count - 2 * MOST_DRAWINGS) // 256
    assert np.isnan(given.test_accuracy_before)


def mixed(dataset: Dataset, count: int) -> Dataset:
    """Return the dataset with so many drawings beside it."""
    given = lesson(dataset, count)
    return replace(dataset, drawings=Drawings(given.learnt_images, given.learnt_labels, 0.3))


def learn(network: ChunkedNetwork, config: TrainingConfig, dataset: Dataset, rows: Any) -> list[Any]:
    """Train two epochs of these rows and return the weights."""
    _, validation = rows_of_run(config, TRAINING_IMAGES)
    course = Course(len(rows), config.batch_size, 2, 3)
    fit_rows(network, config, course, rows, validation, callbacks=[])
    return network.get_weights()


def test_drawings_are_learnt_as_if_they_were_images_of_the_dataset(dataset: Dataset) -> None:
    config, both = taught_config(BASE), mixed(dataset, 20)
    assert both.drawings is not None
    rows = rows_with_drawings(rows_of_run(config, TRAINING_IMAGES)[0], both)
    one = replace(
        dataset,
        name="in one",
        train_images=np.concatenate([dataset.train_images, both.drawings.images]),
        train_labels=np.concatenate([dataset.train_labels, both.drawings.labels]),
    )
    weights = [learn(ChunkedNetwork(config, each), config, each, rows) for each in (both, one)]
    assert same_bits(*weights)


@pytest.mark.xla
def test_other_drawings_need_no_other_program(dataset: Dataset) -> None:
    config, programs = taught_config(small_config()), Programs()
    first, second = mixed(dataset, 20), mixed(dataset, 15)
    rows = rows_with_drawings(rows_of_run(config, TRAINING_IMAGES)[0], second)
    network = programs.take(config, first)
    learn(network, config, first, rows_with_drawings(rows_of_run(config, TRAINING_IMAGES)[0], first))
    programs.give_back(config, network)
    assert programs.take(config, dataset) is not network  # one without drawings
    again = programs.take(config, second)
    assert again is network
    traced = again.train_step.experimental_get_tracing_count()
    weights = learn(again, config, second, rows)
    assert again.train_step.experimental_get_tracing_count() == traced
    assert same_bits(weights, learn(ChunkedNetwork(config, second), config, second, rows))


@pytest.mark.parametrize("seed", range(20))
def test_every_drawing_has_its_share(dataset: Dataset, seed: int) -> None:
    chance = np.random.default_rng(seed)
    count, share = int(chance.integers(1, 60)), float(chance.uniform(0.05, 0.8))
    training_rows = np.arange(int(chance.integers(50, 500)), dtype=np.int32)
    images = np.zeros((count, 28, 28), np.uint8)
    drawings = Drawings(images, np.zeros(count, np.uint8), share)
    rows = rows_with_drawings(training_rows, replace(dataset, drawings=drawings))
    own = rows[len(training_rows) :]
    assert_array_equal(rows[: len(training_rows)], training_rows)
    assert len(own) / len(rows) == pytest.approx(share, abs=1 / len(training_rows))
    times = np.bincount(own - len(dataset.train_images), minlength=count)
    assert len(times) == count
    assert np.ptp(times) <= 1
    assert_array_equal(rows_with_drawings(training_rows, dataset), training_rows)


def test_a_lesson_is_short_for_every_network() -> None:
    for units in (16, 128, 1_024, 2_048):
        base = TrainingConfig(hidden_layers=(HiddenLayer(units=units, dropout=0.1),) * 2, label_noise=0.5)
        config = teaching_config(base, 60_000)
        TrainingConfig.build(config.model_dump())  # within all bounds
        assert config.hidden_layers == base.hidden_layers
        assert (config.seed, config.validation_split) == (base.seed, base.validation_split)
        assert (config.epochs, config.label_noise) == (EPOCHS, 0)
        assert 1_000 <= config.training_fraction * 54_000 <= 60_000 / 2


@pytest.mark.mnist
@pytest.mark.xla
def test_thirty_drawings_of_an_odd_hand_are_learnt_and_mnist_is_not_forgotten(mnist: Dataset) -> None:
    usual = TrainingConfig(
        hidden_layers=(HiddenLayer(units=64),), epochs=2, batch_size=128, validation_split=0.0
    )
    weights = engine_weights(usual, mnist)
    config = teaching_config(usual, len(mnist.train_images))
    images, labels = odd_digits(30)
    dataset = replace(mnist, drawings=Drawings(images, labels, DRAWINGS_SHARE))
    held_back, test = odd_digits(200, seed=1), (mnist.test_images, mnist.test_labels)
    network = ChunkedNetwork(config, dataset)
    network.set_weights(weights)
    before = [read(network, *each) for each in (held_back, test)]
    rows, validation = rows_of_run(config, len(mnist.train_images))
    rows = rows_with_drawings(rows, dataset)
    course = Course(len(rows), config.batch_size, config.epochs, 50)
    fit_rows(network, config, course, rows, validation, callbacks=[])
    after = [read(network, *each) for each in (held_back, test)]
    assert after[0] >= before[0] + 0.10
    assert after[1] >= before[1] - 0.002


def engine_weights(config: TrainingConfig, dataset: Dataset) -> list[Any]:
    """Return the weights of a network trained on a dataset alone."""
    network = ChunkedNetwork(config, dataset)
    rows, validation = rows_of_run(config, len(dataset.train_images))
    course = Course(len(rows), config.batch_size, config.epochs, 50)
    fit_rows(network, config, course, rows, validation, callbacks=[])
    return network.get_weights()


def read(network: ChunkedNetwork, images: Any, labels: Any) -> float:
    """Return the share that a network reads."""
    return float((network.probabilities(np.asarray(images)).argmax(axis=1) == labels).mean())
