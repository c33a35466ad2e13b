"""How many workers a machine has room for, by its cores and memory and by what a container allows."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from core import machine

GB = 1_000_000_000


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of eight cores and 64 GB, whose groups stand in the folder returned."""
    monkeypatch.setattr(machine, "GROUPS", tmp_path / "groups")
    monkeypatch.setattr(machine, "MOUNTED", tmp_path / "mounted")
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: SimpleNamespace(total=64 * GB))
    monkeypatch.setattr(machine, "allowed_cores", lambda: frozenset(range(8)))
    return tmp_path


def put(system: Path, groups: str, files: dict[str, object]) -> None:
    (system / "groups").write_text(groups)
    for name, content in files.items():
        file = system / "mounted" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{content}\n")


def test_a_machine_without_limits_is_all_there_is(system: Path) -> None:
    assert (machine.core_count(), machine.memory_bytes()) == (8, 64 * GB)
    assert machine.worker_count() == 8


@pytest.mark.parametrize(
    ("cores", "memory", "workers"),
    [
        (2, 2.7, 1),  # Streamlit Community Cloud
        (2, 0.69, 1),
        (1, 64, 1),
        (2, 3.9, 1),
        (2, 4.1, 2),
        (8, 16, 8),
        (8, 8, 4),
        (200, 2_000, 64),
    ],
)
def test_a_worker_has_a_core_and_a_gigabyte_of_half_the_memory(
    system: Path, monkeypatch: pytest.MonkeyPatch, cores: int, memory: float, workers: int
) -> None:
    monkeypatch.setattr(machine, "allowed_cores", lambda: frozenset(range(cores)))
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: SimpleNamespace(total=int(memory * GB)))
    assert machine.worker_count() == workers


@pytest.mark.parametrize(
    ("groups", "files"),
    [
        ("0::/lab/app\n", {"lab/app/memory.max": 2_700_000_000, "lab/app/cpu.max": "200000 100000"}),
        # A group above it counts too; what has no limit of its own says so.
        (
            "0::/lab/app\n",
            {
                "lab/app/memory.max": "max",
                "lab/app/cpu.max": "max 100000",
                "lab/memory.max": 2_700_000_000,
                "lab/cpu.max": "250000 100000",
            },
        ),
        # In a container: the path is the host's, the limits stand at the root.
        ("0::/docker/0123\n", {"memory.max": 2_700_000_000, "cpu.max": "200000 100000"}),
        # Version 1.
        (
            "4:memory:/docker/0123\n1:cpu,cpuacct:/docker/0123\n0::/\n",
            {
                "memory/memory.limit_in_bytes": 2_700_000_000,
                "memory/docker/0123/memory.limit_in_bytes": 9_223_372_036_854_771_712,
                "cpu/docker/0123/cpu.cfs_quota_us": 200_000,
                "cpu/docker/0123/cpu.cfs_period_us": 100_000,
                "cpu/cpu.cfs_quota_us": -1,
                "cpu/cpu.cfs_period_us": 100_000,
            },
        ),
    ],
    ids=["own", "above", "container", "version 1"],
)
def test_what_a_container_allows_counts(system: Path, groups: str, files: dict[str, object]) -> None:
    put(system, groups, files)
    assert (machine.core_count(), machine.memory_bytes()) == (2, 2_700_000_000)
    assert machine.worker_count() == 1


def test_a_share_of_a_core_is_one(system: Path) -> None:
    put(system, "0::/\n", {"cpu.max": "7800 100000"})
    assert machine.core_count() == 1


def test_a_system_that_knows_nothing_of_groups_or_of_cores_is_asked_for_its_own_number(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "allowed_cores", frozenset)
    assert machine.core_count() == os.cpu_count()
