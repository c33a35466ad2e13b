"""The environments in which exports are executed; `make test-exports` makes them."""

import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("EXPORTS")
PYTHONS = sorted(Path(FOLDER).absolute().glob("keras-*/bin/python")) if FOLDER else []


def pytest_ignore_collect() -> bool | None:
    """Leave these tests, which take an hour, to `make test-exports`."""
    return None if FOLDER else True


@pytest.fixture(params=PYTHONS, ids=[path.parts[-3] for path in PYTHONS])
def python(request: pytest.FixtureRequest) -> Path:
    """An interpreter that has Keras, TensorFlow and NumPy, and nothing of ours."""
    path: Path = request.param
    return path
