"""What pydantic refuses, in sentences: which value, and what is allowed."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from core.numbers import text_of
from core.sentences import say

_KINDS = {
    "int": say("a whole number"),
    "float": say("a number"),
    "bool": say("true or false"),
    "finite": say("a number"),
    "tuple": say("a list"),
    "model": say("a set of named values"),
}


def explain(error: ValidationError, titles: Mapping[str, str]) -> str:
    """Say in one sentence a problem which value is refused and what is allowed.

    Parameters
    ----------
    titles
        What people call a value that has another name in the model.
    """
    sentences = []
    for problem in error.errors():
        kind, context = problem["type"], problem.get("ctx", {})
        name = _name(problem["loc"], titles)
        value = _quoted(problem["input"])
        if kind == "extra_forbidden":
            sentences.append(say("There is no setting “{name}”.", name=name[:40]))
            continue
        if kind == "value_error":
            # From a check over several settings: it brings its own sentence.
            sentences.append(str(context["error"]))
            continue
        if kind == "json_invalid":
            sentences.append(
                say("The configuration is not readable JSON ({reason}).", reason=context["error"])
            )
            continue
        if kind == "literal_error":
            must = _one_of(context["expected"].replace("'", ""))
        elif kind == "too_long":
            value = say("a list of {count}", count=context["actual_length"])
            must = say("at most {count} long", count=context["max_length"])
        else:
            must = (
                _bound(context)
                or _KINDS.get(kind.partition("_")[0])
                or problem["msg"].removeprefix("Input should be ")
            )
        # Not str.capitalize: that would also make “Adam” the “adam” that is allowed.
        name = f"{name[0].upper()}{name[1:]}"
        sentences.append(say("{name} is {value}; it must be {must}.", name=name, value=value, must=must))
    return " ".join(sentences)


def _bound(context: Mapping[str, Any]) -> str | None:
    """Return which bound a number has crossed: pydantic tells one of them at a time."""
    match context:
        case {"ge": bound}:
            return say("at least {bound}", bound=_number(bound))
        case {"gt": bound}:
            return say("above {bound}", bound=_number(bound))
        case {"le": bound}:
            return say("at most {bound}", bound=_number(bound))
        case {"lt": bound}:
            return say("below {bound}", bound=_number(bound))
    return None


def _one_of(choices: str) -> str:
    others, _, last = choices.rpartition(" or ")
    if not others:
        return say("one of {choices}", choices=last)
    return say("one of {choices} or {last}", choices=others, last=last)


def _name(location: tuple[int | str, ...], titles: Mapping[str, str]) -> str:
    """Return a setting's name in words: `Learning rate`, `Units of hidden layer 2`."""

    def words(parts: Sequence[int | str]) -> str:
        return " ".join(titles.get(str(part), str(part).replace("_", " ")) for part in parts)

    match location:
        case ("hidden_layers", int(place)):
            return say("Hidden layer {number}", number=place + 1)
        case ("hidden_layers", int(place), *rest):
            return say("{what} of hidden layer {number}", what=words(rest), number=place + 1)
    return words(location) or say("The configuration")


def _quoted(value: object) -> str:
    if isinstance(value, str):
        text = f"“{value}”"
    else:
        text = text_of(value) if isinstance(value, float) else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _number(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    # No exponent: 0.000001 says how small it is to whoever does not know 1e-06.
    return f"{value:.12f}".rstrip("0")
