"""Texts in another language: as they stand, by the template that made them, piece by piece."""

import pytest

from pages.parts.shared.language.translator import Translator

GERMAN = {
    "Learning rate": "Lernrate",
    "Early stopping": "Frühes Aufhören",
    "validation loss": "Verlust",
    "on": "an",
    "Takes about {duration}.": "Dauert etwa {duration}.",
    "One run is before it, it begins in {duration}.": "Eines ist davor, es beginnt in {duration}.",
    "{count} runs are waiting. Come later.": "{count} Trainings warten. Komm später.",
    "{title} must be {what}.": "{title} muss {what} sein.",
    "{title} {now} (was {before})": "{title} {now} (vorher {before})",
    "at most {number}": "höchstens {number}",
    "at most {number} for this server": "für diesen Server höchstens {number}",
    "From {word} to {word}": "Von {word} bis {word}",
    "Page words {name}": "Worte der Seite {name}",
}
TRANSLATOR = Translator(GERMAN, [one for one in GERMAN if not one.startswith("Page")])


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Learning rate", "Lernrate"),
        ("Takes about 4 s.", "Dauert etwa 4 s."),
        (
            "Takes about 4 s. One run is before it, it begins in 2 min 05 s.",
            "Dauert etwa 4 s. Eines ist davor, es beginnt in 2 min 05 s.",
        ),
        (
            "Takes about 4 s. 3 runs are waiting. Come later.",
            "Dauert etwa 4 s. 3 Trainings warten. Komm später.",
        ),
        ("Learning rate must be at most 3.5.", "Lernrate muss höchstens 3.5 sein."),
        ("at most 3 for this server", "für diesen Server höchstens 3"),
        ("learning rate 0.01 (was 0.001)", "Lernrate 0.01 (vorher 0.001)"),
        ("#17 · learning rate 0.01 (was 0.001), on", "#17 · Lernrate 0.01 (vorher 0.001), an"),
        ("early stopping validation loss (was off)", "Frühes Aufhören Verlust (vorher off)"),
        ("From a to a", "Von a bis a"),
        ("From a to b", "From a to b"),
        ("Nobody has said this.", "Nobody has said this."),
        ("Page words of a run", "Page words of a run"),
        ("", ""),
    ],
)
def test_finished_sentences_are_found(english: str, german: str) -> None:
    assert TRANSLATOR.sentence(english) == german


def test_a_title_within_a_sentence_is_small_where_the_language_has_it_so() -> None:
    french = Translator({"Learning rate": "Taux"}, lowers=True)
    assert french.sentence("learning rate") == "taux"
    assert french.sentence("Learning rate") == "Taux"


def test_templates_are_found_as_they_stand_only() -> None:
    assert TRANSLATOR.template("Takes about {duration}.") == "Dauert etwa {duration}."
    assert TRANSLATOR.template("Takes about 4 s.") == "Takes about 4 s."


def test_values_with_braces_stay_as_they_are() -> None:
    assert TRANSLATOR.sentence("Takes about {0} {x!r}.") == "Dauert etwa {0} {x!r}."


def test_a_catalogue_without_words_leaves_all_as_it_is() -> None:
    assert Translator({}).sentence("Takes about 4 s.") == "Takes about 4 s."


def test_long_texts_from_outside_take_no_time() -> None:
    text = "Takes about, 4 s. · " * 5_000
    assert TRANSLATOR.sentence(text) == text
    nested = ", ".join("a · b. c must d" for _ in range(100))
    assert TRANSLATOR.sentence(nested) == nested
