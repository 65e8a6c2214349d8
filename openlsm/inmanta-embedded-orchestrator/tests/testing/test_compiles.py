"""Test runs with warm and with cold compiles."""

import pytest
from inmanta_embedded import Settings
from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.testing import compiles


@pytest.mark.parametrize("text", [None, "", "0"])
def test_the_orchestrators_of_a_test_run_are_as_others_by_default(monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    if text is None:
        monkeypatch.delenv(compiles.VARIABLE, raising=False)
    else:
        monkeypatch.setenv(compiles.VARIABLE, text)

    assert tuple(compiles.extensions()) == Settings().extensions
    assert compiles.WARM in Settings().extensions


def test_they_compile_cold_when_they_are_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(compiles.VARIABLE, "1")

    assert compiles.extensions() == ["lsm"]


def test_anything_else_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(compiles.VARIABLE, "cold")

    with pytest.raises(EmbeddedError, match="INMANTA_TEST_COLD_COMPILES is 'cold': set it to 1"):
        compiles.extensions()
