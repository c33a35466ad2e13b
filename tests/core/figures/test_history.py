"""The chart of a run's inside over its epochs."""

import numpy as np

from core.figures.charts.history import draw_history
from core.inside.history import History, Spread

MIDDLES = np.linspace(-1, 1, 4)


def spread(epochs: int) -> Spread:
    shares = np.tile(np.array([0.04, 0.16, 0.64, 0.16])[:, np.newaxis], epochs)
    return Spread(MIDDLES, shares)


def history_of(epochs: tuple[int, ...]) -> History:
    spreads = (spread(len(epochs)), spread(len(epochs)))
    return History(epochs, spreads, spreads)


def test_each_layer_has_a_row_with_weights_and_outputs() -> None:
    figure = draw_history(history_of((0, 1, 2)), ["Layer 1", "Output"])
    assert len(figure.data) == 4
    titles = [one.text for one in figure.layout.annotations]
    assert titles == ["Layer 1 · Weights", "Layer 1 · Outputs", "Output · Weights", "Output · Outputs"]
    assert list(figure.data[0].x) == ["untrained", "1", "2"]
    np.testing.assert_allclose(figure.data[0].z[:, 0], [0.2, 0.4, 0.8, 0.4], rtol=1e-6)
    np.testing.assert_allclose(figure.data[0].customdata[:, 0], [4, 16, 64, 16], rtol=1e-6)


def test_of_many_epochs_some_are_named_and_the_first_and_last_always() -> None:
    figure = draw_history(history_of(tuple(range(40))), ["Layer 1", "Output"])
    ticks = figure.layout.xaxis.tickvals
    assert len(ticks) == 8
    assert (ticks[0], ticks[-1]) == ("untrained", "39")


def test_words_come_in_the_language_asked_for() -> None:
    figure = draw_history(
        history_of((0, 1)), ["A", "B"], say=lambda text, **values: f"<{text.format(**values)}>"
    )
    assert figure.layout.annotations[0].text == "A · <Weights>"
    assert figure.data[0].hovertemplate.startswith("<epoch %{x}: %{customdata:.1f} % around")
