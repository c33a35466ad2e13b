"""What runs are called beside each other: what their experiment calls them is translated."""

from typing import Any

import pytest
import streamlit as st

from core.evaluation.seed_groups import seed_groups
from pages.parts.compare.names import group_names, runs_names, sentence_names
from pages.parts.shared import state
from tests.support.run_samples import a_run


@pytest.fixture(autouse=True)
def _mine(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {state.WORKSPACE: "red"}
    monkeypatch.setattr(st, "session_state", kept)


@pytest.mark.usefixtures("pseudo")
def test_what_its_experiment_calls_a_run_is_translated_and_what_its_owner_calls_it_is_not() -> None:
    trial = a_run(1, name="seed 3", experiment="e" * 12, config={"learning_rate": 0.01})
    own = a_run(2, name="seed 3")
    groups = seed_groups([trial, own])
    translated = "⟦seed ⟧3⟦⟧"
    assert runs_names(groups) == [f"#1 · {translated}", "#2 · seed 3"]
    assert group_names(groups) == [f"#1 · {translated}", "#2 · seed 3"]
    assert sentence_names(groups) == [translated, "seed 3"]


def test_of_a_network_from_elsewhere_no_setting_is_told_that_nobody_knows() -> None:
    ours = a_run(1, config={"learning_rate": 0.01})
    theirs = a_run(2, imported=True, config={"hidden_layers": ({"units": 8},)})
    assert group_names(seed_groups([ours, theirs])) == ["#1 · 128-128", "#2 · 8"]
