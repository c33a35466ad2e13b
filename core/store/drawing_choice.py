"""Whose drawings the settings of a run ask for, and whether there are enough to learn from."""

from collections.abc import Callable

from sqlalchemy import Connection, func, select

from core.config import TrainingConfig
from core.config.teaching import LEAST_DRAWINGS
from core.errors import ConfigError
from core.sentences import say
from core.store.tables import drawings


def whose_drawings(config: TrainingConfig, workspace: str) -> list[str] | None:
    """Return the workspaces whose drawings a run of `workspace` learns; None for those of all."""
    return None if config.drawings == "everyone" else [workspace]


def check_each_once(connection: Connection, workspace: str) -> Callable[[TrainingConfig], None]:
    """Return `check_drawings` for many runs of one moment: of ten thousand each asks the same."""
    checked: set[str] = set()

    def check(config: TrainingConfig) -> None:
        if config.learns_drawings and config.drawings not in checked:
            check_drawings(connection, config, workspace)
            checked.add(config.drawings)

    return check


def check_drawings(connection: Connection, config: TrainingConfig, workspace: str) -> None:
    """Raise `ConfigError` if a run is to learn drawings of which there are too few."""
    if not config.learns_drawings:
        return
    asked = [drawings.c.deleted_at.is_(None), drawings.c.held_back == 0]
    if (whose := whose_drawings(config, workspace)) is not None:
        asked.append(drawings.c.workspace.in_(whose))
    count = connection.execute(select(func.count()).select_from(drawings).where(*asked)).scalar_one()
    if count >= LEAST_DRAWINGS:
        return
    if whose is None:
        raise ConfigError(
            say(
                "These settings learn everyone's labelled drawings, of which this server has {count} to "
                "learn; at least {least} are needed. Label some on the page Draw, or set Drawings to None.",
                count=count,
                least=LEAST_DRAWINGS,
            )
        )
    raise ConfigError(
        say(
            "These settings learn your labelled drawings, of which there are {count} to learn; at least "
            "{least} are needed. Label some on the page Draw, or set Drawings to None.",
            count=count,
            least=LEAST_DRAWINGS,
        )
    )
