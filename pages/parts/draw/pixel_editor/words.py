"""The words of the pixel editor, for its modules."""

from pages.parts.shared.language import _


def editor_words() -> dict[str, str]:
    """Return them by the names that the modules have for them, in the language of whoever looks."""
    return {
        "label": _(
            "Picture of 28×28 pixels to change. Arrow keys go from pixel to pixel, Enter makes ink of paper "
            "and paper of ink, plus and minus change the ink a little, Control and Z takes the last change "
            "back."
        ),
        "hint": _("Press a pixel: paper becomes ink, ink becomes paper. With a finger, drag to the pixel."),
        "changed": _("Framed: changed. Solid: more ink. Dashed: less."),
        "pixel": _("Row {row}, column {column}: ink {value} of 255"),
        "pixel_changed": _("Row {row}, column {column}: ink {value} of 255, was {before}"),
        "undo": _("Undo a step"),
        "reset": _("Reset"),
        "full": _("These are {most} changes, the most there may be. Take some back."),
    }
