"""The DIGITLAB_* variables: what is unset, what is refused, and in which words."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from core.config import TrainingConfig
from core.errors import SettingsError
from core.settings import Settings, get_settings
from core.store import RunStore, write_atomically


def test_everything_lives_in_the_home(home: Path) -> None:
    settings = get_settings()
    assert settings.home == home
    assert make_url(settings.database).database == str(home / "digitlab.db")
    assert settings.artifacts == str(home / "runs")
    assert settings.datasets == home / "datasets"
    assert (settings.data_dir, settings.scheduler) == (None, None)
    assert get_settings() is settings


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("WORKERS", "0", ("'0'", "greater than or equal to 1")),
        ("WORKERS", "many", ("'many'", "integer")),
        ("WORKERS", "65", ("'65'", "less than or equal to 64")),
        ("DOWNLOAD_TIMEOUT", "0", ("'0'", "greater than 0")),
        ("DOWNLOAD_TIMEOUT", "soon", ("'soon'", "number")),
        ("MAX_EPOCHS", "201", ("'201'", "less than or equal to 200")),
        ("MAX_PARAMETERS", "-5", ("'-5'", "greater than or equal to 1000")),
        ("MAX_IMAGE_PASSES", "1e9 or so", ("'1e9 or so'",)),
        ("MAX_RUN_SECONDS", "0", ("'0'", "greater than or equal to 1")),
        ("MAX_WAITING_SECONDS_PER_WORKSPACE", "none", ("'none'", "number")),
        ("MAX_RUN_AGE_DAYS", "0", ("'0'", "greater than 0")),
    ],
)
def test_a_bad_value_is_named_with_its_variable_and_its_bound(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv(f"DIGITLAB_{name}", value)
    with pytest.raises(SettingsError) as refusal:
        get_settings()
    for word in (f"DIGITLAB_{name} is", *words):
        assert word in str(refusal.value)


def test_all_bad_values_are_said_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITLAB_WORKERS", "0")
    monkeypatch.setenv("DIGITLAB_MAX_EPOCHS", "x")
    with pytest.raises(SettingsError, match=r"DIGITLAB_WORKERS.*DIGITLAB_MAX_EPOCHS"):
        get_settings()


@pytest.mark.parametrize(
    "name",
    [
        "HOME",
        "DATA_DIR",
        "DATABASE_URL",
        "ARTIFACT_URL",
        "SCHEDULER",
        "WORKERS",
        "DOWNLOAD_TIMEOUT",
        "MAX_PARAMETERS",
        "MAX_RUN_SECONDS",
    ],
)
def test_empty_means_unset(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(f"DIGITLAB_{name}", raising=False)
    unset = get_settings()
    get_settings.cache_clear()
    monkeypatch.setenv(f"DIGITLAB_{name}", "")
    assert get_settings() == unset


def test_folders_are_absolute_because_workers_start_elsewhere(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home / "me"))
    monkeypatch.setenv("DIGITLAB_HOME", "here")
    monkeypatch.setenv("DIGITLAB_DATA_DIR", "~/data")
    settings = get_settings()
    assert settings.home == home / "here"
    assert settings.data_dir == home / "me" / "data"


@pytest.mark.parametrize("name", ["a?b", "50%20off", "a#b", "with space", "a::b", "a@b:c", "ä&b=1"])
def test_any_name_of_a_home_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    settings = Settings(home=tmp_path / name)
    store = RunStore.from_settings(settings)
    run = store.create(TrainingConfig(), workspace="red")
    write_atomically(store.folder(run.id) / "network.onnx", b"weights")
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "digitlab.db").is_file()
    assert (tmp_path / name / "runs" / run.id / "network.onnx").read_bytes() == b"weights"


def test_other_stores_take_the_place_of_the_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", "postgresql://lab@example.org/runs")
    monkeypatch.setenv("DIGITLAB_ARTIFACT_URL", "memory://runs")
    settings = get_settings()
    assert settings.database == "postgresql://lab@example.org/runs"
    assert settings.artifacts == "memory://runs"
    assert settings.datasets == home / "datasets"
