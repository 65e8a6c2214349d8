"""YAML with the values of JSON."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta_services import ServicesError
from inmanta_services.declarations import documents
from inmanta_services.yaml_documents import dump, read_text

_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), _PLAIN))
def test_what_is_written_is_read_again(value: dict[str, object]) -> None:
    assert read_text(dump(value), "it") == value


@pytest.mark.parametrize("text", ["no", "Yes", "12:30", "1e5", "0o17", "0x1F", "1_000", "2020-01-01", ".inf", "=", "<<"])
def test_what_is_no_value_of_json_is_text(text: str) -> None:
    assert read_text(f"key: {text}", "it") == {"key": text}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2", "the key 'a' is there twice"),
        ("1: a", "the key 1 is no text, quote it"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("a: [", "line 1"),
        ("a: !!python/name:os.system ''", "could not determine a constructor"),
        ("[" * 5000, "nested too deep"),
        ("a: " + "9" * 5000, "digits"),
    ],
)
def test_what_cannot_be_read_is_one_line(text: str, problem: str) -> None:
    with pytest.raises(ServicesError, match=r"^it cannot be read: ") as caught:
        read_text(text, "it")

    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_begin_with_a_dot_are_left_out(tmp_path: Path) -> None:
    for name in ("a.yml", "sub/b.yaml", ".gitlab-ci.yml", ".github/c.yml", "d.json"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"service: {name}\n")

    assert [declaration.service for declaration in documents.read(tmp_path)] == ["a.yml", "sub/b.yaml"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServicesError, match=r"There is no file or folder .*nothing\."):
        documents.read(tmp_path / "nothing")
