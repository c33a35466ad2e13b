"""Sentences of `core` that a person reads: written once, in English, and found by who translates them."""


def say(template: str, /, **values: object) -> str:
    """Return `template` with its `{names}` filled in, in English; translators find what is given to it.

    Logs, the database and the command line speak English. A page translates what it shows, also what a
    worker wrote long ago: it knows the templates, and finds the values in the sentence.
    """
    return template.format(**values) if values else template
