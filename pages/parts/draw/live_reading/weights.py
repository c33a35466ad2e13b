"""What the browser computes with, on its way there: packed and compressed once, and sent once."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.prediction.onnx_layers import layers_of
from core.prediction.packed import deflated, pack
from pages.parts.draw.live_reading.static_files import ensure_weights, name_of

# Four bytes a weight as long as these are some megabytes, one beyond: the largest network would have 90 MB.
MOST_WEIGHTS = 4_000_000
# A message to the browser may have 4 MB, see .streamlit/config.toml.
MOST_IN_A_MESSAGE = 3_000_000


@dataclass(frozen=True)
class Weights:
    """Where a browser gets weights from.

    Attributes
    ----------
    name
        Path in the static folder; the same weights have the same everywhere.
    content
        The weights themselves where they cannot be fetched, else nothing.
    """

    name: str
    content: bytes = b""


def on_their_way(packed: bytes, folder: Path, *, as_message: bool = False) -> Weights | None:
    """Return how weights get to the browser; None where there is no way.

    Parameters
    ----------
    packed
        As `compressed` gives them.
    folder
        Streamlit's static folder.
    as_message
        Whether a browser could not fetch them there.
    """
    if not as_message:
        try:
            return Weights(ensure_weights(folder, packed))
        except OSError:
            pass
    return Weights(name_of(packed), packed) if len(packed) <= MOST_IN_A_MESSAGE else None


@lru_cache(maxsize=4)
def compressed(onnx: bytes) -> bytes:
    """Return the packed weights of a network's file, deflated.

    Raises
    ------
    ModelError
        If it is damaged or not a network of Digit Lab.
    """
    layers = layers_of(onnx)
    count = sum(layer.kernel.size for layer in layers)
    return deflated(pack(layers, bits=32 if count <= MOST_WEIGHTS else 8))


@lru_cache(maxsize=4)
def compressed_judge(packed: bytes) -> bytes:
    """Return a judge of pictures, as `core.prediction.refusal` packs it, deflated."""
    return deflated(packed)
