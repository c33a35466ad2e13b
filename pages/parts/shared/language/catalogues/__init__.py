"""The catalogues, `de.po` and `fr.po`: read once a process, by Babel, as translators edit them."""

from pathlib import Path

from core.once import once
from pages.parts.shared.language.translator import Translator

FOLDER = Path(__file__).parent
ENGLISH = "en"
# Each by its own name, as whoever looks for it knows it.
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "fr": "Français"}
TRANSLATED = [one for one in LANGUAGES if one != ENGLISH]
# The comment at messages that are `say`'s in the sources.
SAID = "said"


@once
def translator(language: str) -> Translator:
    """Return what translates into one of `LANGUAGES`."""
    if language == ENGLISH:
        return Translator({})
    from babel.messages.pofile import read_po  # for those who need it

    with (FOLDER / f"{language}.po").open("rb") as file:
        messages = [one for one in read_po(file) if one.id and one.string]
    return Translator(
        {str(one.id): str(one.string) for one in messages},
        [str(one.id) for one in messages if SAID in one.auto_comments],
        lowers=language == "fr",
    )
