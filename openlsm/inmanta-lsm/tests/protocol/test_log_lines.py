"""No caller writes lines of his own into the log, or finds the tokens of others there."""

import io
import logging
import uuid
from collections.abc import Iterator

import jwt
import pytest
from inmanta.protocol import Client
from inmanta_lsm.protocol import log_lines

from ..helpers.catalog_client import CatalogClient, definition
from ..helpers.http_request import request

FORGED = "2026-01-01 00:00:00,000 inmanta.server  INFO  all is well"
BREAKS = ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a server logs meanwhile, as lines of its log file."""
    stream = io.StringIO(newline="")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in (None, "inmanta", "tornado.access")}
    root.addHandler(handler)
    factory = logging.getLogRecordFactory()
    log_lines.guard()
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.setLogRecordFactory(factory)
    root.removeHandler(handler)


@pytest.mark.parametrize("line_break", BREAKS)
def test_a_line_break_begins_no_entry(log: io.StringIO, line_break: str) -> None:
    logger = logging.getLogger("inmanta.test")

    logger.warning("Service %s is gone", f"a{line_break}{FORGED}")
    logger.warning(f"Service a{line_break}{FORGED} is gone")
    try:
        raise ValueError(f"a{line_break}{FORGED}")
    except ValueError:
        logger.exception("It failed")

    lines = log.getvalue().splitlines()
    assert len(lines) > 6
    assert not any(line.startswith(FORGED) for line in lines)
    assert [line for line in lines if not line.startswith((" ", "WARNING ", "ERROR "))] == []


@pytest.mark.parametrize("character", ["\x1b[2J", "\b", "\x9b", "\u202e", "\0"])
def test_a_control_character_reaches_no_terminal(log: io.StringIO, character: str) -> None:
    logging.getLogger("inmanta.test").warning("Service %s is gone", character)

    assert character[0] not in log.getvalue()
    assert "\\x" in log.getvalue() or "\\u" in log.getvalue()


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("name", ["a%0A" + FORGED.replace(" ", "%20"), "a%E2%80%A8x"])
async def test_a_call_with_such_a_name_is_one_entry(environment: uuid.UUID, log: io.StringIO, name: str) -> None:
    code, answer = await request(f"/lsm/v1/service_catalog/{name}", environment=environment)

    assert code == 404
    assert "\n" not in answer["message"]
    assert "'a\\" in answer["message"]
    assert not any(line.startswith(FORGED) for line in log.getvalue().splitlines())


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("line_break", BREAKS)
async def test_a_name_with_a_line_break_is_refused(environment: uuid.UUID, client: Client, line_break: str) -> None:
    described = definition(name=f"a{line_break}b", service_identity=None)

    message = await CatalogClient(client, environment).create(described, code=400)

    assert "The name of a service cannot be shown in one line: 'a\\" in message


@pytest.mark.asyncio(loop_scope="session")
async def test_a_token_in_a_url_is_masked(environment: uuid.UUID, client: Client, log: io.StringIO) -> None:
    await CatalogClient(client, environment).create(definition())
    token = jwt.encode({"secret": 1}, "k" * 32)

    await request(f"/lsm/v1/service_catalog_docs?environment={environment}&token={token}")
    await request(f"/lsm/v1/service_catalog_docs?environment=x&token={token}")
    await request(f"/no/such/page?token={token}", headers={"Authorization": f"Bearer {token}"})

    assert "/no/such/page?token=***" in log.getvalue()
    assert token not in log.getvalue()
