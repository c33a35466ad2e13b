"""What the tests of pages have in common by name."""

from pathlib import Path

APP = Path(__file__).parents[2] / "app.py"
# The workspace of the browser that looks.
MINE = "a" * 24
