"""Arrays from `.npy` and `.npz` files that nobody can vouch for.

NumPy, `zipfile` and `zlib` raise a class of their own for every kind of damage, and NumPy takes
the memory that a header asks for before it looks whether the bytes are there. Here a damaged file is
one error, nothing is unpickled, and no memory is given before sizes are compared.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import io
import zipfile
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ArrayDamaged
from core.sentences import say

_HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


class _TooLargeError(ArrayDamaged):
    """Nothing of the file was read, because it holds too much."""


def read_npy(data: bytes) -> NDArray[Any]:
    """Return the array of a `.npy` file, read-only, in the memory of `data`.

    Raises
    ------
    ArrayDamaged
        If this is not the whole content of a `.npy` file of plain numbers.
    """
    try:
        file = io.BytesIO(data)
        shape, by_columns, dtype = _HEADER_READERS[np.lib.format.read_magic(file)](file)
        if dtype.hasobject:
            raise ArrayDamaged(say("it holds Python objects instead of numbers"))
        expected = file.tell() + prod(shape) * dtype.itemsize
        if len(data) != expected:
            raise ArrayDamaged(
                say(
                    "it has {found} bytes where {expected} belong",
                    found=f"{len(data):,}",
                    expected=f"{expected:,}",
                )
            )
        flat = np.frombuffer(data, dtype, offset=file.tell())
        return flat.reshape(shape, order="F" if by_columns else "C")
    except ArrayDamaged:
        raise
    except Exception as error:
        raise ArrayDamaged(say("it is damaged or not an npy file of plain numbers")) from error


def map_npy(path: Path) -> "np.memmap[Any, Any]":
    """Return the array of a `.npy` file on disk, mapped read-only; raise `ArrayDamaged` if it is none."""
    try:
        return np.lib.format.open_memmap(path, mode="r")
    except Exception as error:
        raise ArrayDamaged(say("it is missing, truncated or not an npy file")) from error


def read_npz(data: bytes, *, most_bytes: int) -> dict[str, NDArray[Any]]:
    """Return the arrays of a `.npz` file by name, read-only.

    Parameters
    ----------
    most_bytes
        What all arrays together may have; a small file can claim to hold terabytes.

    Raises
    ------
    ArrayDamaged
        If the file is damaged, holds more, or holds anything but plain numbers.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > most_bytes:
                raise _TooLargeError(
                    say(
                        "it is larger than it can be: {size} bytes instead of {most}",
                        size=f"{size:,}",
                        most=f"{most_bytes:,}",
                    )
                )
            contents = {member.filename: archive.read(member) for member in archive.infolist()}
        return {name.removesuffix(".npy"): read_npy(content) for name, content in contents.items()}
    except _TooLargeError:
        raise
    except Exception as error:
        raise ArrayDamaged(say("it is damaged or not an npz file of plain numbers")) from error


def pick_from_npz(file: IO[bytes], names: Sequence[str], *, most_bytes: int) -> list[NDArray[Any]]:
    """Return some arrays of an open `.npz` file, read-only, in this order; nothing else of it is read.

    Parameters
    ----------
    most_bytes
        What these arrays together may have.

    Raises
    ------
    ArrayDamaged
        If one is missing or damaged, or they are larger.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = [archive.getinfo(f"{name}.npy") for name in names]
            size = sum(member.file_size for member in members)
            if size > most_bytes:
                raise _TooLargeError(
                    say(
                        "it is larger than it can be: {size} bytes instead of {most}",
                        size=f"{size:,}",
                        most=f"{most_bytes:,}",
                    )
                )
            return [read_npy(archive.read(member)) for member in members]
    except _TooLargeError:
        raise
    except Exception as error:
        raise ArrayDamaged(say("it is damaged or not an npz file of plain numbers")) from error


def as_npz(arrays: dict[str, NDArray[Any]], *, is_compressed: bool = False) -> bytes:
    """Return the bytes of a `.npz` file of these arrays; of weights compression saves nothing."""
    buffer = io.BytesIO()
    (np.savez_compressed if is_compressed else np.savez)(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
