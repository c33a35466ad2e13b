"""English texts in another language: by themselves, by the template that made them, piece by piece."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from string import Formatter

# Longer texts come from outside, and only once.
_LONGEST = 1_000
# More sentences in a row than these are not put together in every way.
_MOST_SENTENCES = 8
# Where a value ends may be unclear, as in “{title} {value}”: so many ways are tried.
_MOST_READINGS = 24
_KEPT = 4_096
_SEPARATORS = (" · ", ", ")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?…]) (?=\S)")


@dataclass(frozen=True)
class _Pattern:
    """A template that sentences are held against.

    Attributes
    ----------
    letters
        How many it has besides its values.
    parts
        Its own words, those before, between and behind the values; there is one more than there are `names`.
    """

    template: str
    letters: int
    parts: tuple[str, ...]
    names: tuple[str, ...]

    def values(self, text: str) -> Iterator[dict[str, str]]:
        """Yield the values with which the template says `text`: several where words could be either's."""
        first, last = self.parts[0], self.parts[-1]
        if text.startswith(first) and text.endswith(last):
            for found in islice(self._from(text, len(first), 0), _MOST_READINGS):
                values: dict[str, str] = {}
                if all(values.setdefault(*pair) == pair[1] for pair in zip(self.names, found, strict=True)):
                    yield values

    def _from(self, text: str, start: int, number: int) -> Iterator[tuple[str, ...]]:
        """Yield the values from `number` on, the first of which begins at `start`."""
        behind = self.parts[number + 1]
        if number == len(self.names) - 1:
            end = len(text) - len(behind)
            if end > start:
                yield (text[start:end],)
            return
        end = text.find(behind, start + 1)
        while end > 0:
            for others in self._from(text, end + len(behind), number + 1):
                yield text[start:end], *others
            end = text.find(behind, end + 1)


class Translator:
    """A catalogue that also understands sentences whose values are filled in already.

    Parameters
    ----------
    messages
        The translation of each text that has one.
    said
        The templates to be found in finished sentences; only these, so that what somebody has called a run
        is not taken for a sentence of ours.
    lowers
        Whether a title within a sentence has a small letter, as in French and not in German.
    """

    def __init__(
        self, messages: Mapping[str, str], said: Collection[str] = (), *, lowers: bool = False
    ) -> None:
        self._messages = messages
        self._lowers = lowers
        patterns = (_pattern_of(one) for one in said if one in messages)
        self._patterns = [one for one in patterns if one is not None]
        # Of each catalogue its own: a page asks for the same few texts twice a second.
        self._best = lru_cache(maxsize=_KEPT)(self._find_best)

    def template(self, text: str) -> str:
        """Return the translation of a text that stands in the catalogue as it is, else the text."""
        return self._messages.get(text, text)

    def sentence(self, text: str) -> str:
        """Return the translation of a text or of a finished sentence; what is not found stays as it is."""
        found = self._messages.get(text)
        if found is not None or not self._messages or len(text) > _LONGEST:
            return text if found is None else found
        return self._best(text)[1]

    def _find_best(self, text: str) -> tuple[int, str]:
        """Return how many letters of `text` are known, and its translation: that which knows most."""
        found = self._exact(text)
        if found is not None:
            return _letters(text), found
        best = 0, text
        for one in self._whole(text):
            best = max(best, one, key=lambda candidate: candidate[0])
        ends = list(_SENTENCE_ENDS.finditer(text))
        if len(ends) < _MOST_SENTENCES:
            for end in ends:
                first, rest = self._best(text[: end.start()]), self._best(text[end.end() :])
                if first[0] + rest[0] > best[0]:
                    best = first[0] + rest[0], f"{first[1]} {rest[1]}"
        return best

    def _exact(self, text: str) -> str | None:
        found = self._messages.get(text)
        if found is None and text[:1].islower():
            # A title within a sentence: “learning rate 0.01”.
            found = self._messages.get(text[:1].upper() + text[1:])
            if found is not None and self._lowers:
                found = found[:1].lower() + found[1:]
        return found

    def _whole(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield what `text` may be as one sentence, or as a list of pieces."""
        for one in self._patterns:
            for found in one.values(text):
                values = {name: self._best(value) for name, value in found.items()}
                known = one.letters + sum(letters for letters, _ in values.values())
                words = {name: word for name, (_, word) in values.items()}
                yield known, self._messages[one.template].format(**words)
        for separator in _SEPARATORS:
            if separator in text:
                pieces = [self._best(piece) for piece in text.split(separator)]
                yield sum(known for known, _ in pieces), separator.join(word for _, word in pieces)


def _letters(text: str) -> int:
    return sum(letter.isalpha() for letter in text)


def _pattern_of(template: str) -> _Pattern | None:
    """Return what a sentence of a template looks like, None for a template without words of its own."""
    parts, names = [""], []
    for words, name, *_others in Formatter().parse(template):
        parts[-1] += words
        if name is not None:
            names.append(name)
            parts.append("")
    if not names or not all(parts[1:-1]) or not "".join(parts).strip():
        return None
    return _Pattern(template, sum(map(_letters, parts)), tuple(parts), tuple(names))
