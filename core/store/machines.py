"""How fast the workers' machines are, as they measured themselves."""

from sqlalchemy import delete, insert, select

from core.store.clock import now
from core.store.database import Database
from core.store.room import speed_of_workers
from core.store.tables import calibrations

# A worker measures as it starts, and whatever else the machine does then makes it look slow, never fast:
# what was noted falls at most to this share of itself a start.
_MOST_LOST = 0.8


class WorkerMachines:
    """The part of `RunStore` that knows how fast workers are."""

    _database: Database

    def calibrate(self, machine: str, speed: float) -> None:
        """Note how fast a machine is, 1.0 being that of the formula in `core.config.cost`.

        One slow measurement in a busy moment counts for a fifth at most.

        Raises
        ------
        ValueError
            If `speed` is not a positive number.
        """
        if not 0 < speed < float("inf"):
            raise ValueError(f"{speed!r} is no speed.")
        machine = machine[:200]
        # The workers of a machine measure it at the same moment.
        with self._database.transaction(write=True, alone=True) as connection:
            noted = connection.execute(
                select(calibrations.c.speed).where(calibrations.c.machine == machine)
            ).scalar()
            speed = max(speed, _MOST_LOST * float(noted or 0.0))
            connection.execute(delete(calibrations).where(calibrations.c.machine == machine))
            connection.execute(insert(calibrations).values(machine=machine, measured_at=now(), speed=speed))

    def speed(self) -> float:
        """Return how fast the workers' machines are on average, 1.0 while none was measured."""
        with self._database.transaction() as connection:
            return speed_of_workers(connection)
