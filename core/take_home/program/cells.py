"""The cells of the program: the same whether they become a script or a notebook.

A program holds only what its settings need: whoever reads it finds no branch that is never taken. What a
setting means is said in `core.training.engine`; tests hold the two against each other.
"""

from dataclasses import dataclass

from core.config import TrainingConfig
from core.take_home.program.distortion import distortion
from core.take_home.program.images import batches, images_apart, images_file, load_images
from core.take_home.program.learning import compile_network, learn, learning_rate, stopping
from core.take_home.program.network import network


@dataclass(frozen=True)
class Cell:
    """A piece of the program: what it does, in a line of Markdown, and its code."""

    text: str
    code: str


def imports(config: TrainingConfig, *others: str) -> str:
    """Return the lines that import what the program uses, and `others` of Python itself."""
    modules = set(others)
    if config.learning_rate_schedule != "constant" or config.warm_up_epochs > 0:
        modules.add("math")
    if images_file(config):
        modules.add("os")
    found = [f"import {name}" for name in sorted(modules)] + ([""] if modules else [])
    return "\n".join([*found, "import keras", "import numpy as np", "import tensorflow as tf"])


def cells(config: TrainingConfig) -> list[Cell]:
    """Return the program behind its imports and options, in order.

    It uses the names `DATA`, `EPOCHS`, `SEED`, `IMAGES` and `SAVE`, which the options give it.
    """
    found = [
        Cell("The images: 28×28 pixels of 0 to 255.", load_images(config)),
        Cell("What is learnt from, and what is kept aside.", images_apart(config)),
    ]
    if config.augments:
        found.append(
            Cell("Every batch is distorted at random, each image in its own way.", distortion(config))
        )
    found += [
        Cell("Batches of them.", batches(config)),
        Cell("The network. It divides the pixels by 255 itself.", network(config)),
        Cell("What it learns by.", compile_network(config)),
    ]
    if code := learning_rate(config):
        found.append(Cell("The learning rate changes from step to step.", code))
    if code := stopping(config):
        found.append(Cell("When to stop before the last epoch.", code))
    return [
        *found,
        Cell("The training.", learn(config)),
        Cell("How well it reads images that it has never seen.", _TEST),
    ]


_TEST = """\
probabilities = model.predict(test_images, batch_size=1_000, verbose=0)
accuracy = np.mean(probabilities.argmax(axis=1) == test_labels)
of_the_truth = probabilities[np.arange(len(test_labels)), test_labels]
loss = -np.mean(np.log(np.maximum(of_the_truth, np.finfo(np.float32).tiny)))
print(f"Test accuracy {accuracy:.4f}, test loss {loss:.4f}")
model.save(SAVE)"""
