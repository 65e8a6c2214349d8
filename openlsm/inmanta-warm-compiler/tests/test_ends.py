"""The ends of warm processes, and what becomes of the compiles."""

import asyncio
import contextlib
import dataclasses
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from inmanta_embedded.patience import eventually
from inmanta_warm_compiler.pool import Pool

from .helpers.lab import GENEROUS, Lab

pytestmark = pytest.mark.asyncio


async def until(condition: Callable[[], bool]) -> None:
    """
    Wait for something to become true.

    :param condition: what to wait for
    """

    async def holds() -> bool:
        return condition()

    await eventually(holds, "it does not become true")


PLUGINS = """
import os, pathlib, signal

@plugin
def say() -> "string":
    if "LAB_SIGNAL" in os.environ:
        os.kill(os.getpid(), int(os.environ["LAB_SIGNAL"]))
    file = os.environ.get("LAB_FILE")
    if file and not pathlib.Path(file).exists():
        print("waiting", flush=True)
        pathlib.Path(file).write_text(str(os.getpid()))
        signal.pause()
    return "compiled"
"""


def says(lab: Lab) -> Lab:
    """
    Have a project say that it is compiled, unless a variable of the compile has it wait or crash.

    :param lab: has the project
    :return: the same
    """
    lab.plugin(PLUGINS)
    lab.model("std::print(lab::say())")
    return lab


def wait_once(lab: Lab, file: Path) -> None:
    """
    Have the next compile of a project wait for ever, and later ones not.

    :param lab: has the project, which :func:`says` wrote
    :param file: gets the process id of the compile that waits
    """
    lab.variables["LAB_FILE"] = str(file)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def common(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """A project for all tests after which it compiles as before."""
    lab = says(Lab(tmp_path_factory.mktemp("common")))
    yield lab
    await lab.pool.close()


@pytest_asyncio.fixture(loop_scope="module")
async def shared(common: Lab, caplog: pytest.LogCaptureFixture) -> Lab:
    """The common project with a warm process, which may be that of the test before."""
    caplog.set_level(logging.INFO, "inmanta_warm_compiler")
    common.limits = GENEROUS
    common.variables.clear()
    assert (await common.warm()).warm
    return common


def in_common[**P, R](test: Callable[P, R]) -> Callable[P, R]:
    """
    Have a test run by the worker that has the common project.

    :param test: uses it
    """
    return pytest.mark.asyncio(loop_scope="module")(pytest.mark.xdist_group("ends")(test))


async def waiting(file: Path) -> psutil.Process:
    """
    :param file: that was given to :func:`wait_once`
    :return: the compile, as soon as it waits
    """
    await until(lambda: file.exists() and bool(file.read_text()))
    return psutil.Process(int(file.read_text()))


def waiting_children(loaded: psutil.Process) -> list[psutil.Process]:
    """
    :param loaded: a warm process
    :return: its children that wait for their compile: one that has it prints to the server
    """
    found = []
    for child in loaded.children():
        with contextlib.suppress(OSError):
            if "memfd" in str(Path(f"/proc/{child.pid}/fd/1").readlink()):
                found.append(child)
    return found


@in_common
async def test_a_process_that_died_is_replaced(shared: Lab, caplog: pytest.LogCaptureFixture) -> None:
    starts = shared.pool.counts.starts
    process = psutil.Process(shared.pool.processes[shared.environment].pid)
    process.kill()
    await until(lambda: not shared.pool.processes[shared.environment].is_alive)

    assert (await shared.warm()).warm

    assert shared.pool.counts.starts == starts + 1


@in_common
async def test_a_process_that_waits_for_its_compile_and_dies_is_replaced(shared: Lab) -> None:
    starts = shared.pool.counts.starts
    loaded = psutil.Process(shared.pool.processes[shared.environment].pid)
    await until(lambda: bool(waiting_children(loaded)))
    (waits,) = waiting_children(loaded)
    waits.kill()
    await until(lambda: waits.status() == psutil.STATUS_ZOMBIE)

    outcome = await shared.warm()

    assert outcome.warm
    assert b"compiled" in outcome.output
    assert shared.pool.counts.starts == starts


@in_common
async def test_a_process_that_does_not_answer_is_lost(shared: Lab, caplog: pytest.LogCaptureFixture) -> None:
    psutil.Process(shared.pool.processes[shared.environment].pid).suspend()
    shared.limits = dataclasses.replace(shared.limits, answer=0.1)

    assert not (await shared.warm()).warm

    assert "did not answer within 0.1 s" in caplog.text
    assert (await shared.warm()).warm


async def test_a_process_that_takes_too_long_to_load_is_lost(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.prints("'compiled'")
    lab.limits = dataclasses.replace(lab.limits, start=0.01)

    assert not (await lab.warm()).warm

    assert "did not answer within 0.01 s" in caplog.text
    assert not lab.pool.processes


@in_common
async def test_a_compile_whose_warm_process_dies_is_to_run_again(shared: Lab, tmp_path: Path) -> None:
    lost = shared.pool.counts.lost
    wait_once(shared, tmp_path / "pid")
    task = asyncio.create_task(shared.warm())
    compile_process = await waiting(tmp_path / "pid")

    psutil.Process(shared.pool.processes[shared.environment].pid).kill()

    outcome = await task
    assert not outcome.warm
    assert "it ended" in str(outcome.lost)
    await until(lambda: not compile_process.is_running())
    assert shared.pool.counts.lost == lost + 1


async def check_that_a_cancelled_compile_ends(lab: Lab, file: Path) -> None:
    """
    Cancel a compile as soon as it is there, and see it end.

    :param lab: has the project, which :func:`says` wrote
    :param file: gets its process id
    """
    wait_once(lab, file)
    task = asyncio.create_task(lab.warm())
    compile_process = await waiting(file)

    task.cancel()

    with contextlib.suppress(asyncio.CancelledError):
        await task
    await until(lambda: not compile_process.is_running())


@in_common
async def test_a_compile_that_is_cancelled_ends_at_once(shared: Lab, tmp_path: Path) -> None:
    await check_that_a_cancelled_compile_ends(shared, tmp_path / "pid")

    assert (await shared.warm()).warm


@in_common
async def test_a_compile_that_is_cancelled_before_its_output_is_read_ends_too(shared: Lab, tmp_path: Path) -> None:
    async def take(pipe: object) -> None:
        await asyncio.Event().wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inmanta_warm_compiler.pool._Pipe.take", take)
        await check_that_a_cancelled_compile_ends(shared, tmp_path / "pid")

    assert (await shared.warm()).warm


@in_common
async def test_a_compile_that_crashes_below_python_is_to_run_again(shared: Lab) -> None:
    outcome = await shared.warm(variables={"LAB_SIGNAL": str(int(signal.SIGSEGV))})

    assert "SIGSEGV" in str(outcome.lost)


async def test_an_idle_process_ends(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.limits = dataclasses.replace(lab.limits, idle=0.05)
    await lab.warm()

    await until(lambda: not lab.pool.processes)

    assert "was not used for a while" in caplog.text


async def test_the_process_that_was_used_least_recently_makes_room(lab: Lab, tmp_path: Path) -> None:
    second = Lab(tmp_path / "second")
    second.pool = lab.pool
    for each in (lab, second, lab):
        await each.warm()
    await until(lambda: all(process.memory for process in lab.pool.processes.values()))
    # Room for one and a half.
    lab.limits = dataclasses.replace(lab.limits, memory=lab.pool.memory * 3 // 4)

    await lab.warm()

    await until(lambda: len(lab.pool.processes) == 1)
    assert lab.environment in lab.pool.processes


async def test_a_process_that_is_larger_than_allowed_is_not_tried_again(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.limits = dataclasses.replace(lab.limits, memory=1 << 20)
    await lab.warm()
    await until(lambda: not lab.pool.processes)

    assert not (await lab.warm()).warm

    assert "its warm compiler would hold" in lab.pool.refusals[lab.environment]
    lab.limits = dataclasses.replace(lab.limits, memory=4 << 30)
    lab.pool.end(lab.environment, forget=True)
    assert (await lab.warm()).warm


async def test_no_process_is_kept_without_memory_for_it(lab: Lab) -> None:
    lab.limits = dataclasses.replace(lab.limits, memory=0)

    assert not (await lab.warm()).warm

    assert lab.pool.counts.starts == 0


async def test_two_environments_have_their_own_versions_of_a_module(lab: Lab, tmp_path: Path) -> None:
    second = Lab(tmp_path / "second")
    second.pool = lab.pool
    for each, version in ((lab, "1.0.0"), (second, "2.0.0")):
        each.write("libs/lab/module.yml", f"name: lab\nversion: {version}\nlicense: ASL 2.0\n")
        each.prints(repr(f"plugin {version}"))

    for _ in range(2):
        for each, version in ((lab, "1.0.0"), (second, "2.0.0")):
            outcome = await each.warm()
            assert outcome.warm
            assert f"lab: {version}\n".encode() in outcome.output
            assert f"plugin {version}\n".encode() in outcome.output


async def test_a_closed_pool_has_no_processes_and_starts_none(lab: Lab) -> None:
    await lab.warm()
    process = psutil.Process(lab.pool.processes[lab.environment].pid)

    await lab.pool.close()

    assert not process.is_running()
    assert not (await lab.warm()).warm


async def test_nothing_outlives_the_process_that_started_it(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    wait_once(says(lab), file)
    server = os.fork()
    if server == 0:
        # A loop of its own: that of the test belongs to the parent.
        asyncio.Runner().run(_one_compile(lab))
        os._exit(0)
    try:
        compile_process = await waiting(file)
        warm_process = compile_process.parent()
        assert warm_process is not None
        assert warm_process.ppid() == server
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)

    await until(lambda: not compile_process.is_running() and not warm_process.is_running())


async def _one_compile(lab: Lab) -> None:
    """:param lab: has the project"""
    lab.pool = Pool(lambda: lab.limits)
    await lab.warm()
