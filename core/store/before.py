"""Which run came before which: what a run differs in from the one before it is its name on the pages."""

from collections.abc import Sequence

from sqlalchemy import and_, func, select

from core.store.cells import readable
from core.store.database import Database
from core.store.records import Run
from core.store.rows import run_from_row
from core.store.tables import runs


class RunsBefore:
    """The part of `RunStore` that knows the order of the runs of a workspace."""

    _database: Database

    def runs_before(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """Return, for each of these runs, the run of the same workspace that was made just before it.

        One that has been deleted counts as long as it is in the database. The first run of a
        workspace has none, nor has one whose predecessor is damaged. Networks from elsewhere are left out:
        nobody knows by what settings they were trained.
        """
        before = runs.alias()
        earlier = runs.alias()
        number = (
            select(func.max(earlier.c.number))
            .where(
                earlier.c.workspace == runs.c.workspace,
                earlier.c.number < runs.c.number,
                earlier.c.imported == 0,
            )
            .correlate(runs)
            .scalar_subquery()
        )
        query = (
            select(runs.c.id.label("asked"), before)
            .select_from(runs)
            .join(before, and_(before.c.workspace == runs.c.workspace, before.c.number == number))
            .where(runs.c.id.in_(list(run_ids)))
        )
        with self._database.transaction() as connection:
            return dict(readable(connection.execute(query), lambda row: (row.asked, run_from_row(row))))
