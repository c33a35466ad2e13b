"""Files from outside: the right ones are read, all others refused by name and never used."""

import dataclasses
import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.config import DATASETS
from core.data.catalog import CATALOG
from core.data.verify import check_arrays, idx_md5, read_idx, read_npz
from core.errors import DatasetCorrupt
from tests.support.dataset_samples import ARRAYS, idx_info, keyed, make_arrays, npz_info, to_idx, to_npz

GOOD = to_npz(**keyed(make_arrays()))
INFO = npz_info(GOOD)


def changed(**changes: Any) -> bytes:
    return to_npz(**{**keyed(make_arrays()), **changes})


def with_one_pixel_changed() -> bytes:
    images = make_arrays()["train_images"]
    images[3, 4, 5] ^= 1
    return changed(x_train=images)


def with_two_labels_swapped() -> bytes:
    labels = make_arrays()["train_labels"]
    first, second = 0, int(np.argmax(labels != labels[0]))
    labels[[first, second]] = labels[[second, first]]
    return changed(y_train=labels)


def without_test_labels() -> bytes:
    arrays = keyed(make_arrays())
    del arrays["y_test"]
    return to_npz(**arrays)


def with_member(key: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in keyed(make_arrays()).items():
            plain = io.BytesIO()
            np.save(plain, array)
            archive.writestr(f"{name}.npy", content if name == key else plain.getvalue())
    return file.getvalue()


def with_a_huge_header() -> bytes:
    content = io.BytesIO()
    description = {"descr": "|u1", "fortran_order": False, "shape": (10**15, 28, 28)}
    np.lib.format.write_array_header_1_0(content, description)
    return with_member("x_test", content.getvalue())


def plain_npy() -> bytes:
    file = io.BytesIO()
    np.save(file, make_arrays()["train_images"])
    return file.getvalue()


def with_flipped_bytes() -> bytes:
    middle = len(GOOD) // 2
    return GOOD[:middle] + bytes(byte ^ 0xFF for byte in GOOD[middle : middle + 64]) + GOOD[middle + 64 :]


def test_the_right_npz_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    path.write_bytes(GOOD)
    arrays = read_npz(INFO, path)
    for name, expected in make_arrays().items():
        np.testing.assert_array_equal(arrays[name], expected)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (lambda: b"", "damaged or not an npz file"),
        (lambda: b"<html>Please log in</html>", "damaged or not an npz file"),
        (lambda: GOOD[: len(GOOD) // 2], "damaged or not an npz file"),
        (lambda: GOOD[:-1], "damaged or not an npz file"),
        (with_flipped_bytes, "damaged or not an npz file"),
        (plain_npy, "damaged or not an npz file"),
        (with_a_huge_header, "damaged or not an npz file"),
        (without_test_labels, "the array y_test is missing"),
        (lambda: changed(x_train=make_arrays()["train_images"][:-1]), "train_images is uint8 59×28×28"),
        (lambda: changed(x_test=np.zeros((20, 784), np.uint8)), "test_images is uint8 20×784"),
        (lambda: changed(y_train=np.zeros(60, np.int8)), "train_labels is int8 60 where uint8 60"),
        (lambda: changed(x_train=np.zeros((500, 28, 28), np.uint8)), "it is larger than it can be"),
        (lambda: with_member("x_train", bytes(50_000_000)), "it is larger than it can be"),
        (with_one_pixel_changed, "contents of train_images differ"),
        (with_two_labels_swapped, "contents of train_labels differ"),
    ],
)
def test_any_other_npz_is_refused_by_name(tmp_path: Path, content: Callable[[], bytes], problem: str) -> None:
    path = tmp_path / "mnist.npz"
    path.write_bytes(content())
    with pytest.raises(DatasetCorrupt, match=re.escape(problem)) as refused:
        read_npz(INFO, path)
    assert str(path) in str(refused.value)
    assert "Replace or remove it and try again." in str(refused.value)


class Trap:
    """Unpickling this object makes a file."""

    def __init__(self, sprung: Path) -> None:
        self.sprung = sprung

    def __reduce__(self) -> Any:
        return Path.touch, (self.sprung,)


def test_pickled_objects_are_refused_unopened(tmp_path: Path) -> None:
    path, sprung = tmp_path / "mnist.npz", tmp_path / "sprung"
    path.write_bytes(changed(y_test=np.array([Trap(sprung)] * 20, object)))
    with np.load(path, allow_pickle=True) as file:
        file["y_test"]
    assert sprung.exists()  # the trap works
    sprung.unlink()

    with pytest.raises(DatasetCorrupt, match=re.escape(str(path))):
        read_npz(INFO, path)
    assert not sprung.exists()


def test_labels_above_nine_are_refused_where_no_checksum_is_known() -> None:
    info = dataclasses.replace(INFO, idx_md5={})
    arrays = {**make_arrays(), "test_labels": np.full(20, 10, np.uint8)}
    with pytest.raises(DatasetCorrupt, match="test_labels has the label 10"):
        check_arrays(info, arrays, "somewhere")


def test_the_right_idx_file_is_read(tmp_path: Path) -> None:
    info, contents = idx_info()
    for source in info.files:
        path = tmp_path / source.filename
        path.write_bytes(contents[source.filename])
        np.testing.assert_array_equal(read_idx(info, source, path), make_arrays()[source.arrays[0]])


def test_an_idx_file_with_another_checksum_is_refused(tmp_path: Path) -> None:
    info, contents = idx_info()
    source = info.files[0]
    path = tmp_path / source.filename
    path.write_bytes(contents[source.filename][:-10])
    told = rf"{re.escape(str(path))} .* SHA-256 .*, {source.size - 10:,} bytes where {source.size:,} belong"
    with pytest.raises(DatasetCorrupt, match=told):
        read_idx(info, source, path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (to_idx(make_arrays()["train_images"]), "not a gzip file"),
        (gzip.compress(to_idx(make_arrays()["train_images"]))[:-20], "not a gzip file"),
        (gzip.compress(to_idx(make_arrays()["train_images"])[:-1]), "not an IDX file of 60×28×28"),
        (gzip.compress(to_idx(make_arrays()["train_images"]) + b"x"), "not an IDX file of 60×28×28"),
        (gzip.compress(to_idx(make_arrays()["test_images"])), "not an IDX file of 60×28×28"),
    ],
)
def test_the_contents_of_an_idx_file_are_checked_too(tmp_path: Path, content: bytes, problem: str) -> None:
    info, _ = idx_info()
    source = dataclasses.replace(info.files[0], sha256=hashlib.sha256(content).hexdigest())
    path = tmp_path / source.filename
    path.write_bytes(content)
    with pytest.raises(DatasetCorrupt, match=problem):
        read_idx(info, source, path)


def test_idx_md5_is_the_md5_of_the_written_file() -> None:
    for array in make_arrays().values():
        assert idx_md5(array) == hashlib.md5(to_idx(array)).hexdigest()
    turned = make_arrays()["train_images"].transpose(0, 2, 1)  # not contiguous
    assert idx_md5(turned) == hashlib.md5(to_idx(turned)).hexdigest()


def test_the_catalogue_has_what_a_configuration_can_name() -> None:
    assert tuple(CATALOG) == DATASETS
    for name, info in CATALOG.items():
        assert info.name == name
        assert len(info.class_names) == 10
        assert info.shapes["train_images"] == (120_000 if info.based_on else 60_000, 28, 28)
        assert info.shapes["test_images"] == (10_000, 28, 28)
        assert not info.based_on or CATALOG[info.based_on].files
        if not info.is_generated:
            assert sorted(array for source in info.files for array in source.arrays) == sorted(ARRAYS)


def test_addresses_and_checksum_are_those_of_keras() -> None:
    spec = find_spec("keras")  # found, not imported: that would take TensorFlow along
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "src" / "datasets"
    for name, module in (("mnist", "mnist.py"), ("fashion-mnist", "fashion_mnist.py")):
        text = (folder / module).read_text(encoding="utf-8")
        for source in CATALOG[name].files:
            assert source.url.removesuffix(source.filename) in text
            assert source.filename in text
    assert CATALOG["mnist"].files[0].sha256 in (folder / "mnist.py").read_text(encoding="utf-8")


@pytest.mark.mnist
def test_the_real_mnist_passes(mnist: Any) -> None:
    check_arrays(CATALOG["mnist"], {name: getattr(mnist, name) for name in ARRAYS}, "mnist")
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert not mnist.train_images.flags.writeable
