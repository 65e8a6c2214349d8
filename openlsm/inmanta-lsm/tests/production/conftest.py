"""Fixtures of the tests of what an operator does."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short name: a server has the names of sockets below it."""
    return tmp_path_factory.mktemp("ha")
