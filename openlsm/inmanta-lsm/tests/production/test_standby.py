"""Active and standby: a server and its database die at once, and others take over, with all that was acknowledged."""

import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest
from inmanta_embedded import binaries
from inmanta_embedded.patience import wait_until
from inmanta_embedded.postgres import Cluster
from inmanta_embedded.processes import descendants

from ..helpers.worked_on import RunningServer, Work, kill_tree, program, psql

pytestmark = [
    pytest.mark.full,
    pytest.mark.long,
    pytest.mark.ha,
    pytest.mark.xdist_group("servers"),
    pytest.mark.skipif(int(version("inmanta-core").split(".")[0]) < 19, reason="only inmanta-core 19 and later has a standby"),
]


@pytest.fixture
def primary(folder: Path) -> Iterator[Cluster]:
    """A PostgreSQL with the empty database of the server."""
    with Cluster(folder / "primary") as primary:
        primary.create_database("inmanta")
        yield primary


@pytest.fixture
def replica(primary: Cluster, folder: Path) -> Iterator[Cluster]:
    """A PostgreSQL that follows the first one, which acknowledges only what the replica has, too."""
    copy = folder / "replica"
    copy.mkdir()
    source = primary.database("inmanta")
    program(source, "pg_basebackup", "--write-recovery-conf", "--checkpoint=fast", "-D", copy / "data")
    shutil.copy2(primary.folder / "password", copy / "password")
    with Cluster(copy) as replica:
        psql(source, "ALTER SYSTEM SET synchronous_standby_names = '*'")
        psql(source, "SELECT pg_reload_conf()")
        wait_until(lambda: psql(source, "SELECT sync_state FROM pg_stat_replication") == "sync", "the replica does not follow")
        yield replica


def test_nothing_is_acknowledged_that_the_replica_does_not_have(primary: Cluster, replica: Cluster) -> None:
    database = primary.database("inmanta")
    assert replica.pid is not None
    followers = [psutil.Process(replica.pid), *descendants(replica.pid)]
    for process in followers:
        process.suspend()
    try:
        command: list[str | Path] = [binaries.find().program("psql"), "-X", "-q", "-c", "CREATE TABLE written ()"]
        with subprocess.Popen(command, env=database.environment) as write:
            wait_until(
                lambda: psql(database, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1",
                "the write does not wait for the replica",
            )
            assert write.poll() is None
            for process in followers:
                process.resume()
        assert write.returncode == 0
    finally:
        for process in followers:
            process.resume()
    # The replica has it, and shows it as soon as it has replayed it.
    wait_until(
        lambda: psql(replica.database("inmanta"), "SELECT to_regclass('written') IS NOT NULL") == "t",
        "the replica does not have the write",
    )


def test_the_standby_takes_over_with_all_that_was_acknowledged(primary: Cluster, replica: Cluster, folder: Path) -> None:
    old, new = primary.database("inmanta"), replica.database("inmanta")
    active, standby = RunningServer(folder / "active", old, warm=True), RunningServer(folder / "standby", new, warm=True)
    try:
        active.start()
        assert "read-only standby" in standby.is_refused()
        # Each instance deploys a file: the scheduler of the standby goes on where that of the active one was.
        work = Work(old, folder / "repository", folder / "deployed")
        work.create(active)
        work.ends(old, work.acknowledged)
        thread = work.go_on(active)
        # In the middle: some are acknowledged, some validated, and a compile runs.
        wait_until(
            lambda: (
                len(work.acknowledged) > 4
                and psql(old, "SELECT EXISTS (SELECT FROM compile WHERE started IS NOT NULL AND completed IS NULL)") == "t"
            ),
            "nothing is under way",
        )
        kill_tree(primary.pid)
        active.kill()
        thread.join()
        assert psql(new, "SELECT pg_promote(wait => true)") == "t"
        standby.start()
        assert len(work.acknowledged) > 4
        work.ends(new, work.acknowledged)
        work.create(standby)
        work.ends(new, work.acknowledged)
    finally:
        standby.stop()
        active.stop()
