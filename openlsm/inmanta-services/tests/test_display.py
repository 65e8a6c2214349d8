"""Values as people see them."""

import pytest
from inmanta_services.attributes.display import HIDDEN, clean, is_secret, masked, shown


@pytest.mark.parametrize(
    "name", ["password", "admin_password", "items[name=x].passwd", "apiKey", "api_key", "snmp_community", "TOKEN"]
)
def test_what_sounds_like_a_secret_is_one(name: str) -> None:
    assert is_secret(name)
    assert shown("hunter2", name) == HIDDEN


@pytest.mark.parametrize("name", ["name", "description", "password_rules.length", "keys", "items[token=x].size"])
def test_what_does_not_is_none(name: str) -> None:
    assert not is_secret(name)
    assert shown("plain", name) == "plain"


def test_secrets_inside_values_are_hidden_and_nothing_else() -> None:
    value = {"users": [{"name": "a", "password": "hunter2"}], "secret": {"inner": "kept"}, "token": None}

    assert masked(value) == {
        "users": [{"name": "a", "password": HIDDEN}],
        "secret": HIDDEN,
        "token": None,
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain text", "plain text"),
        ("", '""'),
        (" x", '" x"'),
        (None, "null"),
        (True, "true"),
        ({"b": 1}, '{"b": 1}'),
        ("two\nlines", '"two\\nlines"'),
        ("\x1b[31mred", '"\\u001b[31mred"'),
        ("ünï", "ünï"),
    ],
)
def test_a_value_is_shown_on_one_line_and_cannot_move_the_cursor(value: object, expected: str) -> None:
    assert shown(value) == expected


def test_what_a_terminal_would_obey_is_shown_instead() -> None:
    assert clean("a\x1b]0;title\x07\r\nb\u202e") == "a\\x1b]0;title\\x07\\r\nb\\u202e"
