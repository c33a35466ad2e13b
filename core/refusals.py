"""What pydantic refuses, in sentences: which value, and what is allowed."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "finite": "a number",
    "tuple": "a list",
    "model": "a set of named values",
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
        bounds = [f"{words} {_number(context[key])}" for key, words in _BOUNDS.items() if key in context]
        if kind == "extra_forbidden":
            sentences.append(f"There is no setting “{name[:40]}”.")
            continue
        if kind == "value_error":
            # From a check over several settings: it brings its own sentence.
            sentences.append(str(context["error"]))
            continue
        if kind == "json_invalid":
            sentences.append(f"The configuration is not readable JSON ({context['error']}).")
            continue
        if bounds:
            must = " and ".join(bounds)
        elif kind == "literal_error":
            must = "one of " + context["expected"].replace("'", "")
        elif kind == "too_long":
            value = f"a list of {context['actual_length']}"
            must = f"at most {context['max_length']} long"
        else:
            must = _KINDS.get(kind.partition("_")[0]) or problem["msg"].removeprefix("Input should be ")
        # Not str.capitalize: that would also make “Adam” the “adam” that is allowed.
        sentences.append(f"{name[0].upper()}{name[1:]} is {value}; it must be {must}.")
    return " ".join(sentences)


def _name(location: tuple[int | str, ...], titles: Mapping[str, str]) -> str:
    """Return a setting's name in words: `Learning rate`, `Units of hidden layer 2`."""

    def words(parts: Sequence[int | str]) -> str:
        return " ".join(titles.get(str(part), str(part).replace("_", " ")) for part in parts)

    match location:
        case ("hidden_layers", int(place)):
            return f"hidden layer {place + 1}"
        case ("hidden_layers", int(place), *rest):
            return f"{words(rest)} of hidden layer {place + 1}"
    return words(location) or "the configuration"


def _quoted(value: object) -> str:
    text = f"“{value}”" if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _number(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    # No exponent: 0.000001 says how small it is to whoever does not know 1e-06.
    return f"{value:.12f}".rstrip("0")
