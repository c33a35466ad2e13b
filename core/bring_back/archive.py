"""A `.keras` file opened: a ZIP of three known members, none larger than a network may be.

Nothing is unpacked to disk, and nothing is read before its size is known to be allowed. What a member's size
is said to be also bounds what is decompressed of it.
"""

import io
import zipfile
from dataclasses import dataclass

from core.errors import ModelError
from core.sentences import say

METADATA, DESCRIPTION, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
_MEMBERS = frozenset({METADATA, DESCRIPTION, WEIGHTS})
# Of a network of six layers 10 kB.
_MOST_TEXT = 1_000_000
# Weights, and two numbers of an optimizer for each: 32 bits each. And room for names.
_BYTES_A_PARAMETER, _BYTES_BESIDE = 12, 2_000_000
_PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
HOW_TO_SAVE = say('In Keras, model.save("network.keras") writes such a file.')


@dataclass(frozen=True)
class Archive:
    """The members of a `.keras` file: text and bytes, not looked into yet."""

    metadata: bytes
    description: bytes
    weights: bytes


def most_bytes(max_parameters: int) -> int:
    """Return how large the file of a network of so many parameters can be."""
    return _BYTES_A_PARAMETER * max_parameters + _BYTES_BESIDE


def open_archive(content: bytes, max_parameters: int) -> Archive:
    """Return what is in a `.keras` file.

    Raises
    ------
    ModelError
        If it is none, is damaged, holds anything else, or is too large; says what to do.
    """
    limit = most_bytes(max_parameters)
    if len(content) > limit:
        raise _too_large(len(content), limit, max_parameters)
    if content[:4] == b"\x89HDF":
        raise ModelError(say("This is a file of the older HDF5 form. {how}", how=HOW_TO_SAVE))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(archive.infolist(), limit, max_parameters)
            return Archive(*(archive.read(name) for name in (METADATA, DESCRIPTION, WEIGHTS)))
    except ModelError:
        raise
    except Exception as error:  # zipfile and zlib have a class of their own for every kind of damage
        raise ModelError(
            say("This file is damaged or no .keras file: it cannot be opened. {how}", how=HOW_TO_SAVE)
        ) from error


def as_archive(metadata: str, description: str, weights: bytes) -> bytes:
    """Return a `.keras` file with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(METADATA, metadata)
        archive.writestr(DESCRIPTION, description)
        archive.writestr(WEIGHTS, weights)
    return file.getvalue()


def _check_members(members: list[zipfile.ZipInfo], limit: int, max_parameters: int) -> None:
    names = [member.filename for member in members]
    for name in names:
        if name not in _MEMBERS or names.count(name) > 1:
            raise ModelError(
                say(
                    "This file holds “{member}”, which is no part of a dense network. {how}",
                    member=name[:60],
                    how=HOW_TO_SAVE,
                )
            )
    if missing := sorted(_MEMBERS - set(names)):
        raise ModelError(
            say("This is no .keras file: it has no {member}. {how}", member=missing[0], how=HOW_TO_SAVE)
        )
    for member in members:
        if member.compress_type not in _PLAIN or member.flag_bits & _ENCRYPTED:
            raise ModelError(
                say("This file is packed in a way that Keras does not use. {how}", how=HOW_TO_SAVE)
            )
        if member.file_size > (limit if member.filename == WEIGHTS else _MOST_TEXT):
            raise _too_large(member.file_size, limit, max_parameters)


def _too_large(size: int, limit: int, max_parameters: int) -> ModelError:
    return ModelError(
        say(
            "This file holds {size} MB. This server takes networks of at most {parameters} parameters, whose "
            "files have no more than {limit} MB.",
            size=f"{size / 1e6:,.1f}",
            parameters=f"{max_parameters:,}",
            limit=f"{limit / 1e6:,.0f}",
        )
    )
