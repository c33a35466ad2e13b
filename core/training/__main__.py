"""Train without the page: `python -m core.training --recipe two-128 --json`.

The run goes the same way as one from the page, and the app shows it.
"""

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from tqdm import tqdm

from core.config import DATASETS, OTHER_PARAMETERS, WORDS, TrainingConfig, changed
from core.data.library import DatasetLibrary
from core.data.split import drawings_shown, rows_of_run
from core.errors import ConfigError, DigitLabError
from core.numbers import percent
from core.recipes import FAILURES, RECIPES, get_recipe
from core.settings import Settings, get_settings
from core.store import (
    SHARED_WORKSPACE,
    CurvePoint,
    Progress,
    Run,
    RunStatus,
    RunStore,
    write_atomically,
)
from core.store.files import ONNX_FILE

# As shells say it of a program that was interrupted: 128 + SIGINT.
INTERRUPTED = 130


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the checked command line."""
    parser = argparse.ArgumentParser(prog="python -m core.training", description=__doc__.splitlines()[0])
    start = parser.add_mutually_exclusive_group()
    start.add_argument(
        "--recipe", help=f"one of: {', '.join(RECIPES | FAILURES)}; without one the form's defaults"
    )
    start.add_argument("--link", metavar="ADDRESS", help="the address of a Train page: its settings")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"a setting, written as in the page's address; may be repeated. Names: {_names()}",
    )
    parser.add_argument("--dataset", choices=DATASETS, help="short for --set dataset=…")
    parser.add_argument("--epochs", help="short for --set epochs=…")
    parser.add_argument("--seed", help="short for --set seed=…")
    parser.add_argument("--onnx", metavar="FILE", type=Path, help="write the trained network there as well")
    parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")
    return parser.parse_args(arguments)


def _names() -> str:
    named = (f"{name} ({WORDS[name].title})" for name in TrainingConfig.model_fields)
    return ", ".join(named).replace("%", "%%")  # argparse fills in what follows a percent sign


def read_config(arguments: argparse.Namespace) -> TrainingConfig:
    """Return the configuration of the recipe or the link, with what the command line changes."""
    config = get_recipe(arguments.recipe).config if arguments.recipe else TrainingConfig()
    if arguments.link:
        query = parse_qsl(urlsplit(arguments.link).query, keep_blank_values=True)
        config = changed(config, {name: text for name, text in query if name not in OTHER_PARAMETERS})
    changes = dict(map(_name_and_value, arguments.set))
    short = {name: getattr(arguments, name) for name in ("dataset", "epochs", "seed")}
    return changed(config, changes | {name: text for name, text in short.items() if text is not None})


def _name_and_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"“{text}” is no setting: write NAME=VALUE, for example --set learning_rate=0.01.")
    return name.strip(), value.strip()


def prepare_dataset(settings: Settings, name: str) -> int:
    """Get the dataset ready with a progress bar; return the number of training images."""
    library = DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout)
    with tqdm(total=1.0, bar_format="{desc} {percentage:3.0f}%|{bar}|", disable=None, leave=False) as bar:

        def report(fraction: float, message: str) -> None:
            bar.set_description_str(message, refresh=False)
            bar.update(fraction - bar.n)

        return len(library.prepare(name, report).train_images)


class Interruption:
    """Ctrl+C while a run is trained: the first stops it at its next chunk, a second one ends at once.

    A context manager for the main thread; outside of it Ctrl+C does what it always does.
    """

    def __init__(self) -> None:
        self._has_come = False

    def __call__(self) -> bool:
        """Tell whether Ctrl+C was pressed."""
        return self._has_come

    def __enter__(self) -> Self:
        self._former = signal.signal(signal.SIGINT, self._on_first)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._former)

    def _on_first(self, *_: object) -> None:
        self._has_come = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("Stopping at the next chunk. Press Ctrl+C again to end at once.", file=sys.stderr)


def train(settings: Settings, config: TrainingConfig, recipe: str | None) -> Run:
    """Create a run of the shared workspace, train it here and return it ended.

    Raises
    ------
    DigitLabError
        If it cannot be created.
    KeyboardInterrupt
        If Ctrl+C was pressed before the training, or twice.
    """
    image_count = prepare_dataset(settings, config.dataset)
    config.check_limits(
        max_parameters=settings.max_parameters,
        max_epochs=settings.max_epochs,
        max_image_passes=settings.max_image_passes,
        training_images=image_count,
    )
    from core.training.job import train_run  # seconds of TensorFlow, after the checks

    store = RunStore.from_settings(settings)
    run = store.create(config, workspace=SHARED_WORKSPACE, recipe=recipe, training_images=image_count)
    images_per_epoch = len(rows_of_run(config, image_count)[0])
    if config.learns_drawings:
        images_per_epoch += drawings_shown(images_per_epoch, config.drawings_share)
    # `disable=None`: a bar on a terminal, nothing in a pipe.
    with tqdm(total=config.epochs * images_per_epoch, unit=" images", unit_scale=True, disable=None) as bar:

        def show(progress: Progress, points: list[CurvePoint]) -> None:
            images = min(progress.step * config.batch_size, images_per_epoch)
            bar.set_description_str(f"Epoch {progress.epoch} of {config.epochs}", refresh=False)
            if points:
                bar.set_postfix_str(f"{points[-1].kind} accuracy {points[-1].accuracy:.4f}", refresh=False)
            bar.update((progress.epoch - 1) * images_per_epoch + images - bar.n)

        with Interruption() as is_interrupted:
            train_run(run.id, settings, show, is_interrupted)
    return store.get(run.id)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parsed = parse_arguments(arguments)
    try:
        run = train(get_settings(), read_config(parsed), parsed.recipe)
    except DigitLabError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "Ended at once. If it had a checkpoint, the page can resume the run from there.", file=sys.stderr
        )
        return INTERRUPTED
    has_network = run.status in (RunStatus.FINISHED, RunStatus.STOPPED) and run.test_accuracy is not None
    if not has_network:
        print(run.message or f"The run ended as {run.status}.", file=sys.stderr)
        return 1
    from core.training.job import describe

    if parsed.onnx is not None:
        try:
            write_atomically(parsed.onnx, RunStore.from_settings(get_settings()).artifact(run.id, ONNX_FILE))
        except (DigitLabError, OSError) as error:
            print(f"The network could not be written to {parsed.onnx}: {error}", file=sys.stderr)
            return 1
    if parsed.json:
        print(json.dumps(describe(run)))
    else:
        print(
            f"Run {run.id}: {percent(run.test_accuracy)} of the test images right, "
            f"test loss {run.test_loss:.4f}."
        )
        if run.message is not None:
            print(run.message)
    if run.status is RunStatus.STOPPED:
        epochs = f"{run.epochs_done:.2f} of {run.config.epochs} epochs"
        print(f"Stopped after {epochs}; what it had learnt by then is kept.", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
