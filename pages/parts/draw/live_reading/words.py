"""The words of the live reading, for its modules."""

from pages.parts.shared.language import _


def reading_words() -> dict[str, str]:
    """Return them by the names that the modules have for them, in the language of whoever looks."""
    return {
        "canvas": _(
            "Canvas: draw one digit with mouse, finger or pen. Arrow keys move a cross, Space puts the pen "
            "down and lifts it."
        ),
        "draw_here": _("Draw here"),
        "tools": _("Tools"),
        "pen": _("Pen"),
        "eraser": _("Eraser"),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "clear": _("Clear"),
        "control": _("Ctrl"),
        "shift": _("Shift"),
        "delete_key": _("Del"),
        "width": _("Stroke width"),
        "help_width": _(
            "Of the pen, and of all that is drawn. Thick strokes look most like those it has learnt."
        ),
        "steps": _("From pen to pixels"),
        "last_is_seen": _("the last picture is what the network sees"),
        "drawn": _("Drawn"),
        "picture_drawn": _("The drawing"),
        "picture_cropped": _("The drawing without the paper around it"),
        "picture_scaled": _("The drawing in few pixels"),
        "picture_picture": _("The picture that the network sees"),
        "crop": _("Cropped"),
        "help_crop": _(
            "The paper around the ink is cut away. Switch it off to see what the network makes of it then."
        ),
        "scale": _("Scaled"),
        "help_scale": _(
            "The longest side becomes 20 pixels, as in MNIST, and what is drawn in small has a smaller pen. "
            "Switched off, small digits stay small."
        ),
        "centre": _("Centred"),
        "help_centre": _(
            "The centre of mass goes to the middle of 28×28 pixels, as in MNIST. Switched off, the ink stays "
            "where it was drawn."
        ),
        "stretch": _("Full ink"),
        "help_stretch": _("The strongest ink becomes white. Switched off, thin lines stay pale."),
        "sure": _("It reads {first}: {share} sure", first="{first}", share="{share}"),
        "between": _(
            "It reads {first}, or maybe {second}: {share} and {other}",
            first="{first}",
            second="{second}",
            share="{share}",
            other="{other}",
        ),
        "probable": _("Probably {first}: {share} sure", first="{first}", share="{share}"),
        "refused": _("I can't read this."),
        "unfamiliar_digit": _("It looks like no digit that I have learnt."),
        "unfamiliar": _("I have learnt nothing like it."),
        "unsure": _("It could be {first} or {second}.", first="{first}", second="{second}"),
        "over": _("over {share}", share="{share}"),
        "full": _("This drawing can hold no more. Clear the canvas and draw one digit with a few strokes."),
        "loading": _("Loading the network…"),
        "no_numbers": _(
            "This network's probabilities are not numbers: its training ran away. Choose another run."
        ),
    }
