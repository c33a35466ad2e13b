"""The curves of a run as TensorBoard reads them: event files, written without TensorBoard.

`tensorboard` brings gRPC, a web server and more, 10 MB that nothing else here needs, to write what is a
handful of numbers a point; so it is written here, and a test has TensorBoard read it.

Formats: https://www.tensorflow.org/tutorials/load_data/tfrecord (records with masked CRC-32C),
https://protobuf.dev/programming-guides/encoding, `Event` and `Summary` in TensorFlow's event.proto and
summary.proto; CRC-32C: RFC 3720, appendix B.4.
"""

import struct
from collections.abc import Iterator
from functools import cache

import numpy as np

from core.store import Curve, Run

_VERSION = b"brain.Event:2"
_CASTAGNOLI = 0x82F63B78  # its bits from the lowest to the highest
_MASK = 0xA282EAD8
_VARINT, _DOUBLE, _LENGTH, _FLOAT = 0, 1, 2, 5


def event_files(run: Run, curve: Curve) -> dict[str, bytes]:
    """Return an event file by its path for the training and one for the validation points.

    TensorBoard shows each folder as a run of its own. Steps are optimizer steps; the times of the points
    are spread evenly over the training, for nobody has written them down.
    """
    begun = (run.started_at or run.created_at).timestamp()
    seconds = (run.train_seconds or 0.0) / max(run.epochs_done, 1e-9)
    files = {}
    for kind in ("training", "validation"):
        epochs = getattr(curve, f"{kind}_epochs")
        if not len(epochs):
            continue
        loss, accuracy = getattr(curve, f"{kind}_loss"), getattr(curve, f"{kind}_accuracy")
        events = [_message(_field(1, _DOUBLE, begun), _field(3, _LENGTH, _VERSION))]
        for epoch, *values in zip(epochs, loss, accuracy, strict=True):
            step = round(epoch * max(run.steps_per_epoch, 1))
            scalars = dict(zip(("loss", "accuracy"), values, strict=True))
            events.append(_event(begun + epoch * seconds, step, scalars))
        name = f"events.out.tfevents.{int(begun)}.digit-lab"
        files[f"run-{run.number}/{kind}/{name}"] = b"".join(map(_record, events))
    return files


def _event(wall_time: float, step: int, scalars: dict[str, float]) -> bytes:
    values = [
        _field(1, _LENGTH, _message(_field(1, _LENGTH, tag.encode()), _field(2, _FLOAT, value)))
        for tag, value in scalars.items()
        if not np.isnan(value)
    ]
    return _message(
        _field(1, _DOUBLE, wall_time), _field(2, _VARINT, step), _field(5, _LENGTH, _message(*values))
    )


def _message(*fields: bytes) -> bytes:
    return b"".join(fields)


def _field(number: int, kind: int, value: float | bytes) -> bytes:
    """Return a field of a protobuf message: its number and kind, then its value."""
    tag = _varint(number << 3 | kind)
    if isinstance(value, bytes):
        return tag + _varint(len(value)) + value
    if kind == _VARINT:
        return tag + _varint(int(value))
    return tag + struct.pack("<d" if kind == _DOUBLE else "<f", value)


def _varint(number: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first; a high bit says that more follow."""
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def _checksum(data: bytes) -> bytes:
    """Return the CRC-32C of `data`, turned by 15 bits and moved: of data that hold a CRC it says more so."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _table()[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF)


@cache
def _table() -> tuple[int, ...]:
    return tuple(_remainders())


def _remainders() -> Iterator[int]:
    for remainder in range(256):
        for _ in range(8):
            remainder = remainder >> 1 ^ (_CASTAGNOLI if remainder & 1 else 0)
        yield remainder
