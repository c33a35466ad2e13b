"""Drawings with their labels as one ZIP file: written here, and read again trusting nothing.

In it are `drawings.csv`, a line a drawing, and the pictures that it names, PNGs of 28×28 pixels. Nothing
is unpacked to disk, so no name can lead anywhere; what is unpacked into memory is bounded before and while.

Formats: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT; RFC 4180
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.config import CLASS_COUNT, IMAGE_SHAPE
from core.errors import DigitLabError, PictureError
from core.handwriting.decode import decode
from core.handwriting.mnist_form import brightness
from core.handwriting.pen import parse_strokes
from core.handwriting.png import Png
from core.handwriting.turns import Turns
from core.handwriting.upload import MAX_BYTES
from core.refusals import explain
from core.sentences import say
from core.store import KeptDrawing, NewDrawing

TABLE = "drawings.csv"
COLUMNS = ("file", "label", "held_back", "created", "strokes")
# A PNG of 28×28 pixels has at most 6.3 KB of them, in four colours of 16 bits.
MOST_PICTURE_BYTES = 16 * 1024
MOST_TABLE_BYTES = 12_000_000
MOST_BYTES = 20_000_000

_PICTURE = re.compile(r"[0-9]{1,6}\.png", re.ASCII)
_YES, _NO = "yes", "no"
_EXPORT_AGAIN = say("Import a file as it was exported here.")
# One file takes up to 60 MB and a second.
_turns = Turns(most_waiting=40, patience=60)


class _Line(BaseModel):
    """A line of the table, everything of it text."""

    model_config = ConfigDict(extra="forbid")

    file: str
    label: Annotated[int, Field(ge=0, lt=CLASS_COUNT)]
    held_back: Literal["yes", "no", ""] = ""
    created: str = ""
    strokes: str = ""


def export_drawings(drawings: Sequence[KeptDrawing]) -> bytes:
    """Return the ZIP file of these drawings; with their strokes where these were read too."""
    table = io.StringIO(newline="")
    lines = csv.writer(table)
    lines.writerow(COLUMNS)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, drawing in enumerate(drawings, 1):
            name = f"{number:04d}.png"
            archive.writestr(zipfile.ZipInfo(name), _png(drawing.image))
            held_back = _YES if drawing.is_held_back else _NO
            created = drawing.created_at.isoformat(timespec="seconds")
            lines.writerow((name, drawing.label, held_back, created, drawing.strokes or ""))
        archive.writestr(zipfile.ZipInfo(TABLE), table.getvalue(), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def read_drawings(data: bytes, filename: str, *, most: int) -> list[NewDrawing]:
    """Return the drawings of a ZIP file as `export_drawings` writes it, in the order of its table.

    Parameters
    ----------
    data
        The file's content, at most 5 MB.
    filename
        Its name, for messages.
    most
        How many drawings it may hold.

    Raises
    ------
    PictureError
        If it is anything else, too large, or holds what does not belong there: the sentence names it.
    """
    name = PurePath(filename).name[:80]
    if len(data) > MAX_BYTES:
        raise PictureError(
            say(
                "“{name}” has {megabytes} MB; {most} MB is the most. {advice}",
                name=name,
                megabytes=f"{len(data) / 1024**2:.1f}",
                most=MAX_BYTES // 1024**2,
                advice=_EXPORT_AGAIN,
            )
        )
    with _turns.turn():
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = _members(archive, name, most)
                return list(_drawings(archive, members, name, most))
        except DigitLabError:
            raise
        except Exception as error:  # zipfile, zlib and csv have classes of their own for every kind of damage
            raise PictureError(
                say(
                    "“{name}” is damaged or not a ZIP file of drawings. {advice}",
                    name=name,
                    advice=_EXPORT_AGAIN,
                )
            ) from error


def _members(archive: zipfile.ZipFile, name: str, most: int) -> dict[str, zipfile.ZipInfo]:
    """Return the table and the pictures by name, once nothing else is there and no more than may be."""
    found = archive.infolist()
    if len(found) > most + 1:
        raise PictureError(
            say(
                "“{name}” holds {count} files; {most} drawings are the most.",
                name=name,
                count=f"{len(found):,}",
                most=f"{most:,}",
            )
        )
    members: dict[str, zipfile.ZipInfo] = {}
    for member in found:
        inside = member.filename
        if inside != TABLE and not _PICTURE.fullmatch(inside):
            raise _refusal(name, inside, say("it belongs to no drawing: only 0001.png, 0002.png … do"))
        if inside in members:
            raise _refusal(name, inside, say("it is there twice"))
        if member.flag_bits & 0x1:
            raise _refusal(name, inside, say("it is locked with a password"))
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refusal(name, inside, say("it is compressed in a way that is not read here"))
        bound = MOST_TABLE_BYTES if inside == TABLE else MOST_PICTURE_BYTES
        if member.file_size > bound:
            size, allowed = f"{member.file_size:,}", f"{bound:,}"
            raise _refusal(
                name, inside, say("it has {size} bytes; {most} are the most", size=size, most=allowed)
            )
        members[inside] = member
    if sum(member.file_size for member in found) > MOST_BYTES:
        raise PictureError(
            say(
                "“{name}” unpacks to more than {most} MB. {advice}",
                name=name,
                most=MOST_BYTES // 1_000_000,
                advice=_EXPORT_AGAIN,
            )
        )
    if TABLE not in members:
        raise PictureError(
            say("“{name}” holds no {table}. {advice}", name=name, table=TABLE, advice=_EXPORT_AGAIN)
        )
    return members


def _drawings(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, most: int
) -> Iterator[NewDrawing]:
    unnamed = {inside for inside in members if inside != TABLE}
    for number, line in _lines(archive.read(members[TABLE]), name, most):
        if line.file not in members or line.file == TABLE:
            raise _refusal_of_line(name, number, say("there is no picture “{file}”", file=line.file[:40]))
        if line.file not in unnamed:
            raise _refusal_of_line(name, number, say("“{file}” has a line already", file=line.file))
        unnamed.remove(line.file)
        try:
            if line.strokes:
                parse_strokes(line.strokes)
        except PictureError as error:
            raise _refusal_of_line(name, number, say("its strokes cannot be read")) from error
        image = _picture(archive.read(members[line.file]), name, line.file)
        held_back = None if not line.held_back else line.held_back == _YES
        yield NewDrawing(image, line.label, line.strokes or None, held_back)
    if unnamed:
        raise _refusal(name, min(unnamed), say("{table} says nothing of it", table=TABLE))


def _lines(content: bytes, name: str, most: int) -> Iterator[tuple[int, _Line]]:
    """Yield the table's lines with their numbers in the file, from 2."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(name, TABLE, say("it is not text in UTF-8")) from error
    head = text.partition("\n")[0]
    # Some programs write semicolons where a comma separates decimals.
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",", strict=True)
    names = table.fieldnames or ()
    if not {"file", "label"} <= set(names) <= set(COLUMNS) or len(set(names)) < len(names):
        raise _refusal(name, TABLE, say("its first line must be: {columns}", columns=",".join(COLUMNS)))
    try:
        for count, row in enumerate(table, 1):
            if count > most:
                raise _refusal(name, TABLE, say("it has more than {most} lines", most=f"{most:,}"))
            if None in row or None in row.values():
                raise _refusal_of_line(name, table.line_num, say("it has too many values or too few"))
            yield table.line_num, _Line.model_validate(row)
    except csv.Error as error:
        raise _refusal_of_line(name, table.line_num, say("it is no line of a CSV file")) from error
    except ValidationError as error:
        reason = explain(error, {}).removesuffix(".")
        raise _refusal_of_line(name, table.line_num, reason) from error


def _picture(data: bytes, name: str, inside: str) -> NDArray[np.uint8]:
    """Return the pixels of a PNG, uint8 (28, 28)."""
    try:
        png = Png.parse(data)
    except Exception as error:  # the chunks of a damaged file go wrong in many ways
        raise _refusal(name, inside, say("it is damaged or not a PNG")) from error
    if (png.height, png.width) != IMAGE_SHAPE:
        raise _refusal(
            name,
            inside,
            say("it has {width}×{height} pixels instead of 28×28", width=png.width, height=png.height),
        )
    try:
        rgba = decode(data, inside)
    except PictureError as error:
        raise _refusal(name, inside, say("it is damaged or not a PNG")) from error
    # What is transparent lets the paper through, which is black here.
    grey = brightness(rgba) * (rgba[..., 3] / np.float32(255))
    return np.asarray(np.round(grey * 255), np.uint8)


def _refusal(name: str, inside: str, reason: str) -> PictureError:
    return PictureError(
        say(
            "“{name}” cannot be imported because of “{file}” in it: {reason}. {advice}",
            name=name,
            file=inside[:80],
            reason=reason,
            advice=_EXPORT_AGAIN,
        )
    )


def _refusal_of_line(name: str, line: int, reason: str) -> PictureError:
    return PictureError(
        say(
            "“{name}” cannot be imported because of line {line} of {table}: {reason}. {advice}",
            name=name,
            line=line,
            table=TABLE,
            reason=reason,
            advice=_EXPORT_AGAIN,
        )
    )


def _png(image: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()
