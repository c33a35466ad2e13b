"""All callbacks of a run, in the only order in which they are right."""

from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.store import CurvePoint
from core.training.callbacks.checkpoints import Checkpoints, Save
from core.training.callbacks.health import Health
from core.training.callbacks.place import Place
from core.training.callbacks.recorder import Recorder, Write
from core.training.callbacks.requests import Control
from core.training.callbacks.snapshots import KeepEpochs
from core.training.callbacks.stopping import Stopping
from core.training.callbacks.vitals import Vitals
from core.training.checkpoint import Checkpoint
from core.training.course import Course
from core.training.pulse import Pulse
from core.training.snapshots import Snapshots


@dataclass(frozen=True)
class Assembly:
    """The callbacks of one run; each is made of those before it, so no other order can be written.

    - `place` counts before anybody asks where the run is;
    - `health` sees a diverged loss before anybody records or saves the network;
    - `vitals` measures what `recorder` then writes with the points of the same step;
    - `stopping` has compared an epoch before its checkpoint is saved and its network kept;
    - `control` comes last: who pauses leaves `fit` at once, and all others have seen the chunk.
    """

    place: Place
    health: Health
    vitals: Vitals
    recorder: Recorder
    stopping: Stopping
    checkpoints: Checkpoints
    keeper: KeepEpochs
    control: Control

    @property
    def in_order(self) -> list[keras.callbacks.Callback]:
        """Return them as `fit` takes them."""
        early = (self.place, self.health, self.vitals, self.recorder)
        return [*early, *self.stopping.callbacks, self.checkpoints, self.keeper, self.control]


def assemble(
    config: TrainingConfig,
    course: Course,
    past: Checkpoint,
    *,
    images: NDArray[np.uint8],
    first_loss: float | None,
    untrained: CurvePoint | None,
    pulse: Pulse,
    write: Write,
    save: Save,
    snapshots: Snapshots,
) -> Assembly:
    """Build the callbacks of a run.

    Parameters
    ----------
    config, course
        Of the run.
    past
        The checkpoint from which it goes on; its position is the course's start.
    images, first_loss, untrained, pulse, write, save, snapshots
        As `Vitals`, `Health`, `Recorder`, `Control`, `Recorder`, `Checkpoints` and `KeepEpochs` take them.
    """
    place = Place(course)
    health = Health(config, place, first_loss)
    vitals = Vitals(config, place, images)
    recorder = Recorder(
        write,
        place,
        vitals,
        past.seconds,
        untrained,
        lambda chunks: control.rest_ahead(chunks),  # which is made last
    )
    stopping = Stopping(config, place, past)
    checkpoints = Checkpoints(save, place, health, stopping, recorder, past.metrics)
    keeper = KeepEpochs(snapshots, place, health, checkpoints)
    control = Control(pulse, place, checkpoints, keeper)
    return Assembly(place, health, vitals, recorder, stopping, checkpoints, keeper, control)
