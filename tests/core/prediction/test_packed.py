"""Packed weights: read back by the format's description, and what eight bits cost.

tests/browser/test_live_arithmetic.py has them unpacked by the browser.
"""

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest

from core.errors import ModelError
from core.prediction.onnx_layers import layers_of
from core.prediction.packed import ACTIVATION_ORDER, as_with_8_bits, deflated, pack
from tests.support.pen_samples import any_network

LAYERS = layers_of(any_network("gelu", is_normalized=True))


def test_the_numbers_lie_where_the_description_says() -> None:
    packed = pack(LAYERS)
    assert packed[:12] == b"DLNW" + bytes([1, 32, 3, 0]) + struct.pack("<I", 784)
    assert packed[12:20] == struct.pack("<IBBH", 24, ACTIVATION_ORDER.index("gelu"), 0, 0)
    assert packed[20:28] == struct.pack("<IBBH", 16, ACTIVATION_ORDER.index("gelu"), 1, 0)
    numbers = np.frombuffer(packed[36:], "<f4")
    first, second, last = LAYERS
    expected = [first.bias, first.kernel, second.scale, second.offset, second.bias, second.kernel]
    expected += [last.scale, last.offset, last.bias, last.kernel]
    np.testing.assert_array_equal(numbers, np.concatenate([array.ravel() for array in expected]))


def test_eight_bits_are_a_quarter_and_begin_at_multiples_of_four() -> None:
    layers = layers_of(any_network("relu", is_normalized=False))
    odd = (replace(layers[0], kernel=layers[0].kernel[:783, :23], bias=layers[0].bias[:23]),)
    packed = pack(odd, 8)
    assert packed[5] == 8
    assert len(packed) == 12 + 8 + 4 * 23 + 4 * 23 + -(-783 * 23 // 4) * 4
    step = np.frombuffer(packed, "<f4", 23, 20 + 4 * 23)
    numbers = np.frombuffer(packed, "i1", 783 * 23, 20 + 8 * 23).reshape(783, 23)
    np.testing.assert_array_equal(numbers * step, as_with_8_bits(odd)[0].kernel)
    assert np.abs(numbers).max(axis=0).tolist() == [127] * 23


def test_a_weight_is_at_most_half_a_step_off() -> None:
    for exact, coarse in zip(LAYERS, as_with_8_bits(LAYERS), strict=True):
        step = np.abs(exact.kernel).max(axis=0) / 127
        assert (np.abs(exact.kernel - coarse.kernel) <= 0.5001 * step).all()


def test_units_without_weights_have_none_after_it() -> None:
    kernel = np.zeros((5, 2), np.float32)
    kernel[:, 1] = 1e-42
    (coarse,) = as_with_8_bits([replace(LAYERS[0], kernel=kernel)])
    assert np.isfinite(coarse.kernel).all()
    assert np.abs(coarse.kernel).max() <= 1e-42


def test_weights_that_are_no_numbers_are_refused_for_eight_bits_alone() -> None:
    kernel = LAYERS[0].kernel.copy()
    kernel[3, 3] = np.nan
    broken = [replace(LAYERS[0], kernel=kernel)]
    assert pack(broken)
    with pytest.raises(ModelError, match="not all numbers"):
        pack(broken, 8)


def test_what_is_deflated_is_all_there() -> None:
    packed = pack(LAYERS)
    assert zlib.decompress(deflated(packed), wbits=-15) == packed
