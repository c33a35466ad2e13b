"""Runs whose settings ask for labelled drawings: which they get and keep, what is refused."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sqlalchemy import update

from core.arrays import as_npz
from core.config import HiddenLayer, TrainingConfig
from core.config.cost import estimated_seconds
from core.config.teaching import LEAST_DRAWINGS, MOST_DRAWINGS, teaching_config
from core.errors import ConfigError, LimitExceeded, ModelError
from core.settings import Settings
from core.store import NewDrawing, Progress, Run, RunStatus, RunStore
from core.store.files import LESSON_FILE, snapshot_file
from core.store.tables import drawings
from core.store.teaching import Lesson, lesson_of
from core.weights import variables
from tests.support.experiment_samples import seeds_plan
from tests.support.store_samples import empty_artifacts, empty_database, folders

MINE = TrainingConfig(hidden_layers=(HiddenLayer(units=3),), drawings="mine", drawings_share=0.3)
EVERYONE = MINE.model_copy(update={"drawings": "everyone"})
NONE = MINE.model_copy(update={"drawings": "none"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield opened
    opened.close()


def picture(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (28, 28), np.uint8)


def draw(store: RunStore, workspace: str, first: int, learnt: int, held_back: int = 0) -> None:
    """Keep so many drawings of a workspace, each another picture, from number `first` on."""
    new = [
        NewDrawing(picture(first + place), (first + place) % 10, is_held_back=place >= learnt)
        for place in range(learnt + held_back)
    ]
    store.import_drawings(workspace, new, None)


def lesson(store: RunStore, run: Run) -> Lesson:
    found = store.lesson(run.id)
    assert found is not None
    return found


def numbers(images: np.ndarray) -> list[int]:
    """Return the numbers of the pictures from which these were made, in rising order."""
    known = {picture(number).tobytes(): number for number in range(200)}
    return sorted(known[image.tobytes()] for image in images)


def test_a_run_keeps_the_drawings_of_the_moment_in_which_it_was_made(store: RunStore) -> None:
    draw(store, "red", 0, 12, 5)
    draw(store, "blue", 100, 8, 2)
    mine = store.create(MINE, workspace="red")
    pooled = store.create(EVERYONE, workspace="blue")
    store.delete_drawings("red")
    draw(store, "red", 50, 3)
    found = lesson(store, mine)
    assert numbers(found.learnt_images) == list(range(12))
    assert numbers(found.held_back_images) == list(range(12, 17))
    shown = [numbers(found.learnt_images[[place]])[0] for place in range(12)]
    assert_array_equal(found.learnt_labels, np.array(shown) % 10)
    assert (found.share, np.isnan(found.right_before)) == (0.3, True)
    assert numbers(lesson(store, pooled).learnt_images) == [*range(12), *range(100, 108)]
    assert numbers(lesson(store, pooled).held_back_images) == [*range(12, 17), 108, 109]
    assert store.create(NONE, workspace="red").id not in folders(store)


def test_too_few_are_refused_and_nothing_is_left_of_the_run(store: RunStore) -> None:
    draw(store, "red", 0, LEAST_DRAWINGS - 1, 20)
    words = f"your labelled drawings, of which there are {LEAST_DRAWINGS - 1} to learn.*page Draw"
    with pytest.raises(ConfigError, match=words):
        store.create(MINE, workspace="red")
    room = store.room_for(MINE, workspace="red", limits=Settings())
    assert not room.allowed
    assert f"there are {LEAST_DRAWINGS - 1} to learn" in room.sentence
    assert store.room_for(MINE, workspace="red", limits=Settings(), is_new=False).allowed
    plan = seeds_plan(EVERYONE, 2)
    with pytest.raises(ConfigError, match=f"this server has {LEAST_DRAWINGS - 1}"):
        store.create_experiment(plan, workspace="red")
    problem = store.experiment_problem(plan, workspace="red", limits=Settings())
    assert problem is not None
    assert "everyone's labelled drawings" in problem
    assert (store.list_runs(), store.list_experiments()) == ([], [])
    # Clothes learn no digits, whatever the settings say.
    clothes = MINE.model_copy(update={"dataset": "fashion-mnist"})
    assert store.lesson(store.create(clothes, workspace="red").id) is None


def test_without_room_its_drawings_are_not_left_behind(store: RunStore) -> None:
    draw(store, "red", 0, LEAST_DRAWINGS)
    with pytest.raises(LimitExceeded):
        store.create(MINE, workspace="red", limits=Settings(max_parameters=1_000))
    assert folders(store) == set()


def test_what_one_person_holds_back_another_one_does_not_teach(store: RunStore) -> None:
    draw(store, "red", 0, 12)
    draw(store, "blue", 10, 0, 4)  # two of them are red's as well
    found = lesson(store, store.create(EVERYONE, workspace="red"))
    assert numbers(found.learnt_images) == list(range(10))
    assert numbers(found.held_back_images) == [10, 11, 12, 13]


def test_a_repeated_run_learns_the_same_ones(store: RunStore) -> None:
    draw(store, "red", 0, 12)
    first = store.create(MINE, workspace="red")
    store.delete_drawings("red")
    again = store.create(MINE.model_copy(update={"seed": 1}), workspace="blue", like=first.id)
    assert numbers(lesson(store, again).learnt_images) == list(range(12))
    assert store.lesson(store.create(NONE, workspace="red", like=first.id).id) is None


def test_the_file_is_bounded_and_packed(store: RunStore) -> None:
    images = np.zeros((3 * MOST_DRAWINGS, 28, 28), np.uint8)
    images[:, 8:20, 13:15] = 200
    images[:, 0, :4] = np.arange(len(images), dtype=">u4").view(np.uint8).reshape(-1, 4)
    given = lesson_of(images, np.zeros(len(images), np.uint8), np.arange(len(images)) % 2 == 1)
    run = store.teach(
        teaching_config(NONE, 60_000), [np.zeros(s) for s in _shapes(NONE)], given, workspace="red"
    )
    size = (store.folder(run.id) / LESSON_FILE).stat().st_size
    assert size < given.learnt_images.nbytes / 5
    assert_array_equal(lesson(store, run).learnt_images, given.learnt_images)


def _shapes(config: TrainingConfig) -> list[tuple[int, ...]]:
    return [one.shape for one in variables(config) if one.is_weight]


def ended(store: RunStore, config: TrainingConfig) -> Run:
    """Return a run that has ended, whose first epoch is kept."""
    run = store.create(config, workspace="red")
    claim = store.claim(run.id, "anna")
    claim.record([], Progress(2, 10, 10, None, None))
    claim.finish(RunStatus.FINISHED, test_accuracy=0.9)
    arrays = [np.zeros(one.shape, np.float32 if one.is_weight else np.int64) for one in variables(config)]
    kept = {f"variable_{number}": array for number, array in enumerate(arrays)}
    kept |= {"position": np.array([1, 0, 0]), "seconds": np.array(1.0)}
    (store.folder(run.id) / snapshot_file(1)).write_bytes(as_npz(kept))
    return store.get(run.id)


def test_a_fork_learns_what_its_settings_ask_for(store: RunStore) -> None:
    draw(store, "red", 0, 12)
    draw(store, "blue", 100, 8)
    parent = ended(store, MINE)
    store.delete_drawings("red", [one.id for one in store.drawings("red")][:1])
    same = store.fork(parent.id, 1, workspace="blue")
    assert len(lesson(store, same).learnt_labels) == 12
    other_share = MINE.model_copy(update={"drawings_share": 0.5})
    found = lesson(store, store.fork(parent.id, 1, workspace="blue", config=other_share))
    assert (len(found.learnt_labels), found.share) == (12, 0.5)
    pooled = lesson(store, store.fork(parent.id, 1, workspace="blue", config=EVERYONE))
    assert len(pooled.learnt_labels) == 11 + 8
    assert store.lesson(store.fork(parent.id, 1, workspace="blue", config=NONE).id) is None
    with pytest.raises(ConfigError, match="at least 10 are needed"):
        store.fork(ended(store, NONE).id, 1, workspace="blue", config=MINE)
    (store.folder(parent.id) / LESSON_FILE).unlink()
    with pytest.raises(ModelError, match=LESSON_FILE):
        store.fork(parent.id, 1, workspace="red")


def test_all_trials_of_an_experiment_learn_the_same_drawings(store: RunStore) -> None:
    draw(store, "red", 0, 12)
    experiment = store.create_experiment(seeds_plan(MINE, 2), workspace="red")
    store.lease_experiments("driver")
    trials = []
    for number in range(2):
        config = MINE.model_copy(update={"seed": number})
        run = store.add_trial(experiment, "driver", number, config)
        assert run is not None
        assert store.add_trial(experiment, "driver", number, config) is None  # it is there
        trials.append(run)
        store.delete_drawings("red")
    assert [numbers(lesson(store, run).learnt_images) for run in trials] == [list(range(12))] * 2
    assert folders(store) == {run.id for run in trials}


def test_what_is_learnt_besides_takes_its_time(store: RunStore) -> None:
    draw(store, "red", 0, 12)
    config = MINE.model_copy(update={"validation_split": 0.0})
    run = store.create(config, workspace="red")
    more_images = round(60_000 / (1 - config.drawings_share))
    expected = estimated_seconds(config.model_copy(update={"drawings": "none"}), more_images)
    assert run.cost_seconds == pytest.approx(expected, rel=0.01)


def test_damaged_drawings_in_the_database_are_left_out(store: RunStore) -> None:
    draw(store, "red", 0, 12)
    with store.database.transaction(write=True) as connection:
        one = store.drawings("red")[0].id
        connection.execute(update(drawings).where(drawings.c.id == one).values(image=b"short"))
    assert len(lesson(store, store.create(MINE, workspace="red")).learnt_labels) == 11
