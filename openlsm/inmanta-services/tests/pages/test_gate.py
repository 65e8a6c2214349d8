"""The gate: whose requests pass, and who has to log in."""

import pytest
from inmanta_services.pages.gate import cookie_in, is_allowed, is_own
from inmanta_services.pages.login import local
from inmanta_services.pages.sessions import LIFETIME, Sessions


@pytest.mark.parametrize("host", ["127.0.0.1:80", "localhost:8899", "[::1]:80", "127.8.9.1", "pages.example:80"])
def test_this_machine_is_called_by_its_own_names(host: str) -> None:
    assert is_allowed(host, ["pages.example"])


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "192.0.2.7:8899", "localhost.evil.example"])
def test_other_names_are_refused_unless_any_is_fine(host: str) -> None:
    assert not is_allowed(host, [])
    assert is_allowed(host, None)


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        (None, True),
        ("http://127.0.0.1:80", True),
        ("http://127.0.0.1:81", False),
        ("null", False),
        ("http://evil.example", False),
    ],
)
def test_requests_come_from_these_pages(origin: str | None, own: bool) -> None:
    assert is_own(origin, "127.0.0.1:80") is own


def test_a_cookie_is_found_among_others() -> None:
    assert cookie_in("a=1; mine=abc", "mine") == "abc"
    assert cookie_in("a=1", "mine") is None
    assert cookie_in("\x00;;;=", "mine") is None


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil", "/login?next=/", ""])
def test_nobody_is_sent_elsewhere_after_a_login(address: str) -> None:
    assert local(address) == "/"


def test_somebody_goes_on_to_where_he_wanted() -> None:
    assert local("/environment/x?state=up") == "/environment/x?state=up"


def test_a_code_is_good_once_and_the_next_one_is_another() -> None:
    sessions = Sessions()
    told: list[str] = []
    sessions.on_redeemed = lambda: told.append(sessions.new_code())
    first = sessions.new_code()

    assert not sessions.redeem("guess")
    assert sessions.redeem(first)
    assert not sessions.redeem(first)
    assert sessions.redeem(told[0])


def test_a_session_ends_when_nobody_uses_it_and_when_it_is_closed() -> None:
    now = 0.0
    sessions = Sessions(lambda: now)
    used, unused, closed = (sessions.open("token") for _ in range(3))

    sessions.close(closed)
    now = LIFETIME * 0.9
    assert sessions.find(used.key) is used
    now = LIFETIME * 1.1

    assert [sessions.find(session.key) for session in (used, unused, closed)] == [used, None, None]
    assert (unused.closed, closed.closed) == (True, True)
    assert "token" not in repr(used)
    assert used.key not in repr(used)
