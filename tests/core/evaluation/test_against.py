"""Two networks on the same images: held against counting, and McNemar's test against SciPy."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from core.evaluation.against import Against, Group, against, mcnemar, verdict


def some(count: int = 600, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what two networks, often right, make of images, and the labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count).astype(np.uint8)
    rows = [rng.dirichlet(np.full(10, 0.4), count).astype(np.float32) for _ in range(2)]
    for row, weight in zip(rows, (0.2, 0.3), strict=True):
        row[np.arange(count), labels] += weight
        row /= row.sum(axis=1, keepdims=True)
    return rows[0], rows[1], labels


@pytest.fixture(scope="module")
def compared() -> Against:
    return against(*some())


def test_four_groups_add_up_to_all_images(compared: Against) -> None:
    a, b, labels = some()
    is_a, is_b = a.argmax(axis=1) == labels, b.argmax(axis=1) == labels
    expected = {
        Group.BOTH: is_a & is_b,
        Group.ONLY_A: is_a & ~is_b,
        Group.ONLY_B: ~is_a & is_b,
        Group.NONE: ~is_a & ~is_b,
    }
    for group, is_in in expected.items():
        assert compared.count(group) == is_in.sum() > 0
        assert set(compared.images_of(group)) == set(np.flatnonzero(is_in))
    assert sum(map(compared.count, Group)) == len(labels)


def test_what_a_reads_against_what_b_reads(compared: Against) -> None:
    a, b, labels = some()
    reads = compared.reads()
    assert np.array_equal(reads, confusion_matrix(a.argmax(axis=1), b.argmax(axis=1), labels=range(10)))
    assert reads.sum() == len(labels)
    rows = compared.images_read_as(3, 5)
    assert len(rows) == reads[3, 5] > 0
    assert (a[rows].argmax(axis=1) == 3).all()
    assert (b[rows].argmax(axis=1) == 5).all()


def test_those_come_first_of_which_both_are_surest(compared: Against) -> None:
    a, b, _ = some()
    rows = compared.images_of(Group.BOTH)
    assert (np.diff(a[rows].max(axis=1) + b[rows].max(axis=1)) <= 0).all()


@pytest.mark.parametrize(
    ("only_a", "only_b"), [(0, 1), (3, 15), (45, 61), (61, 45), (45, 45), (8, 0), (120, 190), (4_900, 5_100)]
)
def test_mcnemar_equals_scipys_exact_binomial_test(only_a: int, only_b: int) -> None:
    expected = binomtest(only_a, only_a + only_b, 0.5).pvalue
    assert mcnemar(only_a, only_b) == pytest.approx(expected, rel=1e-9)


def test_networks_that_never_differ_differ_by_no_more_than_luck() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(0, 10_000) == 0  # less than any float


@pytest.mark.parametrize(
    ("only_a", "only_b", "words"),
    [
        (
            45,
            61,
            "B alone is right on 61 images, A alone on 45. If they were equally good, a difference like this "
            "would come up in 14 of 100 cases: it may be luck.",
        ),
        (
            90,
            20,
            "A alone is right on 90 images, B alone on 20. If they were equally good, a difference like this "
            "would come up in fewer than 1 of 1,000 cases: A is better on such images.",
        ),
        (
            3,
            15,
            "B alone is right on 15 images, A alone on 3. If they were equally good, a difference like this "
            "would come up in 8 of 1,000 cases: B is better on such images.",
        ),
        (
            1,
            0,
            "A alone is right on 1 image, B alone on 0. If they were equally good, a difference like this "
            "would come up in 100 of 100 cases: it may be luck.",
        ),
        (45, 45, "B alone is right on 45 images, A alone on 45. Neither is better."),
        (0, 0, "A and B are right and wrong on the same images."),
    ],
)
def test_the_verdict_in_words(only_a: int, only_b: int, words: str) -> None:
    assert verdict(only_a, only_b) == words


def test_nothing_gives_nothing() -> None:
    nothing = against(np.empty((0, 10), np.float32), np.empty((0, 10), np.float32), np.empty(0, np.uint8))
    assert [nothing.count(group) for group in Group] == [0, 0, 0, 0]
    assert not nothing.reads().any()
    assert not len(nothing.images_read_as(1, 2))
