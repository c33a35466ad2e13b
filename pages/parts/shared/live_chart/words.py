"""The words of the live chart, for live_chart.js."""

from pages.parts.shared.language import _


def chart_words() -> dict[str, str | dict[str, str]]:
    """Return them by the names that the script has for them, in the language of whoever looks."""
    return {
        "not_loaded": _("The chart cannot be drawn: its drawing library did not load. Reload the page."),
        "loading": _("Loading the chart…"),
        "curves": _("Learning curves"),
        "training": _("training"),
        "validation": _("validation"),
        "training_loss": _("training loss"),
        "training_accuracy": _("training accuracy"),
        "validation_loss": _("validation loss"),
        "validation_accuracy": _("validation accuracy"),
        "measured": _("training (measured)"),
        "loss": _("Loss"),
        "accuracy": _("Accuracy"),
        "epoch": _("Epoch"),
        "epoch_number": _("epoch {epoch}"),
        "nothing": _("Nothing is recorded yet."),
        "now": _(
            "At epoch {epoch} of {epochs}: {numbers}.",
            epoch="{epoch}",
            epochs="{epochs}",
            numbers="{numbers}",
        ),
        "back": _("Looked back at: epoch {epoch}."),
        "behind": _("Pale behind it: {names}."),
        # By the names that Plotly's own dictionary has for them.
        "plotly": {
            "Download plot as a PNG": _("Download plot as a PNG"),
            "Zoom": _("Zoom"),
            "Pan": _("Pan"),
            "Zoom in": _("Zoom in"),
            "Zoom out": _("Zoom out"),
            "Reset axes": _("Reset axes"),
            "Double-click to zoom back out": _("Double-click to zoom back out"),
        },
    }
