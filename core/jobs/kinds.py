"""What workers can be asked to do with a run, by name: this process never imports TensorFlow."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class JobKind:
    """A function of a module that only workers import; it takes a run's id."""

    module: str
    function: str

    def load(self) -> Callable[[str], None]:
        """Import the module, on the worker."""
        found: Callable[[str], None] = getattr(importlib.import_module(self.module), self.function)
        return found


# What a worker imports as it starts, and how it tidies up after any job.
WORKER_MODULE: Final = "core.training.worker"

KINDS: Final = {"train": JobKind(WORKER_MODULE, "train_run")}
