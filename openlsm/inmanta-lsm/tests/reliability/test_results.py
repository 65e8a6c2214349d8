"""Results of compiles: whatever happens while they are applied, each is applied once, and only a verdict is one."""

import asyncio
import uuid

import asyncpg
import pytest
from inmanta import data as core
from inmanta.server import SLICE_COMPILER
from inmanta.server.services.compilerservice import CompilerService
from inmanta_lsm.engine import compile_results
from inmanta_lsm.lifecycle.verdict import MAXIMUM_DEATHS, MAXIMUM_UNREACHED

from ..helpers.database_faults import DatabaseFaults, Fault
from ..helpers.scripted_compiler import ProcessEnded
from ..helpers.service_lab import ServiceLab, eventually
from ..helpers.shared_server import SharedServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

VALIDATED = ["start", "acknowledged", "creating"]
TABLES = {
    "instance": ("UPDATE", "lsm_serviceinstance", "NEW.state = 'acknowledged'"),
    "log": ("INSERT", "lsm_serviceinstancelog", "NEW.state = 'acknowledged'"),
    "outcome": ("INSERT", "lsm_serviceinstanceevent", "NEW.is_outcome AND NEW.destination = 'acknowledged'"),
    "next transfer": ("UPDATE", "lsm_serviceinstance", "NEW.state = 'creating'"),
    "export request": ("INSERT", "compile", "NEW.do_export"),
    "validation request": ("INSERT", "compile", "NOT NEW.do_export"),
    "end of compile": ("UPDATE", "compile", "NEW.completed IS NOT NULL AND NOT NEW.handled"),
    "handled": ("UPDATE", "compile", "NEW.handled"),
    "start of compile": ("UPDATE", "compile", "NEW.started IS NOT NULL AND NEW.completed IS NULL"),
}


async def states(lab: ServiceLab, instance: uuid.UUID) -> list[str]:
    """Give the states that an instance went through."""
    return [row["state"] for row in await lab.log(instance)]


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("point", TABLES)
async def test_a_fault_while_a_result_is_applied_changes_nothing_of_the_end(
    lab: ServiceLab, faults: DatabaseFaults, point: str, fault: Fault
) -> None:
    write, table, when = TABLES[point]
    await faults.fail(write, table, fault, times=2, when=when)
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    await lab.idle()
    assert await states(lab, instance) == VALIDATED
    assert await faults.happened(table) > 2
    assert [event["ignored_transition"] for event in await lab.events(instance)].count(True) == 0


@pytest.mark.parametrize(
    ("returncode", "errors"),
    [(-9, ""), (-15, ""), (-1, ""), (0, ""), (1, "exporter ERROR Failed to send request")],
    ids=["killed", "terminated", "internal error", "stopped before its success was written", "server not reached"],
)
async def test_a_compile_that_died_is_repeated_and_its_flow_goes_on(lab: ServiceLab, returncode: int, errors: str) -> None:
    deaths = iter(range(1))

    async def die_once(request: core.Compile) -> bool:
        if next(deaths, None) is not None:
            raise ProcessEnded(returncode, errors)
        return True

    lab.compiler.scripts[lab.environment] = die_once
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    events = await lab.events(instance, version=1)

    assert await states(lab, instance) == VALIDATED
    assert "was cut off" in events[2]["message"]
    assert events[2]["message"].startswith(f"Validation compile request queued with id {events[2]['id_compile_report']}")


async def test_a_compile_that_dies_again_and_again_is_a_failure_with_a_reason(lab: ServiceLab) -> None:
    async def die(request: core.Compile) -> bool:
        raise ProcessEnded(-9)

    lab.compiler.scripts[lab.environment] = die
    instance = await lab.create()
    await lab.reaches(instance, "rejected")

    assert len(await lab.compiles()) == MAXIMUM_DEATHS
    assert any("signal 9" in event["message"] for event in await lab.events(instance, version=1) if event["severity"] >= 40)


async def test_a_server_may_be_out_of_reach_for_longer_than_compiles_may_die(
    lab: ServiceLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while it starts on a busy machine: it runs compiles before it takes calls."""
    monkeypatch.setattr(compile_results, "pause", lambda before: 0.0)
    failures = iter(range(MAXIMUM_UNREACHED - 1))

    async def reach_nobody(request: core.Compile) -> bool:
        if next(failures, None) is not None:
            raise ProcessEnded(1, "exporter ERROR Failed to send request")
        return True

    lab.compiler.scripts[lab.environment] = reach_nobody
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    assert await states(lab, instance) == VALIDATED


async def test_a_server_that_is_never_reached_is_a_failure(lab: ServiceLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_results, "pause", lambda before: 0.0)

    async def reach_nobody(request: core.Compile) -> bool:
        raise ProcessEnded(1, "exporter ERROR Failed to send request")

    lab.compiler.scripts[lab.environment] = reach_nobody
    instance = await lab.create()
    await lab.reaches(instance, "rejected")
    assert len(await lab.compiles()) == MAXIMUM_UNREACHED


async def test_a_compile_that_the_outage_made_fail_is_repeated_as_often_as_it_takes(lab: ServiceLab) -> None:
    failures = iter(range(2))

    async def fail_twice(request: core.Compile) -> bool:
        if next(failures, None) is not None:
            raise ProcessEnded(1, "OSError: [Errno 28] No space left on device: 'x'")
        return True

    lab.compiler.scripts[lab.environment] = fail_twice
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    assert await states(lab, instance) == VALIDATED


async def test_an_export_that_died_is_repeated(lab: ServiceLab) -> None:
    deaths = iter(range(1))

    async def die_once(request: core.Compile) -> bool:
        if request.do_export and next(deaths, None) is not None:
            raise ProcessEnded(-9)
        return True

    lab.compiler.scripts[lab.environment] = die_once
    instance = await lab.create()

    async def is_exported() -> bool:
        return [found.success for found in await lab.compiles()] == [True, False, True]

    await eventually(is_exported, "the export is repeated")
    assert not any("validat" in event["message"].lower() for event in (await lab.events(instance, version=2)))


async def test_an_export_that_was_cut_off_is_repeated_once_however_many_tell_of_it(lab: ServiceLab) -> None:
    async def die(request: core.Compile) -> bool:
        if request.do_export:
            raise ProcessEnded(-9)
        return True

    lab.compiler.scripts[lab.environment] = die
    await lab.create()

    async def has_failed_for_good() -> bool:
        found = await lab.compiles()
        return len(found) == 1 + MAXIMUM_DEATHS and all(one.handled for one in found)

    await eventually(has_failed_for_good, "the export failed")
    exports = [one for one in await lab.compiles() if one.do_export]
    await asyncio.gather(
        *(listener.compile_done(one) for one in exports for listener in lab.compile_listeners() for _ in range(3))
    )
    assert len(await lab.compiles()) == 1 + MAXIMUM_DEATHS


@pytest.mark.parametrize("do_export", [False, True], ids=["validation", "export"])
async def test_a_compile_that_an_orderly_stop_cut_off_is_no_verdict(
    lab: ServiceLab, server: SharedServer, do_export: bool
) -> None:
    running = asyncio.Event()

    async def wait_for_the_stop(request: core.Compile) -> bool:
        if request.do_export == do_export:
            running.set()
            await asyncio.Event().wait()
        return True

    lab.compiler.scripts[lab.environment] = wait_for_the_stop
    instance = await lab.create()
    await running.wait()

    async def go_on(connection: asyncpg.Connection) -> None:
        lab.compiler.scripts.pop(lab.environment)

    await server.restart(go_on)
    await lab.reaches(instance, "creating")

    async def is_exported() -> bool:
        found = await lab.compiles()
        return all(one.handled for one in found) and any(one.do_export and one.success for one in found)

    await eventually(is_exported, "the instance is exported")
    assert await states(lab, instance) == VALIDATED


async def test_a_failure_of_the_model_is_a_verdict_at_once(lab: ServiceLab) -> None:
    async def fail(request: core.Compile) -> bool:
        return False

    lab.compiler.scripts[lab.environment] = fail
    instance = await lab.create()
    await lab.reaches(instance, "rejected")
    assert len(await lab.compiles()) == 1


async def test_a_queue_whose_task_died_goes_on(lab: ServiceLab, server: SharedServer) -> None:
    """As after an error of the database that core's task did not survive, while nothing else happens."""
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    await lab.idle()
    compilers = server.restserver.get_slice(SLICE_COMPILER)
    assert isinstance(compilers, CompilerService)

    async def die() -> None:
        raise ConnectionError

    task = asyncio.create_task(die())
    await asyncio.wait([task])
    compilers._env_to_compile_task[lab.environment] = task
    other = await lab.create("b")
    await lab.reaches(other, "creating")
