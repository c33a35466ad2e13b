"""The DIGITLAB_* environment variables, checked once.

Raises `SettingsError` in words that name the variable, its value and the bound.
"""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from core.errors import SettingsError
from core.machine import MOST_WORKERS, worker_count
from core.sentences import say

VARIABLE_PREFIX = "DIGITLAB_"


class Settings(BaseSettings):
    """Folders, database, scheduler and limits of this installation.

    Attributes
    ----------
    home
        The one data folder: database, artifacts of runs, dataset cache.
    data_dir
        A folder that may hold `mnist.npz`; looked at before any download.
    database_url
        SQLAlchemy URL; SQLite inside `home` unless given.
    artifact_url
        Folder or object store for the files of runs; inside `home` unless given.
    scheduler
        Address of a Dask scheduler; an embedded cluster unless given.
    tls_ca_file, tls_cert_file, tls_key_file
        PEM files with which a scheduler at `tls://…` and this process prove to each other who they are.
    workers
        Processes of the embedded cluster, at most; as many as this machine has cores and memory for
        (about 1 GB each) unless given. Further ones start when there is work for them.
    download_timeout
        Seconds without an answer after which a download is given up.
    max_parameters, max_epochs, max_image_passes
        What one run may ask for; an image pass is one image seen once.
    max_run_seconds, max_run_bytes
        What one run may take of a worker: estimated seconds, and memory besides the worker's own.
    max_experiment_seconds
        What all runs of one experiment may take together, in estimated seconds of training.
    max_waiting_seconds, max_waiting_seconds_per_address, max_waiting_seconds_per_workspace
        Estimated seconds of training that may wait or run: in all, from one address of the
        internet, for one browser. A quarter of the first two is for those who have nothing waiting.
    max_workspace_bytes, max_total_bytes
        What finished runs of one browser, and of all, may keep on disk; the oldest make room.
    max_snapshot_bytes
        What the networks of a run's epochs may take beside it; 0 keeps none.
    max_run_age_days
        After so many days a run that has ended is removed. Starred runs stay in any case. The labelled
        drawings of one browser go when its last run has, and none was added for so long.
    max_drawings, max_drawing_bytes, max_total_drawing_bytes
        How many labelled drawings one browser may keep, what they may take, and what those of all may.
    """

    # An empty variable is an unset one: `DIGITLAB_HOME=` must not mean the current folder.
    model_config = SettingsConfigDict(
        env_prefix=VARIABLE_PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    home: Path = Field(default_factory=lambda: Path.home() / ".digitlab")
    data_dir: Path | None = None
    database_url: str = ""
    artifact_url: str = ""
    scheduler: str | None = None
    tls_ca_file: Path | None = None
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    workers: int = Field(default_factory=worker_count, ge=1, le=MOST_WORKERS)
    download_timeout: float = Field(default=10.0, gt=0, le=600)
    max_parameters: int = Field(default=5_000_000, ge=1_000)
    max_epochs: int = Field(default=200, ge=1, le=200)
    max_image_passes: int = Field(default=12_000_000, ge=1_000)
    max_run_seconds: float = Field(default=900, ge=1)
    max_run_bytes: int = Field(default=1_500_000_000, ge=1_000_000)
    max_experiment_seconds: float = Field(default=3_600, ge=1)
    max_waiting_seconds: float = Field(default=14_400, ge=1)
    max_waiting_seconds_per_address: float = Field(default=3_600, ge=1)
    max_waiting_seconds_per_workspace: float = Field(default=1_800, ge=1)
    max_workspace_bytes: int = Field(default=300_000_000, ge=1_000_000)
    max_total_bytes: int = Field(default=10_000_000_000, ge=1_000_000)
    max_snapshot_bytes: int = Field(default=32_000_000, ge=0)
    max_run_age_days: float = Field(default=90, gt=0)
    max_drawings: int = Field(default=2_000, ge=1, le=20_000)
    max_drawing_bytes: int = Field(default=8_000_000, ge=10_000)
    max_total_drawing_bytes: int = Field(default=500_000_000, ge=10_000)

    @field_validator("home", "data_dir", "tls_ca_file", "tls_cert_file", "tls_key_file")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        # Workers may start in another directory than the app.
        return None if value is None else value.expanduser().absolute()

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the store."""
        if self.database_url:
            return self.database_url
        # Not put together as text: a folder may be called `a?b`.
        file = URL.create("sqlite", database=str(self.home / "digitlab.db"))
        return file.render_as_string(hide_password=False)

    @property
    def artifacts(self) -> str:
        """Path or URL below which each run has its folder."""
        return self.artifact_url or str(self.home / "runs")

    @property
    def datasets(self) -> Path:
        """Folder of the dataset cache."""
        return self.home / "datasets"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read from the environment once.

    Raises
    ------
    SettingsError
        If a variable has a value that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{VARIABLE_PREFIX}{str(problem['loc'][0]).upper()} is {problem['input']!r}: {problem['msg']}"
            for problem in error.errors()
        )
        raise SettingsError(
            say("A setting cannot be used. {problems}. Change or unset the variable.", problems=problems)
        ) from error
