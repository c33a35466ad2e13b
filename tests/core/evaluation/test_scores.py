"""Scores against scikit-learn, against numbers worked out by hand, and against damaged files."""

import io
import math
from contextlib import suppress

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    classification_report,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
)

from core.errors import ModelError
from core.evaluation.loss import cross_entropy
from core.evaluation.mistakes import images_of_cell
from core.evaluation.scores import (
    Confusion,
    evaluate,
    most_confused,
    read_probabilities,
    row_percent,
    score,
)


def certain(reads: list[int], confidence: float = 0.91) -> np.ndarray:
    """Probabilities that read each image as told, the rest shared evenly."""
    rows = np.full((len(reads), 10), (1 - confidence) / 9, dtype=np.float32)
    rows[np.arange(len(reads)), reads] = confidence
    return rows


def saved(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    """What NumPy writes of an array."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


@pytest.fixture
def thousand() -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (1000, 10) that are often right, and labels."""
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 10, 1000).astype(np.uint8)
    logits = generator.normal(size=(1000, 10))
    logits[np.arange(1000), labels] += 2
    shares = np.exp(logits)
    return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32), labels


def test_scores_equal_scikit_learn(thousand: tuple[np.ndarray, np.ndarray]) -> None:
    probabilities, labels = thousand
    reads = probabilities.argmax(axis=1)
    scores = score(probabilities, labels)
    report = classification_report(labels, reads, output_dict=True)
    assert np.array_equal(scores.confusion, confusion_matrix(labels, reads))
    assert scores.accuracy == pytest.approx(accuracy_score(labels, reads))
    exact = probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    assert scores.loss == pytest.approx(log_loss(labels, exact), rel=1e-5)
    for digit in range(10):
        expected = report[str(digit)]
        assert scores.precision[digit] == pytest.approx(expected["precision"])
        assert scores.recall[digit] == pytest.approx(expected["recall"])
        assert scores.f1[digit] == pytest.approx(expected["f1-score"])
        assert scores.support[digit] == expected["support"]
    assert scores.count == 1000
    assert scores.wrong == (labels != reads).sum()


def test_scores_equal_scikit_learn_where_classes_are_missing() -> None:
    generator = np.random.default_rng(5)
    for _ in range(20):
        labels, reads = (generator.choice(generator.permutation(10)[:4], 30) for _ in range(2))
        scores = score(certain(reads.tolist()), labels.astype(np.uint8))
        expected = precision_recall_fscore_support(labels, reads, labels=range(10), zero_division=np.nan)
        ours = (scores.precision, scores.recall, scores.f1, scores.support)
        for got, wanted in zip(ours, expected, strict=True):
            np.testing.assert_allclose(got, wanted)
        assert np.array_equal(scores.confusion, confusion_matrix(labels, reads, labels=range(10)))


def test_scores_by_hand() -> None:
    # Four 4s, one of them read as a 9; two 9s, both right.
    scores = score(certain([4, 4, 4, 9, 9, 9]), np.array([4, 4, 4, 4, 9, 9], dtype=np.uint8))
    assert scores.confusion[4].tolist() == [0, 0, 0, 0, 3, 0, 0, 0, 0, 1]
    assert scores.confusion[9, 9] == 2
    assert scores.confusion.sum() == 6
    assert scores.accuracy == pytest.approx(5 / 6)
    assert scores.loss == pytest.approx(-(5 * math.log(0.91) + math.log(0.01)) / 6, rel=1e-5)
    assert (scores.precision[4], scores.recall[4]) == (1, 0.75)
    assert scores.precision[9] == pytest.approx(2 / 3)
    assert scores.recall[9] == 1
    assert scores.f1[9] == pytest.approx(0.8)
    assert scores.wrong == 1


def test_a_class_that_is_never_read_has_no_precision() -> None:
    scores = score(certain([1, 1]), np.array([1, 7], dtype=np.uint8))
    assert math.isnan(scores.precision[7])
    assert scores.recall[7] == 0
    assert math.isnan(scores.recall[0])


def test_a_probability_of_zero_leaves_the_loss_finite() -> None:
    loss = cross_entropy(certain([3], confidence=1.0), np.array([5], dtype=np.uint8))
    assert loss == pytest.approx(-math.log(np.finfo(np.float32).tiny))


def test_row_percent_adds_up_to_100_and_leaves_empty_rows_empty() -> None:
    confusion = np.zeros((10, 10), dtype=np.int64)
    confusion[2] = [1, 0, 6, 1, 0, 0, 0, 0, 0, 0]
    percent = row_percent(confusion)
    assert percent[2].tolist() == [12.5, 0, 75, 12.5, 0, 0, 0, 0, 0, 0]
    assert percent[3].tolist() == [0] * 10


def test_most_confused_ignores_the_diagonal() -> None:
    confusion = np.diag(np.full(10, 900)).astype(np.int64)
    assert most_confused(confusion) is None
    confusion[4, 9], confusion[9, 4] = 31, 30
    assert most_confused(confusion) == Confusion(true=4, predicted=9, count=31)


def test_images_of_a_cell_come_surest_first() -> None:
    probabilities = np.concatenate(
        [certain([9], 0.5), certain([9], 0.9), certain([4], 0.9), certain([9], 0.7)]
    )
    labels = np.array([4, 4, 4, 4], dtype=np.uint8)
    assert images_of_cell(probabilities, labels, 4, 9).tolist() == [1, 3, 0]
    assert images_of_cell(probabilities, labels, 4, 4).tolist() == [2]
    assert images_of_cell(probabilities, labels, 9, 4).tolist() == []


def test_cells_share_out_all_images(thousand: tuple[np.ndarray, np.ndarray]) -> None:
    probabilities, labels = thousand
    confusion = score(probabilities, labels).confusion
    cells = [images_of_cell(probabilities, labels, true, read) for true in range(10) for read in range(10)]
    assert [len(cell) for cell in cells] == confusion.ravel().tolist()
    assert sorted(np.concatenate(cells)) == list(range(1000))


def test_evaluate_reads_what_was_written(thousand: tuple[np.ndarray, np.ndarray]) -> None:
    probabilities, labels = thousand
    found = evaluate(saved(probabilities), labels)
    assert np.array_equal(found.probabilities, probabilities)
    assert found.scores.accuracy == score(probabilities, labels).accuracy
    with pytest.raises(ValueError, match="read-only"):
        found.probabilities[0, 0] = 1


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (certain([1, 2]), "of 2 images, the test set has 3"),
        (certain([1, 2, 3])[:, :9], "their shape is"),
        (certain([1, 2, 3]).astype(np.float64), "not float32"),
        (np.full((3, 10), np.nan, dtype=np.float32), "not numbers"),
        (np.full((3, 10), 0.2, dtype=np.float32), "do not add up"),
        (certain([1, 2, 3], confidence=1.5), "do not add up"),
    ],
)
def test_wrong_content_is_refused_in_words(array: np.ndarray, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        read_probabilities(saved(array), 3)


@pytest.mark.parametrize("kept", [0, 4, 20, 200])
def test_a_truncated_file_is_refused(kept: int) -> None:
    with pytest.raises(ModelError, match="damaged"):
        read_probabilities(saved(certain([1, 2, 3]))[:kept], 3)


def test_whatever_byte_of_a_files_head_is_changed_it_is_read_or_refused_in_words() -> None:
    whole = saved(certain([1, 2, 3]))
    for place in range(128):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << bit
            with suppress(ModelError):
                assert read_probabilities(bytes(damaged), 3).shape == (3, 10)


def test_pickled_objects_are_never_opened() -> None:
    with pytest.raises(ModelError, match="damaged"):
        read_probabilities(saved(np.array([{"a": 1}], dtype=object), allow_pickle=True), 1)
