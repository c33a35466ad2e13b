"""Networks that outlive their test: to trace and compile one takes most of the time of a tiny training."""

from core.config import TrainingConfig
from core.data.dataset import Dataset
from core.training.engine import model
from core.training.engine.model import ChunkedNetwork
from core.training.engine.programs import Programs, program_key


class NetworkPool:
    """Hands out untrained networks, each at most once within a test.

    Two networks of one test are two objects, or what compares them would compare nothing. Those of
    earlier tests come again as a worker's do: that this changes no bit test_programs.py holds.
    """

    def __init__(self) -> None:
        self._free: dict[tuple[bool, str], list[ChunkedNetwork]] = {}
        self._taken: list[tuple[tuple[bool, str], ChunkedNetwork]] = []

    def take(self, config: TrainingConfig, dataset: Dataset) -> ChunkedNetwork:
        """Return an untrained network of `config` that this test does not have yet."""
        key = model.COMPILES_WITH_XLA, program_key(config)
        free = self._free.setdefault(key, [])
        network = next((one for one in free if one.reads(dataset)), None)
        if network is None:
            network = ChunkedNetwork(config, dataset)
        else:
            free[:] = [one for one in free if one is not network]
            network.restart(config)
            # As Keras does when `fit` begins; `train_step` by itself would go on from them.
            network.reset_metrics()
        self._taken.append((key, network))
        return network

    def give_all_back(self) -> None:
        """Let the next test have what this one took."""
        for key, network in self._taken:
            self._free[key].append(network)
        self._taken.clear()


POOL = NetworkPool()


class Lending:
    """A worker's programs, and which networks of theirs killed and failed runs did not give back."""

    def __init__(self, programs: Programs) -> None:
        self._programs, self._take = programs, programs.take
        self._lent: list[tuple[TrainingConfig, ChunkedNetwork]] = []

    def take(self, config: TrainingConfig, dataset: Dataset) -> ChunkedNetwork:
        """Do what the programs do, and note it."""
        network = self._take(config, dataset)
        self._lent.append((config, network))
        return network

    def give_all_back(self) -> None:
        """Let later runs have the networks of all runs so far, however they ended."""
        for config, network in self._lent:
            self._programs.give_back(config, network)
        self._lent.clear()
