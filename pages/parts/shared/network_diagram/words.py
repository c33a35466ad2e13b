"""The words of the network diagram, for its modules."""

from pages.parts.shared.language import _, grouped


def diagram_words() -> dict[str, str]:
    """Return them by the names that the modules have for them, in the language of whoever looks."""
    return {
        "damaged": _("This update cannot be read. Reload the page."),
        "lines": _(
            "Lines: thick for large weights, blue adds, dashed orange takes away; from the picture: all its "
            "pixels together."
        ),
        "units": _(
            "Units: the fuller, the more they put out; orange below nothing; crossed out: dead, 0 for every "
            "image; thick ring: saturated."
        ),
        "ten": _("Ten test images it has never learned from"),
        "right_of": _("{right} of {all} are read right. Press one to see what the network makes of it."),
        "test_right": _("Test image {row}, a {truth}: read as {read}, {share}, right"),
        "test_wrong": _("Test image {row}, a {truth}: read as {read}, {share}, wrong"),
        "show_drawing": _("Your drawing: show what the network makes of it"),
        "yours": _("your digit"),
        "first_layer": _("What the first layer looks for"),
        "weights_of_units": _(
            "The weights of its units to the 784 pixels: ink where it is blue excites a unit, ink where it "
            "is orange calms it."
        ),
        "weights_of_some": _(
            "The weights of its units to the 784 pixels ({count} of {all}): ink where it is blue excites a "
            "unit, ink where it is orange calms it."
        ),
        "weights_of": _("Weights of {name}"),
        "output": _("Output {name}"),
        "output_in_a_line": _("output {name}"),
        "unit_of_layer": _("unit {unit} of layer {layer}"),
        "unit": _("{layer}, unit {unit}"),
        "dead": _("dead"),
        "saturated": _("saturated"),
        "drawing_read": _("Your drawing: {name}, {share} sure"),
        "how_large": _("How large its weights and outputs are"),
        "layer_weights": _("{layer}: weights"),
        "layer_outputs": _("{layer}: outputs"),
        "histogram": _("{title}: from {low} to {high}, most between {from} and {to}"),
        "as_table": _("The same as a table"),
        "column_unit": _("Unit"),
        "column_output": _("Puts out"),
        "column_state": _("State"),
        "units_shown": _("{layer}: {count} of {all} units shown, {activation}"),
        "network": _(
            "The network: a picture, layers of {sizes} units. Arrow keys go from unit to unit, Enter looks "
            "into one."
        ),
        "short_layer": _("L{number}"),
        "some": _("{count} of {all}"),
        "some_of": _("{count} of"),
        "close": _("Close"),
        "adds_up": _("What it adds up for this picture"),
        "excites": _("Excite it most"),
        "chosen": _("The chosen unit"),
        "projected": _(
            "Its picture is what it would look for if the layers before it only added up: their weights "
            "multiplied out."
        ),
        "own_weights": _("Its picture shows its own weights to the 28×28 pixels."),
        "weights_range": _("Weights of {name}, from {low} to {high}"),
        "colours": _("blue: up to {high}, orange: down to {low}"),
        "of_images": _("of {count} test images"),
        "pixel": _("pixel row {row}, column {column}"),
        "others": _("all others"),
        "bias": _("bias"),
        "sum": _("sum"),
        "after": _("after {activation}"),
        "test_image": _("Test image {row}, {name}: {value}"),
        "no_number": _("not a number"),
        # What stands between groups of digits.
        "group": grouped(1_000)[1:-3],
    }
