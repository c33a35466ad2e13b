"""Arrays from files that nobody can vouch for: whatever is wrong with them is one error."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.arrays import map_npy, read_npy, read_npz
from core.errors import ArrayDamaged

ARRAYS = [
    np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    np.asfortranarray(np.arange(6, dtype=np.int64).reshape(2, 3)),
    np.float64(2.5) * np.ones(()),
    np.zeros((0, 10), np.uint8),
]


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize("array", ARRAYS, ids=["three axes", "by columns", "one number", "empty"])
def test_an_array_comes_back_read_only(array, tmp_path):
    (tmp_path / "a.npy").write_bytes(npy(array))
    readings = [read_npy(npy(array)), read_npz(npz(one=array, two=array), most_bytes=10_000)["two"]]
    if array.size:  # nothing can be mapped of a file without content
        readings.append(map_npy(tmp_path / "a.npy"))
    for found in readings:
        assert found.dtype == array.dtype
        np.testing.assert_array_equal(found, array)
        assert not found.flags.writeable


def header(text: str) -> bytes:
    padded = text.encode().ljust(118 - 1) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        npy(ARRAYS[0])[:-1],
        npy(ARRAYS[0]) + b"\0",
        npy(np.array([{"a": 1}], dtype=object)),
        # Terabytes that are not there, sizes that are none, and a header that is a program.
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 1), }"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': ('a',), }"),
        header("__import__('os').getpid()"),
        header("(" * 100),
        b"\x93NUMPY\x09\x00" + npy(ARRAYS[0])[8:],
    ],
)
def test_what_is_no_array_of_numbers_is_refused(data):
    with pytest.raises(ArrayDamaged):
        read_npy(data)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.npy", data)
    with pytest.raises(ArrayDamaged):
        read_npz(file.getvalue(), most_bytes=10_000)


def test_a_small_file_that_holds_much_is_refused_before_it_is_opened():
    data = npz(zeros=np.zeros(10_000_000, np.uint8))
    assert len(data) < 20_000
    with pytest.raises(ArrayDamaged, match=r"larger than it can be: 10,000,128 bytes instead of 1,000,000"):
        read_npz(data, most_bytes=1_000_000)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")  # of headers that are read
def test_no_damage_ends_in_another_error():
    generator = np.random.default_rng(5)
    for whole, read in ((npy(ARRAYS[0]), read_npy), (npz(a=ARRAYS[0], b=ARRAYS[1]), _read_small_npz)):
        refused = 0
        for _ in range(800):
            data = bytearray(whole)
            for place in generator.integers(0, len(data), 3):
                data[place] = generator.integers(0, 256)
            try:
                read(bytes(data))
            except ArrayDamaged:
                refused += 1
        assert refused > 100


def _read_small_npz(data: bytes) -> object:
    return read_npz(data, most_bytes=100_000)


@pytest.mark.parametrize("damage", ["missing", "folder", "cut"])
def test_a_file_that_cannot_be_mapped_is_refused(damage, tmp_path: Path):
    path = tmp_path / "a.npy"
    if damage == "folder":
        path.mkdir()
    elif damage == "cut":
        path.write_bytes(npy(ARRAYS[0]))
        os.truncate(path, 150)
    with pytest.raises(ArrayDamaged):
        map_npy(path)
