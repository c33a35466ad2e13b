"""What pydantic refuses, in sentences: which value, and what is allowed."""

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


def explain(error: ValidationError) -> str:
    """Say in one sentence a problem which value is refused and what is allowed."""
    sentences = []
    for problem in error.errors():
        kind, context = problem["type"], problem.get("ctx", {})
        name = _name(problem["loc"])
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


def _name(location: tuple[int | str, ...]) -> str:
    """Return a setting's name in words: `learning rate`, `units of hidden layer 2`."""
    match location:
        case ("hidden_layers", int(place)):
            return f"hidden layer {place + 1}"
        case ("hidden_layers", int(place), *rest):
            return f"{' '.join(map(str, rest))} of hidden layer {place + 1}"
    return " ".join(map(str, location)).replace("_", " ") or "the configuration"


def _quoted(value: object) -> str:
    text = f"“{value}”" if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _number(value: float) -> str:
    return f"{int(value) if value == int(value) else value:,}"
