"""Networks from elsewhere: runs that a worker reads test images with instead of training them."""

import secrets

from core.config import TrainingConfig
from core.settings import Settings
from core.store.artifacts import RunArtifacts
from core.store.files import BROUGHT_FILE
from core.store.queries import insert_run, read_run
from core.store.records import Run
from core.store.room import Asker, check_room, checked_cost
from core.store.shelf import LONGEST_NAME

# To open the file and read 10,000 images, on any machine.
_SECONDS = 5.0


class RunImports(RunArtifacts):
    """The part of `RunStore` that takes networks which were trained elsewhere."""

    def bring(
        self,
        config: TrainingConfig,
        content: bytes,
        *,
        workspace: str,
        name: str | None = None,
        address: str | None = None,
        limits: Settings | None = None,
    ) -> Run:
        """Write a new run, queued, whose worker evaluates this network, and return it.

        Parameters
        ----------
        config
            Its dataset is what the network is tested on, its hidden layers are the network's; nothing else
            of it says anything.
        content
            A `.keras` file that `core.bring_back` has made.
        name
            What it is called; cut to `LONGEST_NAME` letters.
        address, limits
            As in `RunStore.create`.

        Raises
        ------
        LimitExceeded
            As `RunStore.create`.
        StoreError
        """
        run_id = secrets.token_hex(6)
        with self._files_of_new(run_id, {BROUGHT_FILE: content}) as connection:
            checked_cost(connection, config, limits, training_images=1)
            check_room(connection, _SECONDS, limits, Asker(workspace, address))
            insert_run(
                connection,
                run_id,
                workspace,
                config,
                _SECONDS,
                address=address,
                name=name[:LONGEST_NAME] if name else None,
                imported=1,
            )
            return read_run(connection, run_id)
