"""Environment variables that a program reads before it knows its compile."""

import os
from collections.abc import Callable, Iterator

import pytest
from inmanta_warm_compiler.process.environment import Reads


@pytest.fixture(autouse=True)
def _own_variables() -> Iterator[None]:
    """Have the test change variables of its own."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize(
    ("read", "found"),
    [
        pytest.param(lambda: None, None, id="nothing"),
        pytest.param(lambda: os.environ.get("SAME"), None, id="one that stays"),
        pytest.param(lambda: os.environ.get("OTHER"), "OTHER", id="one that changes"),
        pytest.param(lambda: "NEW" in os.environ, "NEW", id="one that comes"),
        pytest.param(lambda: os.environ["GONE"], "GONE", id="one that goes"),
        pytest.param(lambda: dict(os.environ), "GONE", id="all of them"),
    ],
)
def test_a_variable_matters_when_it_was_read_and_is_another_one(read: Callable[[], object], found: str | None) -> None:
    rest = dict(os.environ)
    os.environ.update({"SAME": "1", "OTHER": "1", "GONE": "1"})
    reads = Reads()
    read()
    expected = {**rest, "SAME": "1", "OTHER": "2", "NEW": "2"}

    assert reads.replace(expected) == found

    assert dict(os.environ) == expected
