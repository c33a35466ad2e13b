"""The catalogues hold what the sources say: all of it, nothing else, and translations that fit."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from pages.parts.shared.language import update
from pages.parts.shared.language.catalogues import FOLDER, SAID, TRANSLATED, translator
from tests.pages.language.conftest import messages_of_the_sources

# What Markdown and HTML make something of; a quotation mark or a hyphen may go.
LETTER = re.compile(r"[a-z](?![^{]*\})")
MARKS = re.compile(r"\*\*|\*|`|\]\(|</?\w+>|▶")


def catalogue(language: str) -> list[Message]:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return [one for one in read_po(file) if one.id]


def names(text: str) -> Counter[str]:
    return Counter(name for _, name, *_rest in Formatter().parse(text) if name is not None)


def translated(language: str) -> Iterator[tuple[str, str]]:
    yield from ((str(one.id), str(one.string)) for one in catalogue(language) if one.string)


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_is_that_of_the_sources(language: str) -> None:
    found = messages_of_the_sources()
    held = {str(one.id): one for one in catalogue(language)}
    assert set(found) - set(held) == set(), "run python -m pages.parts.shared.language"
    assert set(held) - set(found) == set(), "run python -m pages.parts.shared.language"
    assert {text for text, one in held.items() if SAID in one.auto_comments} == {
        text for text, one in found.items() if one.is_said
    }


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_is_translated(language: str) -> None:
    assert [one.id for one in catalogue(language) if not one.string] == []
    assert [one.id for one in catalogue(language) if one.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_same_values_and_marks(language: str) -> None:
    for text, translation in translated(language):
        if "{" in text:
            assert set(names(text)) == set(names(translation)), text
        assert Counter(MARKS.findall(text)) == Counter(MARKS.findall(translation)), text
        assert text.strip() != text or translation.strip() == translation, text


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_core_says_is_found_with_its_values_in_it(language: str) -> None:
    """Templates that look alike must not be taken for each other."""
    spoken = translator(language)
    for text, one in messages_of_the_sources().items():
        translation = spoken.template(text)
        # Of one without a word, as “{label}: {problem}”, only its values tell that it is ours.
        if not one.is_said or not names(text) or translation == text or not LETTER.search(text):
            continue
        values = {name: str(7 + number) for number, name in enumerate(names(text))}
        assert spoken.sentence(text.format(**values)) == translation.format(**values)


def test_an_update_keeps_translations_and_drops_what_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.py").write_text('_("Old {name}", name=1)\nsay("Said")\n_("Gone")\n')
    catalogues = tmp_path / "catalogues"
    catalogues.mkdir()
    monkeypatch.setattr(update, "ROOT", tmp_path)
    monkeypatch.setattr(update, "SOURCES", ("app.py",))
    monkeypatch.setattr(update, "FOLDER", catalogues)
    update.update()
    for path in catalogues.iterdir():
        path.write_text(
            path.read_text().replace('"Old {name}"\nmsgstr ""', '"Old {name}"\nmsgstr "Alt {name}"')
        )
    (tmp_path / "app.py").write_text('_("Old {name}", name=1)\nsay("Said")\n_("New")\n')
    update.update()
    held = [one for one in read_po((catalogues / "de.po").open("rb")) if one.id]
    assert [(one.id, one.string) for one in held] == [("Old {name}", "Alt {name}"), ("Said", ""), ("New", "")]
    assert [one.auto_comments for one in held] == [[], [SAID], []]
    before = (catalogues / "de.po").read_bytes()
    update.update()
    assert (catalogues / "de.po").read_bytes() == before
