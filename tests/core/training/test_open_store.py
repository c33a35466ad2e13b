"""The store that stays open from one run to the next."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import StoreGone
from core.settings import Settings
from core.store import RunStore
from core.training.open_store import OpenStore


def _open(opening: Callable[[], RunStore]) -> RunStore:
    return opening()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    RunStore.from_settings(settings).close()  # workers look for one that is there
    return settings


def test_the_next_run_finds_it_open(settings: Settings) -> None:
    kept = OpenStore()
    with kept(settings, _open) as first:
        pass
    with kept(settings, _open) as second:
        assert second is first
        assert second.list_runs() == []


def test_another_home_is_another_store_and_the_first_is_closed(settings: Settings, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other")
    RunStore.from_settings(other).close()
    kept = OpenStore()
    with kept(settings, _open) as first:
        first.list_runs()
    with kept(other, _open) as second:
        second.list_runs()
    assert second.database.file == tmp_path / "other" / "digitlab.db"
    assert first.database.engine.pool.checkedin() == 0
    assert second.database.engine.pool.checkedin() == 1


def test_what_ends_with_an_error_is_opened_anew(settings: Settings) -> None:
    kept = OpenStore()
    stores: list[RunStore] = []

    def fail() -> None:
        with kept(settings, _open) as store:
            stores.append(store)
            store.list_runs()
            raise ValueError("of the run")

    with pytest.raises(ValueError, match="of the run"):
        fail()
    (first,) = stores
    assert first.database.engine.pool.checkedin() == 0
    with kept(settings, _open) as second:
        assert second is not first


def test_a_database_that_has_gone_meanwhile_is_not_made_anew(settings: Settings) -> None:
    kept = OpenStore()
    with kept(settings, _open) as store:
        store.list_runs()
    for file in settings.home.glob("digitlab.db*"):
        file.rename(file.with_name(f"away-{file.name}"))
    with pytest.raises(StoreGone), kept(settings, _open) as store:
        store.list_runs()
    assert not (settings.home / "digitlab.db").exists()
    for file in settings.home.glob("away-*"):
        file.rename(file.with_name(file.name.removeprefix("away-")))
    with kept(settings, _open) as store:
        assert store.list_runs() == []
