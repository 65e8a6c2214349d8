"""A backup that is made while the server works, and is restored to another PostgreSQL, is a working server again."""

from pathlib import Path

import pytest
from inmanta_embedded.patience import wait_until
from inmanta_embedded.postgres import Cluster

from ..helpers.worked_on import RunningServer, Work, program, psql

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("servers")]


def test_a_dump_of_a_running_server_restores_to_one_that_goes_on(cluster: Cluster, folder: Path) -> None:
    database = cluster.create_database("backed_up")
    first = RunningServer(folder / "first", database, warm=True)
    dump = folder / "inmanta.dump"
    try:
        first.start()
        work = Work(database, folder / "repository")
        thread = work.go_on(first)
        wait_until(
            lambda: (
                len(work.acknowledged) > 4
                and psql(database, "SELECT EXISTS (SELECT FROM compile WHERE started IS NOT NULL AND completed IS NULL)") == "t"
            ),
            "nothing is under way",
        )
        before = list(work.acknowledged)
        program(database, "pg_dump", "--format=custom", "--file", dump)
        work.enough()
        thread.join()
    finally:
        first.stop()
    with Cluster(folder / "other", durable=False) as other:
        restored = other.create_database("inmanta")
        program(restored, "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "--dbname=inmanta", dump)
        second = RunningServer(folder / "second", restored, warm=True)
        try:
            second.start()
            work.ends(restored, before)
            work.create(second)
            work.ends(restored, [*before, work.acknowledged[-1]])
        finally:
            second.stop()
