"""Everything of a run in one ZIP file, or a part of it: made when somebody asks, one at a time."""

import io
import threading
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from core.sentences import say
from core.store import Run, RunStatus, RunStore
from core.store.files import KERAS_FILE, ONNX_FILE
from core.take_home.events import event_files
from core.take_home.files import curve_file, settings_file, weights_file
from core.take_home.program.images import images_file
from core.take_home.script import NOTEBOOK_FILE, SCRIPT_FILE, About, as_notebook, as_script

CURVE_FILE, SETTINGS_FILE, WEIGHTS_FILE = "curve.csv", "settings.json", "weights.npz"
TENSORBOARD_FOLDER = "tensorboard"

# A network of the most parameters takes three times 20 MB in a ZIP: two at once would be too much for a
# server of 1 GB.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class TakeHome:
    """What can be taken home of one run.

    Attributes
    ----------
    store, run
        Whose files, and of which run.
    is_taught
        Whether it has learnt drawings, which are no part of its settings.
    link
        The address of the page with these settings; empty where it is not known.
    """

    store: RunStore
    run: Run
    is_taught: bool = False
    link: str = ""

    @property
    def has_network(self) -> bool:
        """Whether there is a trained network."""
        return (
            self.run.status in (RunStatus.FINISHED, RunStatus.STOPPED) and self.run.test_accuracy is not None
        )

    @property
    def has_settings(self) -> bool:
        """Whether the run was trained here: of a network from elsewhere nobody knows how it was trained."""
        return not self.run.imported

    @property
    def images_file(self) -> str | None:
        """The file with images that its program needs beside it, None if Keras has them."""
        return images_file(self.run.config) if self.has_settings else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What the program does not repeat of the run, in sentences."""
        run, notes = self.run, []
        if self.is_taught:
            notes.append(
                say("That run learnt somebody's drawings as well; the program learns its images alone.")
            )
        elif run.fork_epoch is not None:
            notes.append(say("That run went on from an epoch of another one; the program begins anew."))
        if run.rate_changes:
            notes.append(say("Its learning rate was changed on the way; the program keeps the last one."))
        if run.status is RunStatus.STOPPED:
            notes.append(
                say(
                    "It was stopped after {epochs} of {all_epochs} epochs.",
                    epochs=f"{run.epochs_done:.3g}",
                    all_epochs=run.config.epochs,
                )
            )
        return tuple(notes)

    @property
    def about(self) -> About:
        """What the program says of the run."""
        return About(f"#{self.run.number}", self.run.test_accuracy, self.run.test_loss, self.notes)

    def keras(self) -> bytes:
        """Return the network as Keras opens it."""
        return self.store.artifact(self.run.id, KERAS_FILE)

    def onnx(self) -> bytes:
        """Return the network as ONNX Runtime opens it."""
        return self.store.artifact(self.run.id, ONNX_FILE)

    def weights(self) -> bytes:
        """Return the weights as NumPy opens them."""
        return weights_file(self.onnx(), self.run.config)

    def curve(self) -> bytes:
        """Return the curve as a spreadsheet opens it."""
        return curve_file(self.store.curve(self.run.id))

    def settings(self) -> bytes:
        """Return the settings as JSON."""
        return settings_file(self.run.config)

    def script(self) -> bytes:
        """Return the program as a script."""
        return as_script(self.run.config, self.about).encode()

    def notebook(self) -> bytes:
        """Return the program as a notebook."""
        return as_notebook(self.run.config, self.about).encode()

    def tensorboard(self) -> bytes:
        """Return a ZIP of a folder to give to `tensorboard --logdir`."""
        return _as_zip(self._events())

    def everything(self) -> bytes:
        """Return a ZIP of all that there is of the run.

        Raises
        ------
        ModelError, StoreError
            If a file cannot be read.
        """
        with _one_at_a_time:
            return _as_zip(self._all())

    def _all(self) -> Iterable[tuple[str, bytes]]:
        # One after the other: no two large files are in memory at the same time.
        yield "README.txt", self._readme().encode()
        if self.has_network:
            yield KERAS_FILE, self.keras()
            yield ONNX_FILE, self.onnx()
            yield WEIGHTS_FILE, self.weights()
        if self.has_settings:
            yield CURVE_FILE, self.curve()
            yield SETTINGS_FILE, self.settings()
            yield SCRIPT_FILE, self.script()
            yield NOTEBOOK_FILE, self.notebook()
            yield from self._events()

    def _events(self) -> Iterable[tuple[str, bytes]]:
        files = event_files(self.run, self.store.curve(self.run.id))
        return ((f"{TENSORBOARD_FOLDER}/{path}", content) for path, content in files.items())

    def _readme(self) -> str:
        lines = [f"Run #{self.run.number} of Digit Lab", ""]
        if self.has_network:
            lines += [
                f"{KERAS_FILE}: keras.saving.load_model opens it. It reads raw pixels, 0 to 255, as uint8.",
                f"{ONNX_FILE}: the same for ONNX Runtime; input “images”, output “probabilities”.",
                f"{WEIGHTS_FILE}: the weights by name, for NumPy.",
            ]
        if self.has_settings:
            lines += [
                f"{CURVE_FILE}: loss and accuracy by epoch.",
                f"{SETTINGS_FILE}: the settings. Digit Lab takes them back, at “Bring it back”.",
                f"{SCRIPT_FILE}, {NOTEBOOK_FILE}: train the same network with Keras alone "
                "(pip install keras tensorflow).",
                f"{TENSORBOARD_FOLDER}: tensorboard --logdir {TENSORBOARD_FOLDER} shows the curves.",
            ]
        if self.images_file:
            lines.append(f"The program needs {self.images_file} beside it: download it where this came from.")
        if self.link:
            lines += ["", f"The same settings on the page: {self.link}"]
        return "\n".join(lines) + "\n"


def _as_zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files:
            # Weights are as good as random: to pack them takes time and saves little.
            kind = zipfile.ZIP_STORED if len(content) > 100_000 else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, kind)
    return file.getvalue()
