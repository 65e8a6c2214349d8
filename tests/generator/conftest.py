"""What the tests of the generator share: descriptions that are written by the test itself."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from service_generator.errors import DescriptionError
from service_generator.model.services import Module
from service_generator.read.descriptions import read_module

PACKAGE = '''
"""Descriptions of a test."""

from pathlib import Path

from pydantic import BaseModel

from service_generator import ServiceModule


class Range(BaseModel):
    """A range."""

    start: int = 0
    end: int = 9


class Config(BaseModel):
    """The configuration."""

    ids: Range = Range()
    folder: str = "/tmp"


described = ServiceModule("described", Path(__file__).parents[1], Config)
config = described.config
'''

IMPORTS = '''
"""A description of a test."""

from typing import Annotated, Any

from described_by_test import config
from service_generator import *

testing = module("std::testing")
fs = module("fs")
'''

ALLOCATORS = '''
"""Allocators of a test."""

from inmanta_plugins.lsm.allocation_helpers import allocator


@allocator()
def look_up(service, attribute_path, *, key, depth=1):
    """Look something up."""


def not_decorated(service, attribute_path):
    """Not an allocator."""
'''

type Describe = Callable[..., Module]


@pytest.fixture
def describe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Describe]:
    """Write descriptions, each a file of one package with the usual imports, and read them, as in ``describe("...")``."""
    package = tmp_path / "described_by_test"
    package.mkdir()
    (package / "__init__.py").write_text(PACKAGE)
    allocators = tmp_path / "inmanta_plugins" / "described" / "described_by_test" / "first" / "lsm.py"
    allocators.parent.mkdir(parents=True)
    allocators.write_text(ALLOCATORS)
    monkeypatch.syspath_prepend(tmp_path)

    def read(first: str, second: str | None = None) -> Module:
        (package / "first.py").write_text(IMPORTS + textwrap.dedent(first))
        if second is not None:
            (package / "second.py").write_text(IMPORTS + textwrap.dedent(second))
        return read_module("described_by_test")

    yield read
    for name in [name for name in sys.modules if name.split(".")[0] == "described_by_test"]:
        del sys.modules[name]


def message(error: DescriptionError) -> str:
    """What an error says besides the line, which has to be one of the description."""
    assert error.place is not None, error
    assert error.place.file.startswith("described_by_test/")
    assert str(error.place) in str(error)
    return f"{error.where}: {error.rule}" if error.where else error.rule
