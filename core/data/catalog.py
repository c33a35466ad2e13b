"""What each dataset is: words for the page, files, addresses and checksums."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.config import DATASETS, IMAGE_SHAPE
from core.sentences import say

_DIGITS = tuple("0123456789")
_KERAS_FILES = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


@dataclass(frozen=True)
class SourceFile:
    """One published file.

    Attributes
    ----------
    path
        Where a local copy is looked for, relative to `DIGITLAB_DATA_DIR`.
    url, sha256, size
        Where it is downloaded from, its checksum, and its length in bytes.
    arrays
        The arrays it holds: all four for an npz file, one for an IDX file.
    """

    path: str
    url: str
    sha256: str
    size: int
    arrays: tuple[str, ...]

    @property
    def filename(self) -> str:
        """Last part of `path`."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class DatasetInfo:
    """One dataset as the page names it and the library gets it.

    Attributes
    ----------
    name, title, description, licence
        `name` is the key in settings and folders, the others are for people.
    class_names
        What the labels 0 to 9 stand for.
    files
        Where the arrays come from; empty for a dataset the program draws itself.
    based_on
        The dataset that one which the program draws is mixed with, by name; empty if with none.
    train_count, test_count
        Number of images.
    idx_md5
        By array name: MD5 of the array written as an IDX file, where it is published.
    """

    name: str
    title: str
    description: str
    class_names: tuple[str, ...]
    licence: str
    files: tuple[SourceFile, ...] = ()
    based_on: str = ""
    train_count: int = 60_000
    test_count: int = 10_000
    idx_md5: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_generated(self) -> bool:
        """Whether the program makes this dataset itself, of nothing or of the one that it is based on."""
        return not self.files

    @property
    def is_digits(self) -> bool:
        """Whether the classes are the digits, so that pages may speak of digits."""
        return self.class_names == _DIGITS

    @property
    def tested_on(self) -> str:
        """The dataset whose test images it has, by name: what is made of one is tested on that one's."""
        return self.based_on or self.name

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each array, by name; all are uint8."""
        return {
            "train_images": (self.train_count, *IMAGE_SHAPE),
            "train_labels": (self.train_count,),
            "test_images": (self.test_count, *IMAGE_SHAPE),
            "test_labels": (self.test_count,),
        }


_MNIST = DatasetInfo(
    name="mnist",
    title="MNIST",
    description=say("70,000 digits written by American census clerks and high-school students."),
    class_names=_DIGITS,
    licence=say("Yann LeCun and Corinna Cortes, CC BY-SA 3.0"),
    files=(
        SourceFile(
            path="mnist.npz",
            url=_KERAS_FILES + "mnist.npz",
            # The checksum in keras.datasets.mnist (Keras 3.15).
            sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            size=11_490_434,
            arrays=("train_images", "train_labels", "test_images", "test_labels"),
        ),
    ),
    # Of the four uncompressed files of yann.lecun.com/exdb/mnist.
    idx_md5=MappingProxyType(
        {
            "train_images": "6bbc9ace898e44ae57da46a324031adb",
            "train_labels": "a25bea736e30d166cdddb491f175f624",
            "test_images": "2646ac647ad5339dbf082846283269ea",
            "test_labels": "27ae3e4e09519cfbb04c329615203637",
        }
    ),
)


def _fashion_file(filename: str, sha256: str, size: int, array: str) -> SourceFile:
    # The original MNIST has files of the same names: a folder of its own keeps them apart.
    return SourceFile(f"fashion-mnist/{filename}", _KERAS_FILES + filename, sha256, size, (array,))


_FASHION_MNIST = DatasetInfo(
    name="fashion-mnist",
    title="Fashion-MNIST",
    description=say("70,000 photographs of clothes and shoes: the same size as MNIST, and harder."),
    class_names=(
        say("T-shirt/top"),
        say("Trouser"),
        say("Pullover"),
        say("Dress"),
        say("Coat"),
        say("Sandal"),
        say("Shirt"),
        say("Sneaker"),
        say("Bag"),
        say("Ankle boot"),
    ),
    licence="Zalando SE, MIT",
    # Keras fetches these files unchecked; the SHA-256 are those of the files whose
    # MD5 stand in the README of zalandoresearch/fashion-mnist.
    files=(
        _fashion_file(
            "train-images-idx3-ubyte.gz",
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            26_421_880,
            "train_images",
        ),
        _fashion_file(
            "train-labels-idx1-ubyte.gz",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            29_515,
            "train_labels",
        ),
        _fashion_file(
            "t10k-images-idx3-ubyte.gz",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            4_422_102,
            "test_images",
        ),
        _fashion_file(
            "t10k-labels-idx1-ubyte.gz",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            5_148,
            "test_labels",
        ),
    ),
)

_PEN_STROKES = DatasetInfo(
    name="pen-strokes",
    title=say("Pen strokes"),
    description=say("70,000 digits drawn by this program, each by another random hand; needs no network."),
    class_names=_DIGITS,
    licence=say("made by this program, free for any use"),
)

_HANDWRITING = DatasetInfo(
    name="handwriting",
    title=say("Handwriting"),
    description=say(
        "MNIST, the same digits written again with other pens, and digits drawn by this program as people "
        "write them elsewhere; tested on MNIST's own test images."
    ),
    class_names=_DIGITS,
    licence=say("Yann LeCun and Corinna Cortes, CC BY-SA 3.0"),
    based_on="mnist",
    train_count=120_000,
)

CATALOG: dict[str, DatasetInfo] = {
    info.name: info for info in (_MNIST, _FASHION_MNIST, _PEN_STROKES, _HANDWRITING)
}

# A name that a configuration accepts must be one that the library can open.
if set(CATALOG) != set(DATASETS):
    raise RuntimeError(f"core.config names the datasets {DATASETS}, the catalogue {tuple(CATALOG)}")
