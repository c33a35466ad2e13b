"""The words of the overlay chart, for overlay.js and readout.js."""

from collections.abc import Mapping

from pages.parts.shared.language import _
from pages.parts.shared.live_chart.words import chart_words


def overlay_words() -> Mapping[str, object]:
    """Return them by the names that the scripts have for them, in the language of whoever looks."""
    return chart_words() | {
        "run": _("Run"),
        "step": _("Step"),
        "seconds": _("Seconds of training"),
        "epoch_at": _("At epoch {place}", place="{place}"),
        "step_at": _("At step {place}", place="{place}"),
        "seconds_at": _("After {place} s", place="{place}"),
        "last": _("Last values"),
        "hide": _("press to hide"),
        "show": _("press to show"),
        "spread": _(
            "A run's training time is spread evenly over its steps; of one that still trains, at its "
            "present speed."
        ),
        "thin": _("Thin: training. Bold: validation."),
        "cut": _("Higher losses are cut off at the top; a double click on the chart shows all."),
        "no_time": _("Runs whose speed is not known yet have no place on the axis of seconds."),
    }
