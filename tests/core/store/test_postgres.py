"""What many do at the same moment on a server, where writers do not stand in one line as SQLite's do."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, make_url, select, text

from core.errors import RunNotFound, StoreGone, StoreUnavailable
from core.store import RunStore
from core.store.postgres import connect_arguments
from core.store.tables import runs
from tests.support.store_samples import CONFIG, OTHER_DATABASE, claimed, empty_artifacts, empty_database

on_postgres = pytest.mark.skipif(
    not (OTHER_DATABASE or "").startswith("postgresql"), reason="needs PostgreSQL: make test-cluster"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Return what `act` of each number returns or raises, all called at one moment."""
    together = threading.Barrier(count)
    outcomes: list[Any] = [None] * count

    def run(number: int) -> None:
        together.wait()
        try:
            outcomes[number] = act(number)
        except Exception as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_server_whose_machine_is_gone_is_not_waited_for_unless_the_address_says_so() -> None:
    told = connect_arguments(make_url("postgresql+psycopg://lab@db/lab?connect_timeout=60"))
    assert "connect_timeout" not in told
    assert told["tcp_user_timeout"] == 20_000
    assert connect_arguments(make_url("sqlite:////tmp/x.db")) == {}


@on_postgres
def test_the_workers_of_one_machine_note_its_speed_at_the_same_moment(store: RunStore) -> None:
    for _ in range(3):
        assert at_once(6, lambda number: store.calibrate("lab", 1.0 + number / 10)) == [None] * 6
    assert 1.0 <= store.speed() <= 1.5


@on_postgres
def test_a_worker_that_comes_back_late_keeps_its_file_beside_the_next(store: RunStore) -> None:
    run_id = claimed(store)
    for _ in range(3):
        contents = [b"of worker %d" % number for number in range(6)]
        assert (
            at_once(6, lambda number, c=contents: store.keep(run_id, "model.keras", c[number])) == [None] * 6
        )
    store.keep(run_id, "model.keras", b"the last")
    assert store.artifact(run_id, "model.keras") == b"the last"
    with pytest.raises(RunNotFound):
        store.keep("0" * 12, "model.keras", b"of nobody")


@on_postgres
def test_runs_made_at_once_in_a_new_workspace_have_numbers_of_their_own(store: RunStore) -> None:
    made = at_once(8, lambda number: store.create(CONFIG, workspace="red"))
    assert sorted(run.number for run in made) == list(range(1, 9))


@on_postgres
def test_one_worker_gets_a_run_that_many_take_at_once(store: RunStore) -> None:
    run_id = store.create(CONFIG, workspace="red").id
    claims = at_once(6, lambda number: store.claim(run_id, f"worker-{number}"))
    assert store.get(run_id).attempts == 6
    told = at_once(6, lambda number: claims[number].record([], None))
    assert sum(not isinstance(outcome, Exception) for outcome in told) == 1


@on_postgres
def test_what_is_read_together_is_of_one_moment(store: RunStore) -> None:
    count = select(func.count()).select_from(runs)
    with store.database.transaction() as connection:
        before = connection.execute(count).scalar()
        store.create(CONFIG, workspace="red")
        assert connection.execute(count).scalar() == before == 0
    # Who writes sees what was written while it waited.
    with store.database.transaction(write=True) as connection:
        assert connection.execute(count).scalar() == 1
        store.create(CONFIG, workspace="blue")
        assert connection.execute(count).scalar() == 2


@on_postgres
def test_a_lock_that_stays_is_a_sentence(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = claimed(store)
    monkeypatch.setattr("core.store.database.LOCK_TIMEOUT", 0.05)
    impatient = RunStore(str(OTHER_DATABASE), store.artifacts)
    with store.database.transaction(write=True) as other:
        other.execute(select(runs.c.id).where(runs.c.id == run_id).with_for_update())
        with pytest.raises(StoreUnavailable, match=r"is in use by another program .*Try again"):
            impatient.star(run_id, True)
        assert impatient.get(run_id).starred is False  # reading goes on beside a writer
    assert impatient.star(run_id, True).starred
    impatient.close()


@on_postgres
def test_connections_that_the_server_has_ended_are_replaced(store: RunStore) -> None:
    run_id = claimed(store)
    at_once(4, lambda number: store.get(run_id))  # leaves several open
    engine = create_engine(str(OTHER_DATABASE), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        mine = "FROM pg_stat_activity WHERE application_name = 'digitlab'"
        assert connection.execute(text(f"SELECT count(pg_terminate_backend(pid)) {mine}")).scalar_one() >= 1
    engine.dispose()
    assert store.get(run_id).id == run_id


@on_postgres
def test_a_server_that_does_not_answer_and_a_wrong_password_are_sentences(store: RunStore) -> None:
    url = make_url(str(OTHER_DATABASE))
    for wrong, reason in (
        (url.set(port=1), "Connection refused"),
        (url.set(password="wrong"), "password authentication failed"),
        (url.set(database="nobodys"), "does not exist"),
    ):
        with pytest.raises(
            StoreUnavailable, match=f"cannot be reached .*{reason}.* Nothing is lost"
        ) as caught:
            RunStore(wrong.render_as_string(hide_password=False), store.artifacts)
        assert "wrong" not in str(caught.value)
        assert str(url.password) not in str(caught.value)


@on_postgres
def test_tables_that_are_gone_are_a_sentence(store: RunStore) -> None:
    run_id = claimed(store)
    with store.database.transaction(write=True) as connection:
        connection.exec_driver_sql("ALTER TABLE runs RENAME TO away")
    try:
        with pytest.raises(StoreGone, match="is not there any more"):
            store.get(run_id)
    finally:
        with store.database.transaction(write=True) as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO runs")
    assert store.get(run_id).id == run_id
