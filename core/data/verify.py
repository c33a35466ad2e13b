"""Checks of dataset files that came from outside, and reading them only as far as they pass.

Every function raises `DatasetCorrupt` with a sentence that names the file, what is
wrong with it and what to do. Nothing is ever unpickled, and sizes are checked before
memory is given.
"""

import gzip
import hashlib
import struct
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.arrays import read_npz as read_npz_content
from core.data.catalog import DatasetInfo, SourceFile
from core.data.dataset import ARRAY_NAMES, Arrays
from core.errors import ArrayDamaged, DatasetCorrupt
from core.sentences import say

# The names that keras.datasets.mnist uses inside mnist.npz.
NPZ_KEYS = dict(zip(ARRAY_NAMES, ("x_train", "y_train", "x_test", "y_test"), strict=True))

# A .npy header of a plain uint8 array is 128 bytes; ten times that is generous.
_HEADER_ALLOWANCE = 1_280


def idx_header(shape: tuple[int, ...]) -> bytes:
    """Return the header of an IDX file of uint8: magic 0x08 and rank, then sizes, big-endian."""
    return struct.pack(f">{1 + len(shape)}I", 0x0800 | len(shape), *shape)


def idx_md5(array: NDArray[np.uint8]) -> str:
    """Return the MD5 that `array` has when written as an IDX file."""
    # A checksum against damage and mix-ups, which is all that was ever published for these.
    digest = hashlib.md5(idx_header(array.shape), usedforsecurity=False)
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def check_arrays(info: DatasetInfo, arrays: Arrays, source: str) -> None:
    """Check shapes, types, labels and the published MD5 sums.

    Parameters
    ----------
    arrays
        By the names in `ARRAY_NAMES`.
    source
        The file they came from, for the sentence.
    """
    for name in ARRAY_NAMES:
        if name not in arrays:
            raise _refusal(source, info, say("the array {name} is missing", name=name))
        _check_array(info, name, arrays[name], source)


def _check_array(info: DatasetInfo, name: str, array: NDArray[np.uint8], source: str) -> None:
    shape = info.shapes[name]
    if array.dtype != np.uint8 or array.shape != shape:
        found = f"{array.dtype} {_times(array.shape)}"
        raise _refusal(
            source,
            info,
            say(
                "{name} is {found} where uint8 {wanted} belongs", name=name, found=found, wanted=_times(shape)
            ),
        )
    if name.endswith("labels") and array.max(initial=0) >= len(info.class_names):
        raise _refusal(
            source, info, say("{name} has the label {label}; the highest is 9", name=name, label=array.max())
        )
    if name in info.idx_md5 and idx_md5(array) != info.idx_md5[name]:
        raise _refusal(source, info, say("the contents of {name} differ from the original (MD5)", name=name))


def read_npz(info: DatasetInfo, path: Path) -> dict[str, NDArray[np.uint8]]:
    """Read and check the four arrays of a local or downloaded npz file."""
    most_bytes = sum(prod(shape) + _HEADER_ALLOWANCE for shape in info.shapes.values())
    try:
        found = read_npz_content(path.read_bytes(), most_bytes=most_bytes)
    except OSError as error:
        raise _refusal(
            str(path), info, _reason(error, say("it is damaged or not an npz file of plain numbers"))
        ) from error
    except ArrayDamaged as error:
        raise _refusal(str(path), info, str(error)) from error
    for key in NPZ_KEYS.values():
        if key not in found:
            raise _refusal(str(path), info, say("the array {name} is missing", name=key))
    arrays = {name: found[key] for name, key in NPZ_KEYS.items()}
    check_arrays(info, arrays, str(path))
    return arrays


def read_idx(info: DatasetInfo, source: SourceFile, path: Path) -> NDArray[np.uint8]:
    """Read one gzip-compressed IDX file whose SHA-256 is pinned; shape as in `info`."""
    check_sha256(info, source, path)
    shape = info.shapes[source.arrays[0]]
    header = idx_header(shape)
    expected = len(header) + prod(shape)
    try:
        with gzip.open(path) as file:
            content = file.read(expected + 1)
    except Exception as error:  # gzip and zlib have a class of their own for every kind of damage
        raise _refusal(str(path), info, _reason(error, say("it is damaged or not a gzip file"))) from error
    if len(content) != expected or not content.startswith(header):
        raise _refusal(str(path), info, say("it is not an IDX file of {shape} bytes", shape=_times(shape)))
    array = np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)
    _check_array(info, source.arrays[0], array, str(path))
    return array


def check_sha256(info: DatasetInfo, source: SourceFile, path: Path) -> None:
    """Check that the file at `path` is the published one, byte for byte."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _refusal(str(path), info, _reason(error, say("it is damaged or not a file"))) from error
    if found != source.sha256:
        size = path.stat().st_size
        problem = say("its SHA-256 is not that of the original")
        if size != source.size:
            problem = say(
                "its SHA-256 is not that of the original, {size} bytes where {wanted} belong",
                size=f"{size:,}",
                wanted=f"{source.size:,}",
            )
        raise _refusal(str(path), info, problem)


def _reason(error: BaseException, otherwise: str) -> str:
    if isinstance(error, OSError) and error.strerror:
        return say("it cannot be read ({reason})", reason=error.strerror)
    return otherwise


def _refusal(source: str, info: DatasetInfo, problem: str) -> DatasetCorrupt:
    return DatasetCorrupt(
        say(
            "The file {file} is not used as {title}: {problem}. Replace or remove it and try again.",
            file=source,
            title=info.title,
            problem=problem,
        )
    )


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(f"{size:,}" for size in shape) or say("single number")
