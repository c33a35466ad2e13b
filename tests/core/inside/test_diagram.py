"""The diagram's numbers against the exported network, which units and lines it shows, and its bytes."""

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.errors import ModelError
from core.inside import compact
from core.inside.diagram import MOST_EDGES, MOST_UNITS, choose, draw, strongest_edges
from core.inside.reading import read_network, sample_size
from core.inside.unit import look_at_unit
from core.prediction.forward import dense_layers, forward
from core.prediction.network import Network
from tests.support.inside_samples import layered, noise_pictures, random_weights
from tests.support.network_samples import WEIGHTS, onnx_file

PICTURES = noise_pictures()
NAMES = tuple("0123456789")
CONFIG = TrainingConfig(hidden_layers=(HiddenLayer(units=16), HiddenLayer(units=7)))


def update(config: TrainingConfig, weights: list[np.ndarray], unit: tuple[int, int] | None = None) -> bytes:
    """Return all that travels for a picture: diagram, ten images, histograms, a unit."""
    reading = read_network(config, weights, PICTURES)
    diagram = draw(reading, PICTURES.ten[3])
    parts = compact.Parts()
    header = compact.of_diagram(config, reading, diagram, NAMES, parts)
    header["ten"] = compact.of_ten(reading) | {"at": compact.ten_images(PICTURES.ten, parts)}
    header["histograms"] = compact.of_histograms(reading)
    if unit is not None:
        header["unit"] = compact.of_unit(reading, look_at_unit(reading, diagram, *unit), parts)
    return compact.pack(header, parts)


def test_what_travels_are_the_numbers_of_the_exported_network() -> None:
    header, _ = compact.unpack(update(CONFIG, list(WEIGHTS.values())))
    expected = Network(onnx_file()).predict(PICTURES.ten)
    for column, theirs in zip(
        header["columns"], (*expected.activations, expected.probabilities), strict=True
    ):
        np.testing.assert_allclose(column["values"], theirs[3][column["units"]], rtol=0, atol=1e-4)
        assert np.ptp(theirs[3]) > 0.01
    read = expected.probabilities.argmax(axis=1)
    assert header["ten"]["read"] == read.tolist()
    np.testing.assert_allclose(header["ten"]["sure"], expected.probabilities.max(axis=1), rtol=0, atol=1e-4)
    edges = header["columns"][1]
    kernel = WEIGHTS["weights_2"]
    for start, end, weight in zip(edges["from"], edges["to"], edges["weights"], strict=True):
        assert weight == pytest.approx(kernel[start, end], rel=1e-2)
    # From the picture: what its pixels add to each unit, without the bias.
    pixels = PICTURES.ten[3].reshape(-1) / 255
    np.testing.assert_allclose(header["columns"][0]["weights"], pixels @ WEIGHTS["weights_1"], rtol=1e-2)


def test_a_unit_adds_up_to_what_the_exported_network_says() -> None:
    reading = read_network(CONFIG, list(WEIGHTS.values()), PICTURES)
    diagram = draw(reading, PICTURES.ten[3])
    expected = Network(onnx_file()).predict(PICTURES.ten)
    for layer, values in enumerate((*expected.activations, expected.probabilities)):
        unit = look_at_unit(reading, diagram, layer, 5)
        assert unit.output == pytest.approx(values[3][5], abs=1e-4)
        assert unit.products.terms.sum() + unit.others + unit.bias == pytest.approx(unit.total, abs=1e-4)
        assert np.all(np.diff(np.abs(unit.products.terms)) <= 0)
        assert np.all(np.diff(unit.excitement) <= 0)
        assert unit.excitement[0] == pytest.approx(reading.sample[layer][:, 5].max())
    first = look_at_unit(reading, diagram, 0, 5)
    np.testing.assert_array_equal(first.weights.reshape(-1), WEIGHTS["weights_1"][:, 5])
    assert not first.is_projected


@pytest.mark.parametrize("normalizes", [False, True])
def test_where_nothing_is_cut_off_the_projection_is_the_network_itself(normalizes: bool) -> None:
    config = layered(9, 6, activation="linear", batch_normalization=normalizes)
    weights = random_weights(config, 1)
    reading = read_network(config, weights, PICTURES)
    diagram = draw(reading, PICTURES.ten[0])
    unit = look_at_unit(reading, diagram, 1, 4)
    assert unit.is_projected
    # What another picture changes in the output is what it changes in the pixels, weighted.
    pixels = (PICTURES.ten[1].astype(float) - PICTURES.ten[0]).reshape(-1) / 255
    change = pixels @ unit.weights.reshape(-1)
    outputs = forward(config, weights, PICTURES.ten[:2])[1][:, 4]
    assert change == pytest.approx(outputs[1] - outputs[0], abs=1e-3)


def test_all_units_are_shown_where_they_are_few() -> None:
    assert choose(np.arange(MOST_UNITS, dtype=np.float32)) == tuple(range(MOST_UNITS))
    assert choose(np.zeros(1, np.float32)) == (0,)


def test_the_strongest_are_shown_and_keep_their_places() -> None:
    strength = np.linspace(1, 2, 100, dtype=np.float32)
    shown = choose(strength, most=4)
    assert shown == (96, 97, 98, 99)
    # A little stronger is no reason to move.
    assert choose(strength[::-1].copy(), shown, most=4) == shown
    # Twice as strong is: in the place of the weakest, and not more than two at a time.
    strength[[5, 6, 7]] = 9, 8, 7
    assert choose(strength, shown, most=4) == (5, 6, 98, 99)
    assert choose(strength, choose(strength, shown, most=4), most=4) == (5, 6, 7, 99)


def test_a_choice_of_another_network_is_made_anew() -> None:
    strength = np.arange(30, dtype=np.float32)
    assert choose(strength, (1, 2, 3), most=4) == (26, 27, 28, 29)
    assert choose(strength, (1, 2, 3, 99), most=4) == (26, 27, 28, 29)


def test_lines_of_both_signs_are_shown_strongest_last() -> None:
    between = np.random.default_rng(0).normal(0.5, 0.1, (24, 24)).astype(np.float32)
    between[3, 4], between[5, 6], between[7, 8] = -0.01, -0.02, 0
    rows, columns = strongest_edges(between)
    assert len(rows) == MOST_EDGES
    weights = between[rows, columns]
    assert (weights < 0).sum() == 2
    assert np.all(np.diff(np.abs(weights)) >= 0)
    assert strongest_edges(np.zeros((5, 5), np.float32))[0].size == 0
    up, _ = strongest_edges(np.random.default_rng(0).normal(0, 1, (24, 24)).astype(np.float32))
    assert len(up) == MOST_EDGES


@pytest.mark.parametrize("normalizes", [False, True])
@pytest.mark.parametrize("units", [(), (1,), (128, 128), (2048,) * 6])
def test_an_update_of_any_network_is_small(units: tuple[int, ...], normalizes: bool) -> None:
    config = layered(*units, batch_normalization=normalizes)
    content = update(config, random_weights(config), unit=(0, 0))
    header, pictures = compact.unpack(content)
    # With the chart's own there are 20 KiB in all; 3.5 are those of a unit, while one is looked at.
    assert len(content) <= (10.5 + 3.5) * 1024
    assert [column["all"] for column in header["columns"]] == [*units, 10]
    assert all(len(column["units"]) <= MOST_UNITS for column in header["columns"])
    assert all(len(column["weights"]) <= MOST_EDGES for column in header["columns"])
    assert len(pictures) > 784


def test_without_a_unit_chosen_it_is_smaller_still() -> None:
    config = layered(*(2048,) * 6)
    assert len(update(config, random_weights(config))) <= 10.5 * 1024


def test_dead_units_are_marked() -> None:
    config = layered(8)
    weights = random_weights(config)
    weights[0][:, 3], weights[1][3] = 0, -1
    reading = read_network(config, weights, PICTURES)
    column = draw(reading, PICTURES.ten[0]).columns[0]
    assert column.dead.tolist() == [unit == 3 for unit in range(8)]
    assert not column.saturated.any()


def test_saturated_units_are_marked() -> None:
    config = layered(8, activation="tanh")
    weights = random_weights(config)
    weights[1][5] = 40
    column = draw(read_network(config, weights, PICTURES), PICTURES.ten[0]).columns[0]
    assert column.saturated.tolist() == [unit == 5 for unit in range(8)]
    assert not column.dead.any()


def test_a_run_that_ran_away_gets_a_sentence() -> None:
    weights = random_weights(CONFIG)
    weights[2][1, 1] = np.nan
    with pytest.raises(ModelError, match="smaller learning rate"):
        read_network(CONFIG, weights, PICTURES)


def test_a_large_network_is_shown_fewer_images() -> None:
    small, large = layered(128, 128), layered(*(2048,) * 6)
    assert sample_size(dense_layers(small, random_weights(small)), 300) == 300
    assert 24 <= sample_size(dense_layers(large, random_weights(large)), 300) < 100
