"""The PostgreSQL server that a program starts for itself."""

import asyncio
import contextlib
import dataclasses
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from inmanta_embedded import Orchestrator, binaries, ownership
from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.patience import wait_until
from inmanta_embedded.postgres import Cluster, Database, pid_file

Own = Callable[..., tuple[subprocess.Popen[str], str]]


async def _connect(database: Database, password: str | None = None) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=database.host,
        port=database.port,
        user=database.user,
        password=database.password if password is None else password,
        database=database.name,
    )


async def _query(database: Database, sql: str, password: str | None = None) -> object:
    connection = await _connect(database, password)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def query(database: Database, sql: str, password: str | None = None) -> object:
    """
    Ask a database something.

    :param sql: the question
    :param password: another password than the right one
    """
    return asyncio.run(_query(database, sql, password))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server that runs."""
    with Cluster(tmp_path_factory.mktemp("cluster"), durable=False) as cluster:
        yield cluster


@pytest.fixture
def stopped(cluster: Cluster) -> Iterator[Cluster]:
    """The same server, not running; it runs again after the test."""
    cluster.stop()
    yield cluster
    cluster.stop()
    cluster.start()


def test_a_database_can_be_created_used_and_dropped(cluster: Cluster) -> None:
    database = cluster.create_database("used")

    assert query(database, "SELECT lower('ÄÖ')") == "äö"

    cluster.drop_database("used")
    assert not cluster.has_database("used")


def test_a_database_can_be_copied(cluster: Cluster) -> None:
    query(cluster.create_database("original"), "CREATE TABLE t AS SELECT 42 AS answer")

    copy = cluster.create_database("copied", template="original")

    assert query(copy, "SELECT answer FROM t") == 42


def test_a_name_that_needs_quoting_is_refused(cluster: Cluster) -> None:
    with pytest.raises(EmbeddedError, match="is no name for a database"):
        cluster.create_database('a"; DROP DATABASE postgres')


def test_a_wrong_password_is_refused(cluster: Cluster) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        query(cluster.database("postgres"), "SELECT 1", password="wrong")


def test_only_the_owner_can_read_the_password(cluster: Cluster) -> None:
    assert stat.S_IMODE((cluster.folder / "password").stat().st_mode) == 0o600


def test_a_folder_in_use_is_refused(cluster: Cluster) -> None:
    with pytest.raises(EmbeddedError, match=f"in use by the process with id {os.getpid()}"):
        Cluster(cluster.folder).start()


def test_data_and_port_outlive_a_stop(stopped: Cluster) -> None:
    stopped.start()
    database = stopped.create_database("kept")
    query(database, "CREATE TABLE t AS SELECT 1 AS one")

    stopped.stop()
    stopped.start()

    assert query(database, "SELECT one FROM t") == 1


@pytest.mark.parametrize("durable", [True, False], ids=["durable", "volatile"])
def test_what_was_committed_outlives_the_end_of_any_process(stopped: Cluster, durable: bool) -> None:
    with Cluster(stopped.folder, durable=durable) as cluster:
        asyncio.run(_commit_and_kill(cluster.database("postgres")))

        wait_until(lambda: _count_of_kept(cluster.database("postgres")) == 1, "what was committed is lost")


def test_a_stop_leaves_nothing_in_the_memory_of_the_machine_when_it_was_killed(stopped: Cluster) -> None:
    segment = _killed(stopped)

    stopped.stop()

    assert segment not in _segments()


def test_neither_does_a_reset_of_a_folder_that_was_moved(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "cluster", durable=False)
    segment = _killed(cluster)
    orchestrator = Orchestrator(tmp_path / "orchestrator")
    ownership.take(orchestrator.layout.folder)
    cluster.folder.rename(orchestrator.layout.postgres)

    orchestrator.reset()

    assert segment not in _segments()


def test_a_reset_of_a_copy_leaves_that_of_the_original(tmp_path: Path, stopped: Cluster) -> None:
    segment = _killed(stopped)
    orchestrator = Orchestrator(tmp_path / "orchestrator")
    ownership.take(orchestrator.layout.folder)
    shutil.copytree(stopped.folder, orchestrator.layout.postgres)

    orchestrator.reset()

    assert segment in _segments()


def _killed(cluster: Cluster) -> tuple[int, int]:
    """Start a server and kill it; give its shared memory."""
    cluster.start()
    segment = _segment_of(cluster)
    assert segment in _segments()
    assert query(cluster.database("postgres"), "SHOW dynamic_shared_memory_type") == "mmap"
    _kill(cluster)
    return segment


def _kill(cluster: Cluster) -> None:
    """Kill all processes of a server, and have another one be able to take its place."""
    assert cluster.pid is not None
    server = psutil.Process(cluster.pid)
    for process in [server, *server.children(recursive=True)]:
        process.kill()
    wait_until(lambda: cluster.pid is None, "it does not end")
    cluster._lock.release()


def _segment_of(cluster: Cluster) -> tuple[int, int]:
    """Give key and number of the shared memory of a server."""
    key, number = pid_file(cluster.folder).read_text().splitlines()[6].split()
    return int(key), int(number)


def _segments() -> set[tuple[int, int]]:
    """Give those of the machine."""
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {(int(key), int(number)) for key, number, *_ in (line.split() for line in lines)}


async def _commit_and_kill(database: Database) -> None:
    """Commit something, and kill the process that did it in the same moment: PostgreSQL starts anew from what it wrote."""
    connection = await _connect(database)
    await connection.execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept (one int)")
    await connection.execute("CHECKPOINT")
    await connection.execute("INSERT INTO kept VALUES (1)")
    psutil.Process(connection.get_server_pid()).kill()
    with contextlib.suppress(asyncpg.PostgresError, OSError):
        await connection.close()


def _count_of_kept(database: Database) -> object:
    with contextlib.suppress(asyncpg.PostgresError, OSError):
        return query(database, "SELECT count(*) FROM kept")
    return None


def test_a_port_that_was_taken_meanwhile_is_replaced(stopped: Cluster) -> None:
    port = stopped.database("postgres").port
    with socket.create_server(("127.0.0.1", port)):
        stopped.start()

    assert stopped.database("postgres").port != port
    assert query(stopped.database("postgres"), "SELECT 1") == 1


def test_a_process_id_of_another_program_does_not_stop_it_from_starting(stopped: Cluster, bystander: psutil.Process) -> None:
    (stopped.folder / "data" / "postmaster.pid").write_text(f"{bystander.pid}\n{stopped.folder / 'data'}\n")

    stopped.start()

    assert query(stopped.database("postgres"), "SELECT 1") == 1
    assert bystander.status() != psutil.STATUS_ZOMBIE


def test_damaged_data_are_an_error_with_the_end_of_the_log(stopped: Cluster) -> None:
    control = stopped.folder / "data" / "global" / "pg_control"
    original = control.read_bytes()
    control.write_bytes(b"")

    with pytest.raises(EmbeddedError, match=r"did not start. The last lines of .*(?s:.*)pg_control"):
        stopped.start()

    assert stopped.pid is None
    control.write_bytes(original)


def test_data_of_another_version_are_refused(stopped: Cluster) -> None:
    file = stopped.folder / "data" / "PG_VERSION"
    original = file.read_text()
    file.write_text("12\n")

    with pytest.raises(EmbeddedError, match="was made by PostgreSQL 12"):
        stopped.start()

    file.write_text(original)


def test_an_initialisation_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "data" / "base").mkdir(parents=True)

    with Cluster(tmp_path, durable=False) as cluster:
        assert query(cluster.database("postgres"), "SELECT 1") == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_owner(
    stopped: Cluster, own: Own, nothing_is_left: Callable[[Path], None], number: signal.Signals
) -> None:
    owner, _ = own("cluster", stopped.folder)

    owner.send_signal(number)

    nothing_is_left(stopped.folder)


def test_it_runs_for_a_user_without_a_name(tmp_path: Path, own: Own) -> None:
    _, pid = own("cluster", tmp_path, "namespace:54321")

    assert int(pid) > 0


def installed_elsewhere(found: binaries.Binaries, place: Path) -> binaries.Binaries:
    """
    Copy an installation.

    :param found: the installation
    :param place: an existing folder
    :return: the copy
    """
    package = found.folder.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    copied = place / package.name / found.folder.parent.name
    shutil.copytree(found.folder.parent, copied, symlinks=True)
    if libraries.exists():
        (place / libraries.name).symlink_to(libraries)
    return dataclasses.replace(found, folder=copied / "bin")


def test_programs_in_a_folder_of_any_name_make_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd, temporary = tmp_path / 'a "quote" $HOME `touch made` back\\slash', tmp_path / "temporary"
    for folder in (odd, temporary):
        folder.mkdir()
    there = installed_elsewhere(binaries.find(), odd)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    with Cluster(tmp_path / "cluster", durable=False, found=there) as cluster:
        assert query(cluster.create_database("made"), "SELECT lower('ÄÖ')") == "äö"

    assert list(tmp_path.rglob("made")) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("character", '"$`\\')
def test_each_character_that_means_something_to_a_shell_takes_another_path(tmp_path: Path, character: str) -> None:
    there = binaries.Binaries(tmp_path / character / "package" / "installation" / "bin", 18)
    there.folder.mkdir(parents=True)
    for program in ("initdb", "postgres"):
        there.program(program).write_text(program)

    with binaries.by_plain_path(there) as plain:
        assert character not in str(plain.folder)
        assert plain.program("initdb").read_text() == "initdb"


def test_programs_without_a_path_for_a_shell_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "$odd").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "$odd"))
    there = dataclasses.replace(binaries.find(), folder=tmp_path / "$odd" / "bin")

    with (
        pytest.raises(EmbeddedError, match="have TMPDIR name a folder without, or move the project"),
        binaries.by_plain_path(there),
    ):
        pass
