"""The program as a script and as a notebook: the same cells, with their options before them."""

import json
import textwrap
from dataclasses import dataclass
from typing import Any

from core.config import TrainingConfig
from core.take_home.program.cells import cells, imports
from core.take_home.program.images import images_file

SCRIPT_FILE = "train.py"
NOTEBOOK_FILE = "train.ipynb"
# What nbformat 4.5 asks of the notebook's format: https://nbformat.readthedocs.io
_FORMAT = {"nbformat": 4, "nbformat_minor": 5}
# Its name is a convention: papermill and its like put their own values behind the cell that has this tag.
PARAMETERS_TAG = "parameters"


@dataclass(frozen=True)
class About:
    """What a program says of the run that its settings are of.

    Attributes
    ----------
    name
        The run in a word: “#17”.
    accuracy, loss
        On the test images; None where the run has none.
    notes
        Sentences on what the program does not repeat.
    """

    name: str
    accuracy: float | None = None
    loss: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The same in sentences."""
        said = [f"Trains the network of run {self.name} of Digit Lab anew, with Keras and nothing else."]
        if self.accuracy is not None:
            loss = "" if self.loss is None else f" (loss {self.loss:.4f})"
            said.append(
                f"There it read {self.accuracy:.2%} of the test images right{loss}. Other first weights and "
                "another order of the images give figures beside these, as another seed does there."
            )
        return [*said, *self.notes]


def as_script(config: TrainingConfig, about: About) -> str:
    """Return the program as a Python script with options."""
    head = "\n".join(textwrap.fill(line, 100) for line in about.lines)
    parts = [
        f'"""{head}\n\nNeeds: pip install keras tensorflow\n'
        f'Run:   python {SCRIPT_FILE}      (python {SCRIPT_FILE} --help names the options)\n"""',
        imports(config, "argparse"),
        _options(config),
        *(f"# {cell.text}\n{cell.code}" for cell in cells(config)),
    ]
    return _joined(parts) + "\n"


def as_notebook(config: TrainingConfig, about: About) -> str:
    """Return the program as the JSON of a Jupyter notebook."""
    written = cells(config)
    made = [
        _markdown(f"# Run {about.name} of Digit Lab\n\n" + "\n\n".join(about.lines)),
        _markdown("It needs `pip install keras tensorflow`."),
        _code(imports(config)),
        _markdown("What you may want to change."),
        _code(_parameters(config), PARAMETERS_TAG),
    ]
    for cell in written:
        made += [_markdown(cell.text), _code(cell.code)]
    for number, one in enumerate(made):
        one["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = _FORMAT | {"metadata": {"kernelspec": kernel}, "cells": made}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _defaults(config: TrainingConfig) -> dict[str, tuple[str, str]]:
    """Return the options by name: what they are without one, as code, and what they do."""
    file = images_file(config)
    return {
        "DATA": (
            f'"{file}"' if file else "None",
            "an .npz file with the images" + ("" if file else "; else they are downloaded"),
        ),
        "EPOCHS": (repr(config.epochs), "passes over the training images"),
        "SEED": (repr(config.seed), "of all that chance decides"),
        "IMAGES": ("None", "no more images than this, for a quick try"),
        "SAVE": ('"model.keras"', "where the trained network goes"),
    }


def _options(config: TrainingConfig) -> str:
    defaults = _defaults(config)
    numbers = {"EPOCHS", "SEED", "IMAGES"}
    lines = ["options = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)"]
    for name, (value, told) in defaults.items():
        kind = "type=int, " if name in numbers else ""
        lines.append(f'options.add_argument("--{name.lower()}", {kind}default={value}, help="{told}")')
    lines.append("chosen = options.parse_args()")
    lines += [f"{name} = chosen.{name.lower()}" for name in defaults]
    return "\n".join(lines)


def _joined(parts: list[str]) -> str:
    """Put parts of a program one below the other, as far apart as its style guide, PEP 8, has them."""
    text = parts[0]
    for part in parts[1:]:
        code = next(line for line in part.splitlines() if not line.startswith("#"))
        is_apart = code.startswith(("def ", "class ")) or text.splitlines()[-1].startswith(" ")
        text += ("\n\n\n" if is_apart else "\n\n") + part
    return text


def _parameters(config: TrainingConfig) -> str:
    return "\n".join(f"{name} = {value}  # {told}" for name, (value, told) in _defaults(config).items())


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(text: str, tag: str | None = None) -> dict[str, Any]:
    metadata = {"tags": [tag]} if tag else {}
    return {"cell_type": "code", "metadata": metadata, "execution_count": None, "outputs": [], "source": text}
