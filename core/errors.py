"""What can go wrong, as one tree.

Every message is a finished sentence for the person at the page: what happened,
which value, what to do. Pages catch `DigitLabError` once and show the message.

    DigitLabError
    ├── SettingsError           a DIGITLAB_* variable cannot be used
    ├── ConfigError             a training setting is out of bounds
    │   └── LimitExceeded       allowed in general, too large for this server
    ├── DataError
    │   ├── DatasetUnavailable  not here yet and cannot be fetched now
    │   └── DatasetCorrupt      a file that is not what its name says
    ├── ArrayDamaged            bytes that are no array of numbers; who reads them says which file it is
    ├── PictureError            an upload or drawing that cannot be read
    ├── ModelError              the files of a trained network cannot be used
    ├── StoreError              the database or the artifact folder failed
    │   ├── RunNotFound
    │   ├── RunUnreadable       a damaged row; other runs are not affected
    │   ├── ExperimentNotFound
    │   ├── ExperimentUnreadable
    │   ├── StoreUnavailable    at present: locked, out of reach; the same may succeed when tried again
    │   │   ├── StorageFull
    │   │   └── StoreGone       the database's file is not there any more
    │   └── ClaimLost           another worker has taken over this run
    ├── JobError                the training workers cannot be reached
    └── TrainingError
        └── Diverged            the loss became NaN or ran away
"""


class DigitLabError(Exception):
    """Base of all errors that a page shows as a sentence."""


class SettingsError(DigitLabError):
    """A DIGITLAB_* environment variable cannot be used."""


class ConfigError(DigitLabError):
    """A training setting is missing, unknown or out of bounds."""


class LimitExceeded(ConfigError):
    """A valid configuration that asks too much of this server."""


class DataError(DigitLabError):
    """A dataset cannot be had."""


class DatasetUnavailable(DataError):
    """The dataset is not on this machine and cannot be fetched now."""


class DatasetCorrupt(DataError):
    """A dataset file is damaged or is not the dataset it claims to be."""


class ArrayDamaged(DigitLabError):
    """Bytes that are no array of numbers; who reads them says in a sentence which file it is."""


class PictureError(DigitLabError):
    """An upload or a drawing cannot be turned into a digit picture."""


class ModelError(DigitLabError):
    """The files of a trained network are missing or damaged."""


class StoreError(DigitLabError):
    """The database or the artifact folder failed."""


class RunNotFound(StoreError):
    """No run has this id."""


class RunUnreadable(StoreError):
    """The stored description of one run is damaged."""


class ExperimentNotFound(StoreError):
    """No experiment has this id."""


class ExperimentUnreadable(StoreError):
    """The stored description of one experiment is damaged."""


class StoreUnavailable(StoreError):
    """The store cannot be used at present: what was asked may succeed when it is tried again."""


class StorageFull(StoreUnavailable):
    """No space is left for the database or the artifacts."""


class StoreGone(StoreUnavailable):
    """The file of the database is not there any more; it may be put back."""


class ClaimLost(StoreError):
    """Another worker has taken over this run."""


class JobError(DigitLabError):
    """The training workers cannot be reached."""


class TrainingError(DigitLabError):
    """A training run cannot go on."""


class Diverged(TrainingError):
    """The loss became NaN, infinite or many times what it was."""
