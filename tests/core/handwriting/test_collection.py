"""Drawings as a ZIP file: what is exported comes back, whatever else is handed in is told in a sentence."""

import csv
import io
import json
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import PictureError
from core.handwriting.collection import COLUMNS, MOST_BYTES, export_drawings, read_drawings
from core.handwriting.upload import MAX_BYTES
from core.settings import Settings
from core.store import KeptDrawing

MOST = 50
STROKES = '{"strokes":[{"width":0.08,"eraser":false,"points":[0.1,0.2,0.5,0.3,0.4,0.5]}]}'
MOMENT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def kept(number: int, label: int = 7, strokes: str | None = None, held_back: bool = False) -> KeptDrawing:
    image = np.random.default_rng(number).integers(0, 256, (28, 28), np.uint8)
    return KeptDrawing(f"{number:012x}", "red", label, image, strokes, held_back, MOMENT)


def png(image: np.ndarray, mode: str | None = None) -> bytes:
    file = io.BytesIO()
    picture = Image.fromarray(image)
    (picture.convert(mode) if mode else picture).save(file, "PNG")
    return file.getvalue()


GREY = png(np.eye(28, dtype=np.uint8) * 255)


def archive(
    *members: tuple[str, bytes], table: str | None = "file,label\n0001.png,7\n", **options: int
) -> bytes:
    """Return a ZIP file with these members and a table, by default that of one picture."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as zipped:  # type: ignore[arg-type]
        for name, content in members:
            zipped.writestr(name, content)
        if table is not None:
            zipped.writestr("drawings.csv", table)
    return file.getvalue()


ONE = ("0001.png", GREY)


def refusal(data: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        read_drawings(data, "/tmp/mine.zip", most=MOST)
    sentence = str(caught.value)
    assert sentence.startswith("“mine.zip” ")
    assert sentence.endswith(".")
    return sentence


def test_what_is_exported_comes_back() -> None:
    drawings = [kept(1, 0, STROKES), kept(2, 9, held_back=True), kept(3, 5)]
    data = export_drawings(drawings)
    found = read_drawings(data, "mine.zip", most=3)
    assert [(one.label, one.strokes, one.is_held_back) for one in found] == [
        (0, STROKES, False), (9, None, True), (5, None, False)
    ]  # fmt: skip
    for one, drawing in zip(found, drawings, strict=True):
        np.testing.assert_array_equal(one.image, drawing.image)
    # Other programs read it: a table, and pictures of 28×28.
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        assert zipped.testzip() is None
        assert zipped.namelist() == ["0001.png", "0002.png", "0003.png", "drawings.csv"]
        rows = list(csv.DictReader(io.StringIO(zipped.read("drawings.csv").decode())))
        assert [row["label"] for row in rows] == ["0", "9", "5"]
        assert rows[1] == dict(zip(COLUMNS, ("0002.png", "9", "yes", MOMENT.isoformat(), ""), strict=True))
        assert json.loads(rows[0]["strokes"]) == json.loads(STROKES)
        np.testing.assert_array_equal(np.asarray(Image.open(zipped.open("0002.png"))), drawings[1].image)
    assert read_drawings(export_drawings([]), "mine.zip", most=3) == []


def test_all_that_a_browser_may_keep_fits_into_the_file_that_is_read() -> None:
    limits = Settings()
    generator = random.Random(5)
    length = limits.max_drawing_bytes // limits.max_drawings - 784
    points = [round(generator.random(), 4) for _ in range((length - 60) // 7 // 3 * 3)]
    strokes = json.dumps({"strokes": [{"width": 0.08, "points": points}]}, separators=(",", ":"))
    drawings = [kept(number, strokes=strokes) for number in range(limits.max_drawings)]
    data = export_drawings(drawings)
    assert len(data) < MAX_BYTES
    assert len(read_drawings(data, "mine.zip", most=limits.max_drawings)) == limits.max_drawings


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA", "I;16", "1"])
def test_pictures_of_other_programs_are_read_too(mode: str) -> None:
    image = np.where(np.eye(28, dtype=bool), 255, 0).astype(np.uint8)
    data = png(image.astype(np.uint16) * 257) if mode == "I;16" else png(image, mode)
    (found,) = read_drawings(archive(("0001.png", data)), "mine.zip", most=MOST)
    np.testing.assert_array_equal(found.image, image)
    assert found.is_held_back is None


@pytest.mark.parametrize(
    "table",
    [
        "\ufefffile;label;held_back\r\n0001.png;7;\r\n",
        "label,file,created\n7,0001.png,yesterday\n",
        'file,label\n"0001.png","7"',
    ],
)
def test_tables_of_other_programs_are_read_too(table: str) -> None:
    (found,) = read_drawings(archive(ONE, table=table), "mine.zip", most=MOST)
    assert (found.label, found.is_held_back) == (7, None)


@pytest.mark.parametrize(
    "name",
    [
        "../0002.png", "/0002.png", "a/0002.png", "..\\0002.png", "C:0002.png", "0002.PNG", "0002.png ",
        "0002.jpg", "x.png", " ", "drawings.csv/", "__MACOSX/._0001.png", "٢.png", "0002.png\n", "1234567.png"
    ],
)  # fmt: skip
def test_other_names_are_refused_and_nothing_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    assert "belongs to no drawing" in refusal(archive(ONE, (name, GREY)))
    assert [path.name for path in tmp_path.rglob("*")] == ["inside"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (None, "holds no drawings.csv"),
        ("", "its first line must be: file,label,held_back,created,strokes"),
        ("file,label,label\n0001.png,7,7\n", "its first line must be"),
        ("file,label,secret\n0001.png,7,7\n", "its first line must be"),
        ("file,label\n", "“0001.png” in it: drawings.csv says nothing of it"),
        ("file,label\n0001.png,12\n", "line 2 of drawings.csv: Label is “12”; it must be below 10"),
        ("file,label\n0001.png,-1\n", "it must be at least 0"),
        ("file,label\n0001.png,seven\n", "Label is “seven”; it must be a whole number"),
        ("file,label\n0001.png,7,8\n", "line 2 of drawings.csv: it has too many values or too few"),
        ("file,label\n0001.png\n", "too many values or too few"),
        ("file,label\n0002.png,7\n", "there is no picture “0002.png”"),
        ("file,label\ndrawings.csv,7\n", "there is no picture “drawings.csv”"),
        ("file,label\n../../etc/passwd,7\n", "there is no picture “../../etc/passwd”"),
        ("file,label\n0001.png,7\n0001.png,8\n", "line 3 of drawings.csv: “0001.png” has a line already"),
        ("file,label,held_back\n0001.png,7,maybe\n", "it must be one of yes, no"),
        ("file,label,strokes\n0001.png,7,[]\n", "line 2 of drawings.csv: its strokes cannot be read"),
        ('file,label\n"0001.png"x,7\n', "it is no line of a CSV file"),
        ("file,label\n0001.png," + "7" * 200_000 + "\n", "it is no line of a CSV file"),
        ("file,label\n" + "0001.png,7\n" * 60, "has a line already"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_told_with_its_line(table: str | None, words: str) -> None:
    assert words in refusal(archive(ONE, table=table))


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (b"", "damaged or not a PNG"),
        (GREY[:-20], "damaged or not a PNG"),
        (b"GIF89a" + GREY, "damaged or not a PNG"),
        (png(np.zeros((28, 27), np.uint8)), "27×28 pixels instead of 28×28"),
        (png(np.zeros((3_000, 3_000), np.uint8)), "3000×3000 pixels instead of 28×28"),
        (b"\x89PNG" + bytes(20_000), "it has 20,004 bytes; 16,384 are the most"),
    ],
)
def test_a_wrong_picture_is_told_with_its_name(picture: bytes, words: str) -> None:
    sentence = refusal(archive(("0001.png", picture)))
    assert "“0001.png”" in sentence
    assert words in sentence


def test_what_is_too_much_is_refused_before_it_is_unpacked() -> None:
    assert "5 MB is the most" in refusal(bytes(MAX_BYTES + 1))
    assert "holds 52 files; 50 drawings are the most" in refusal(
        archive(*((f"{number:04d}.png", GREY) for number in range(51)))
    )
    bomb = archive(ONE, table="file,label\n" + "\n" * 30_000_000, compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    assert "it has 30,000,011 bytes" in refusal(bomb)
    many = [(f"{number:04d}.png", bytes(16_000)) for number in range(1_500)]
    crowd = archive(*many, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(PictureError, match=f"unpacks to more than {MOST_BYTES // 1_000_000} MB"):
        read_drawings(crowd, "mine.zip", most=2_000)
    # A size that is a lie is not believed either: no more is unpacked than it says.
    liar = archive(("0001.png", GREY + bytes(4_000_000)), compression=zipfile.ZIP_DEFLATED)
    size = (len(GREY) + 4_000_000).to_bytes(4, "little")
    assert liar.count(size) == 2
    assert "damaged" in refusal(liar.replace(size, len(GREY).to_bytes(4, "little")))


def test_what_cannot_be_unpacked_is_refused() -> None:
    assert "damaged or not a ZIP file of drawings" in refusal(b"PK\x03\x04 and so on")
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = archive(ONE, ONE)
    assert "“0001.png” in it: it is there twice" in refusal(twice)
    assert "compressed in a way" in refusal(archive(ONE, compression=zipfile.ZIP_LZMA))
    locked = bytearray(archive(ONE))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert "locked with a password" in refusal(bytes(locked))


def test_damaged_files_are_refused_or_read_never_anything_else() -> None:
    """Bytes changed, cut, moved and repeated at random: a sentence, or drawings that could be kept."""
    generator = random.Random(11)
    whole = export_drawings([kept(number, number % 10, STROKES) for number in range(4)])
    refused = 0
    for _ in range(1_500):
        data = bytearray(whole)
        for _ in range(generator.choice((1, 1, 2, 5, 40))):
            place = generator.randrange(max(1, len(data)))
            match generator.randrange(5):
                case 0:
                    data[place : place + 1] = bytes([generator.randrange(256)])
                case 1:
                    del data[place : place + generator.choice((1, 4, 100))]
                case 2:
                    data[place:place] = generator.randbytes(generator.choice((1, 4, 100)))
                case 3:
                    data[place : place + 4] = generator.choice((bytes(4), b"\xff" * 4, b"PK\x01\x02"))
                case 4:
                    other = generator.randrange(max(1, len(data)))
                    data[place : place + 30] = data[other : other + 30]
        try:
            found = read_drawings(bytes(data), "mine.zip", most=MOST)
        except PictureError:
            refused += 1
            continue
        for one in found:
            assert one.image.shape == (28, 28)
            assert one.image.dtype == np.uint8
            assert one.label in range(10)
    assert refused > 1_000
