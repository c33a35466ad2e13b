"""A configuration as parameters of an address or of a command line, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from core.config.layers import layers_from_word, layers_to_word
from core.config.training import TrainingConfig
from core.config.words import TITLES
from core.errors import ConfigError
from core.refusals import explain
from core.sentences import say

# What stands in a page's address beside the settings: the run on show and its epoch, whether it is shown
# large, and Streamlit's own.
OTHER_PARAMETERS = {"run", "at_epoch", "present", "embed", "embed_options"}


def to_query(config: TrainingConfig) -> dict[str, str]:
    """Return the settings that differ from the defaults, as parameters of an address."""
    usual = TrainingConfig()
    return {name: _to_word(name, value) for name, value in config if value != getattr(usual, name)}


def from_query(query: Mapping[str, str]) -> tuple[TrainingConfig, list[str]]:
    """Read parameters of an address; what cannot be used keeps its default and is told.

    Returns
    -------
    config, problems
        `problems` has one sentence for every parameter that was left out.
    """
    accepted: dict[str, Any] = {}
    problems: list[str] = []
    for name, text in query.items():
        if name in OTHER_PARAMETERS:
            continue
        if name not in TrainingConfig.model_fields:
            problems.append(say("The link has an unknown setting “{name}”; it was left out.", name=name[:40]))
        elif problem := _problem_with({name: _from_word(name, text)}):
            problems.append(_told(problem))
        else:
            accepted[name] = _from_word(name, text)
    if _problem_with(accepted):  # each is allowed, but not together
        candidates, accepted = accepted, {}
        for name, value in candidates.items():
            if problem := _problem_with(accepted | {name: value}):
                problems.append(_told(problem))
            else:
                accepted[name] = value
    return TrainingConfig.model_validate(accepted), problems


def changed(config: TrainingConfig, words: Mapping[str, str]) -> TrainingConfig:
    """Return the configuration with these settings, written as in an address, instead of its own.

    Raises
    ------
    ConfigError
        If one of them does not exist or may not have this value.
    """
    _refuse_unknown(words)
    return TrainingConfig.build(
        config.model_dump() | {name: _from_word(name, text) for name, text in words.items()}
    )


def _problem_with(values: Mapping[str, Any]) -> str | None:
    try:
        TrainingConfig.model_validate(dict(values))
    except ValidationError as error:
        return explain(error, TITLES)
    return None


def _told(problem: str) -> str:
    return say("From the link: {problem} The default is used instead.", problem=problem)


def _refuse_unknown(names: Iterable[str]) -> None:
    for name in names:
        if name not in TrainingConfig.model_fields:
            known = ", ".join(TrainingConfig.model_fields)
            raise ConfigError(
                say("There is no setting “{name}”. These exist: {known}.", name=name[:40], known=known)
            )


def _from_word(name: str, text: str) -> Any:
    return layers_from_word(text) if name == "hidden_layers" else text


def _to_word(name: str, value: Any) -> str:
    if name == "hidden_layers":
        return layers_to_word(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
