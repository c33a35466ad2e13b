"""Compiled programs that outlive their run: the next run of the same shapes starts at once.

XLA takes about two seconds to compile the training step, longer than an epoch. Learning
rate, seed, strength of the L2 penalty and the weights are inputs of the program, so runs
that differ in nothing else share one.
"""

import json
import threading
from collections import OrderedDict

from core.config import TrainingConfig
from core.data.dataset import Dataset
from core.training.engine.model import ChunkedNetwork

# Settings that a network takes over in `restart`, or that `fit` and its callbacks are given.
_INPUTS = {
    "learning_rate",
    "learning_rate_schedule",
    "warm_up_epochs",
    "l1",
    "l2",
    "initializer",
    "seed",
    "epochs",
    "validation_split",
    "training_fraction",
    "early_stopping",
    "patience",
    "restore_best",
    "stop_at_accuracy",
    "drawings",
    "drawings_share",
}

MAX_PROGRAMS = 6
# Weights and optimizer of a program stay in memory: 12 bytes a parameter with Adam.
MAX_PARAMETERS = 4_000_000


def program_key(config: TrainingConfig, *, learns_drawings: bool = False) -> str:
    """Return what two runs must have in common to share a compiled program."""
    shape = config.model_dump(exclude=_INPUTS, mode="json")
    shape["penalty"] = config.l1 > 0 or config.l2 > 0
    if config.label_noise:
        # Which labels are wrong is in the program's data, and a matter of seed and split.
        shape["wrong_labels"] = (config.seed, config.validation_split, config.training_fraction)
    if learns_drawings:
        shape["drawings"] = True  # which ones is an input
    return json.dumps(shape)


class Programs:
    """The networks of past runs, the least recently used given up first.

    May be used from many threads: a network in use is not in here.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._networks: OrderedDict[str, ChunkedNetwork] = OrderedDict()

    def __len__(self) -> int:
        """Return how many networks are waiting for their next run."""
        return len(self._networks)

    def take(self, config: TrainingConfig, dataset: Dataset) -> ChunkedNetwork:
        """Return an untrained network of `config`, compiled already where that can be."""
        with self._guard:
            key = program_key(config, learns_drawings=dataset.drawings is not None)
            network = self._networks.pop(key, None)
        if network is None or not network.reads(dataset):
            return ChunkedNetwork(config, dataset)
        network.restart(config)
        if network.own_images is not None and dataset.drawings is not None:
            network.own_images.take(dataset.drawings)
        return network

    def give_back(self, config: TrainingConfig, network: ChunkedNetwork) -> None:
        """Keep the network of a run that has ended for the next one."""
        with self._guard:
            key = program_key(config, learns_drawings=network.own_images is not None)
            self._networks[key] = network
            while len(self._networks) > MAX_PROGRAMS or self._parameters() > MAX_PARAMETERS:
                self._networks.popitem(last=False)

    def _parameters(self) -> int:
        return sum(network.count_params() for network in self._networks.values())


# Of this process: a worker trains one run after another.
PROGRAMS = Programs()
