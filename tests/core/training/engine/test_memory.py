"""What training asks of XLA before TensorFlow is imported."""

import os

import pytest

from core.training.engine.memory import keep_buffers_apart

pytestmark = pytest.mark.xla

ASKED = "--xla_multiheap_size_constraint_per_heap=1"


def test_this_process_has_asked_for_it() -> None:
    assert ASKED in os.environ["XLA_FLAGS"].split()


@pytest.mark.parametrize("given", [None, "", "--xla_cpu_max_isa=AVX2"])
def test_flags_of_the_environment_are_kept_and_have_the_last_word(
    monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    if given is None:
        monkeypatch.delenv("XLA_FLAGS", raising=False)
    else:
        monkeypatch.setenv("XLA_FLAGS", given)
    keep_buffers_apart()
    assert os.environ["XLA_FLAGS"].split() == [ASKED, *(given or "").split()]
