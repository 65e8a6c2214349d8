"""Options that come from empty environment variables are as if they were not given."""

import pytest
from inmanta_warm_compiler import options


@pytest.mark.parametrize(("value", "expected"), [("", 1024), (" ", 1024), ("0", 0)])
def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch, value: str, expected: int) -> None:
    monkeypatch.setenv("INMANTA_WARM_COMPILER_MEMORY_LIMIT", value)

    options.forget_empty_variables()

    assert options.memory_limit.get() == expected
