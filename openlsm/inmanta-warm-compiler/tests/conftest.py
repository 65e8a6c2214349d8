"""What the tests of the extension share."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from .helpers.lab import Lab


@pytest_asyncio.fixture
async def lab(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Lab]:
    """A project, whose warm process ends with the test."""
    caplog.set_level(logging.INFO, "inmanta_warm_compiler")
    lab = Lab(tmp_path)
    yield lab
    await lab.pool.close()
