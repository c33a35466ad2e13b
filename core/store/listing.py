"""Tables of runs: thousands of them in one light statement, and what has changed since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from core.config import TrainingConfig
from core.config.differences import known_in_words, values_in_words
from core.store.cells import (
    as_amount,
    as_count,
    as_share,
    as_tags,
    as_text,
    as_time,
    optional,
    readable,
    told_if_damaged,
)
from core.store.clock import now
from core.store.database import Database
from core.store.queries import conditions
from core.store.records import ALIVE, ListedRun, RunStatus
from core.store.rows import damaged_run
from core.store.tables import experiments, runs

# Beyond these a workspace's oldest runs are found by a search on no page; no workspace is near it.
MOST_LISTED = 20_000
# Configurations in words: a table needs no more of them, half a kilobyte of each where all of it takes five.
_SETTINGS: dict[bytes, tuple[tuple[str, ...], int, int]] = {}
_MOST_SETTINGS = 20_000
_SHOWN = (
    *(runs.c.id, runs.c.workspace, runs.c.number, runs.c.status, runs.c.config, runs.c.created_at),
    *(runs.c.epoch, runs.c.step, runs.c.steps_per_epoch, runs.c.train_seconds),
    *(runs.c.test_accuracy, runs.c.test_loss, runs.c.best_accuracy, runs.c.best_epoch),
    *(runs.c.name, runs.c.starred, runs.c.note, runs.c.tags),
    *(runs.c.experiment, runs.c.imported),
)
_NEWEST_FIRST = (runs.c.created_at.desc(), runs.c.number.desc(), runs.c.id.desc())


@dataclass(frozen=True)
class ListedExperiment:
    """What a table of runs says of the experiment that some of them are a part of."""

    id: str
    kind: str
    name: str | None


@dataclass(frozen=True)
class Listing:
    """Runs of a table, the newest first.

    Attributes
    ----------
    read_at
        When it was read, by the database's clock: what `news` are asked for since.
    count
        How many runs there are in these workspaces, listed or not.
    """

    runs: tuple[ListedRun, ...]
    read_at: float
    count: int


class RunListing:
    """The part of `RunStore` that lists runs for tables."""

    _database: Database

    def listing(self, workspaces: Sequence[str], also: Collection[str] = ()) -> Listing:
        """Return all runs of these workspaces that can be read, and those whose ids are in `also`."""
        return self._listing(or_(runs.c.workspace.in_(list(workspaces)), _is_one_of(also)), workspaces)

    def news(self, workspaces: Sequence[str], since: float, also: Collection[str] = ()) -> Listing:
        """Return the runs of `listing` that may look otherwise than at the moment `since`.

        Those that are alive, and were made or have ended since; and those whose ids are in `also`: what
        people write about a run leaves no date.
        """
        is_new = or_(runs.c.status.in_(list(ALIVE)), runs.c.created_at >= since, runs.c.finished_at >= since)
        changed = or_(and_(runs.c.workspace.in_(list(workspaces)), is_new), _is_one_of(also))
        return self._listing(changed, workspaces)

    def listed_experiments(self, workspaces: Sequence[str]) -> tuple[ListedExperiment, ...]:
        """Return the experiments of these workspaces, the newest first."""
        columns = experiments.c.id, experiments.c.kind, experiments.c.name
        query = (
            select(*columns)
            .where(experiments.c.workspace.in_(list(workspaces)), experiments.c.deleted_at.is_(None))
            .order_by(experiments.c.created_at.desc(), experiments.c.id)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(query.limit(MOST_LISTED)).all()
        return tuple(ListedExperiment(str(row.id), str(row.kind), row.name) for row in rows)

    def _listing(self, wanted: ColumnElement[bool], workspaces: Sequence[str]) -> Listing:
        query = select(*_SHOWN).where(*conditions(None, None), wanted).order_by(*_NEWEST_FIRST)
        count = select(func.count()).select_from(runs).where(*conditions(workspaces, None))
        with self._database.transaction() as connection:
            # First: what changes while the rows are read counts as changed since.
            read_at, number = connection.execute(select(now(), count.scalar_subquery())).one()
            rows = connection.execute(query.limit(MOST_LISTED)).all()
        return Listing(tuple(readable(rows, listed_from_row)), float(read_at), int(number))


def _is_one_of(run_ids: Collection[str]) -> ColumnElement[bool]:
    return runs.c.id.in_(list(run_ids))


def listed_from_row(row: Any) -> ListedRun:
    """Return what a table shows of one row of `tables.runs`.

    Raises
    ------
    RunUnreadable
        If any value is not what this column holds.
    """
    with told_if_damaged(damaged_run(row.id)):
        settings, parameters, epochs = _read_settings(as_text(row.config))
        return ListedRun(
            id=as_text(row.id),
            workspace=as_text(row.workspace),
            number=as_count(row.number),
            status=RunStatus(row.status),
            settings=known_in_words(settings) if row.imported else settings,
            parameters=parameters,
            epochs=epochs,
            created_at=as_time(row.created_at).timestamp(),
            epoch=as_count(row.epoch),
            step=as_count(row.step),
            steps_per_epoch=as_count(row.steps_per_epoch),
            train_seconds=optional(as_amount, row.train_seconds),
            test_accuracy=optional(as_share, row.test_accuracy),
            test_loss=optional(float, row.test_loss),
            best_accuracy=optional(as_share, row.best_accuracy),
            best_epoch=optional(as_amount, row.best_epoch),
            name=optional(as_text, row.name),
            starred=bool(as_count(row.starred)),
            note=optional(as_text, row.note),
            tags=as_tags(row.tags),
            experiment=optional(as_text, row.experiment),
            imported=bool(as_count(row.imported)),
        )


def _read_settings(text: str) -> tuple[tuple[str, ...], int, int]:
    """Return a configuration's values in words, parameters and epochs; each text is read but once."""
    key = sha256(text.encode(errors="surrogatepass")).digest()
    found = _SETTINGS.get(key)
    if found is None:
        config = TrainingConfig.from_json(text)
        found = values_in_words(config), config.parameters, config.epochs
        if len(_SETTINGS) >= _MOST_SETTINGS:
            _SETTINGS.clear()
        _SETTINGS[key] = found
    return found
