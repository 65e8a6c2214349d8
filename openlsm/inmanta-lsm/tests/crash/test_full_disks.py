"""The disk of PostgreSQL or of the server is full during work: whoever asks is told so, and with room again all goes on."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from inmanta_embedded.patience import wait_until
from inmanta_embedded.postgres import Cluster
from inmanta_lsm.const import DATABASE_UNAVAILABLE

from ..helpers.small_filesystem import SmallFilesystem, mounted
from ..helpers.worked_on import RunningServer, Work, psql

# Begun early, as they take long.
pytestmark = [pytest.mark.full, pytest.mark.xdist_group("servers")]

# The data of an empty PostgreSQL with its log take half of it, an environment for compiles less.
SIZE = 256
"""Megabytes of the file systems."""


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFilesystem]:
    """A small disk, at a path that is short enough for the names of sockets."""
    with mounted(tmp_path_factory.mktemp("disk"), SIZE) as disk:
        yield disk


@pytest.fixture
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on a disk with room."""
    return tmp_path_factory.mktemp("other")


def refusal_of(work: Work, server: RunningServer) -> requests.Response | None:
    """Create an instance; give the answer when it is refused."""
    try:
        work.create(server)
    except requests.HTTPError as error:
        return error.response
    return None


def test_a_full_disk_of_postgresql_is_told_and_nothing_is_lost(disk: SmallFilesystem, other: Path) -> None:
    with Cluster(disk.folder / "postgres", durable=False) as cluster:
        database = cluster.create_database("inmanta")
        server = RunningServer(other / "server", database, warm=True)
        try:
            server.start()
            work = Work(database, other / "repository")
            work.create(server)
            disk.fill()
            refusals: list[requests.Response] = []

            def is_refused() -> bool:
                answer = refusal_of(work, server)
                refusals.extend([] if answer is None else [answer])
                return bool(refusals)

            wait_until(is_refused, "the disk is full, and everything is taken", limit=60)
            assert refusals[0].status_code == 503
            assert refusals[0].json()["message"].startswith(DATABASE_UNAVAILABLE)
            assert int(refusals[0].headers["Retry-After"]) > 0
            disk.make_room()
            work.create(server)
            work.ends(database, work.acknowledged)
        finally:
            disk.make_room()
            server.stop()


def test_a_full_disk_of_the_server_is_no_verdict_and_told_in_the_events(
    cluster: Cluster, disk: SmallFilesystem, other: Path
) -> None:
    database = cluster.create_database(f"full_{uuid.uuid4().hex}")
    server = RunningServer(disk.folder / "server", database, warm=True)
    try:
        server.start()
        work = Work(database, other / "repository")
        work.create(server)
        work.ends(database, work.acknowledged)
        disk.fill()
        work.create(server)
        told = "SELECT count(*) FROM lsm_serviceinstanceevent WHERE message LIKE '%was cut off, the disk was full%'"
        wait_until(
            lambda: int(psql(database, told)) > 0, lambda: psql(database, "SELECT message FROM lsm_serviceinstanceevent")
        )
        disk.make_room()
        work.ends(database, work.acknowledged)
    finally:
        disk.make_room()
        server.stop()
