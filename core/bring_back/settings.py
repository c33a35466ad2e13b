"""Settings that were taken home, read again."""

from core.config import TrainingConfig
from core.errors import ConfigError
from core.sentences import say

# Six hidden layers and all settings, written out, are 3 kB.
MAX_BYTES = 100_000


def read_settings(content: bytes) -> TrainingConfig:
    """Return the configuration of a JSON file.

    Raises
    ------
    ConfigError
        If it is none: says which value is refused and what is allowed.
    """
    if len(content) > MAX_BYTES:
        raise ConfigError(
            say(
                "This file has {size} kB; settings have {most} at most. Choose a settings.json.",
                size=f"{len(content) / 1e3:,.0f}",
                most=f"{MAX_BYTES / 1e3:.0f} kB",
            )
        )
    try:
        text = content.decode("utf-8-sig")  # as some editors of Windows save it
    except UnicodeDecodeError as error:
        raise ConfigError(say("This file is no text. Choose the settings.json of a run.")) from error
    return TrainingConfig.from_json(text)
