"""How fast the workers' machines are, as they measured themselves."""

from sqlalchemy import delete, insert

from core.store.clock import now
from core.store.database import Database
from core.store.room import speed_of_workers
from core.store.tables import calibrations


class WorkerMachines:
    """The part of `RunStore` that knows how fast workers are."""

    _database: Database

    def calibrate(self, machine: str, speed: float) -> None:
        """Note how fast a machine is, 1.0 being that of the formula in `core.config.cost`.

        Raises
        ------
        ValueError
            If `speed` is not a positive number.
        """
        if not 0 < speed < float("inf"):
            raise ValueError(f"{speed!r} is no speed.")
        machine = machine[:200]
        with self._database.transaction(write=True) as connection:
            connection.execute(delete(calibrations).where(calibrations.c.machine == machine))
            connection.execute(insert(calibrations).values(machine=machine, measured_at=now(), speed=speed))

    def speed(self) -> float:
        """Return how fast the workers' machines are on average, 1.0 while none was measured."""
        with self._database.transaction() as connection:
            return speed_of_workers(connection)
