"""What the four studies are called, and what each shows."""

from collections.abc import Mapping
from typing import NamedTuple

from core.experiments.one_press import Study
from core.sentences import say


class StudyWords(NamedTuple):
    """How a study is offered: its press, its icon, and what one sees."""

    title: str
    icon: str
    about: str


WORDS: Mapping[Study, StudyWords] = {
    "learning-rate": StudyWords(
        say("Find a learning rate"),
        ":material/speed:",
        say("One run whose rate rises: from where on does it learn, and when does it run away?"),
    ),
    "batch-size": StudyWords(
        say("How large a batch?"),
        ":material/view_module:",
        say("From 8 images a step to 1,024: what is read right, and how long it takes."),
    ),
    "width-depth": StudyWords(
        say("Wide or deep?"),
        ":material/grid_view:",
        say("24 networks, of 1 to 4 layers with 8 to 256 neurons, as a map."),
    ),
    "data-amount": StudyWords(
        say("How much data is enough?"),
        ":material/stacked_line_chart:",
        say("The same network with few images and with all: the learning curve."),
    ),
}


def words_of(kind: str) -> StudyWords:
    """Return how a study of this kind is offered."""
    return next(words for study, words in WORDS.items() if study == kind)
