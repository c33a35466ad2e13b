"""What was worked out of a picture: kept in the session, so that another press does not repeat it."""

import weakref
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, TypeVar, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.prediction.gradients import Layers
from core.prediction.network import Network
from pages.parts.shared import state

_T = TypeVar("_T")
# Maps of ten digits have 31 KB each.
_MOST = 8


@lru_cache(maxsize=4)
def layers_of(onnx: bytes) -> Layers:
    """Return the layers of a network's file, read once; raises as `core`'s own does."""
    from core.prediction import onnx_layers  # 12 MB, for those who ask why

    return onnx_layers.layers_of(onnx)


def worked_out(network: Network, picture: NDArray[np.uint8], what: Hashable, make: Callable[[], _T]) -> _T:
    """Return what `make` gives for a network and a picture; called unless it is among the last ones."""
    results: dict[Hashable, Any] = st.session_state.setdefault(state.WORKED_OUT, {})
    # A weak one: a network that nobody shows any more shall go.
    key = weakref.ref(network), picture.tobytes(), what
    if key not in results:
        made = make()
        while len(results) >= _MOST:
            del results[next(iter(results))]
        results[key] = made
    return cast(_T, results[key])
