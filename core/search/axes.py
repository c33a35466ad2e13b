"""The axes of a search's figures, where Optuna and Plotly leave them as a program would write them."""

from collections.abc import Sequence

from plotly import graph_objects as go

# So much of an axis is shown on either side of a single accuracy.
_AROUND_ONE = 0.05


def range_of(accuracies: Sequence[float]) -> list[float] | None:
    """Return the range of an axis for one accuracy, where Plotly's would go beyond all images; else None."""
    if min(accuracies) < max(accuracies):
        return None
    return [max(0.0, accuracies[0] - _AROUND_ONE), min(1.0, accuracies[0] + _AROUND_ONE)]


def unquote(figure: go.Figure) -> None:
    """Show choices as words: Optuna writes them as a program does."""
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        for words in ("ticktext", "categoryarray"):
            if axis[words] is not None:
                axis[words] = [word.strip("'") if isinstance(word, str) else word for word in axis[words]]
    for trace in figure.data:
        for values in ("x", "y"):
            if trace[values] is not None and any(isinstance(value, str) for value in trace[values]):
                trace[values] = [str(value).strip("'") for value in trace[values]]
