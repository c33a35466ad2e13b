"""What the tests of pages have in common by name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "app.py"
# The workspace of the browser that looks.
MINE = "a" * 24
# What a link, a file name or a row of the database may hold, and nobody may see as anything but text.
HOSTILE = (
    "[Log in](https://example.org/)",
    "![picture](https://example.org/x.png)",
    "https://example.org/ and www.example.org and me@example.org",
    "<b onclick='x'>bold</b> <https://example.org>",
    "**bold** _slanted_ ~~gone~~ `code`",
    ":red[red] :red-background[red] :material/home: :smile: :streamlit:",
    "$x^2$ and $$y$$",
    "# heading",
    "1. list",
    "- list",
    "> quotation",
    "| a | b |\n|---|---|\n| c | d |",
    "first\n\n    code\n\n---",
    "&lt;b&gt; &#35; &copy;",
    "a\\*b\\",
    "[x]: https://example.org",
)


def width_of(app: AppTest, element: Any) -> int:
    """Return the width in pixels that the container right around an element has been given, 0 for none."""

    def blocks(block: Any) -> Iterator[Any]:
        yield block
        for child in block.children.values():
            if hasattr(child, "children"):
                yield from blocks(child)

    (place,) = (block for block in blocks(app.main) if element in block.children.values())
    return int(place.proto.width_config.pixel_width)
