"""Which runs a worker should take up next: the store is the queue, whoever wrote into it."""

from core.store import Run, RunStatus, RunStore

# A run whose worker was not heard for so long has lost it: workers beat five times a second, and wait for
# five silent seconds themselves before they take over another's run.
ORPHAN_SECONDS = 6.0


def waiting(store: RunStore) -> list[Run]:
    """Return the runs that no worker trains, in the order in which they start.

    First those that a worker left behind, for they had their turn; then the queue, in which
    workspaces take turns. It is read anew whenever a worker is free, so what is stopped, paused
    or comes in meanwhile needs no word to anybody.

    Raises
    ------
    StoreError
    """
    left_behind = [run for run in store.orphans(ORPHAN_SECONDS) if run.status is RunStatus.RUNNING]
    return [*left_behind, *store.queue()]
