"""Many instances at once: the first ones are up while the last ones wait."""

import pytest
from inmanta import data as core

from ..helpers.service_lab import ServiceLab, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_first_of_a_burst_are_exported_while_the_others_wait(lab: ServiceLab) -> None:
    ran: list[bool] = []

    async def note(request: core.Compile) -> bool:
        ran.append(request.do_export)
        return True

    lab.compiler.scripts[lab.environment] = note
    await lab.client.halt_environment(tid=lab.environment)
    created = [await lab.create(f"instance {number}") for number in range(40)]

    async def are_requested() -> bool:
        return len(await lab.compiles()) == len(created)

    await eventually(are_requested, "all validations are requested")
    await lab.client.resume_environment(tid=lab.environment)
    for instance in created:
        await lab.reaches(instance, "creating")
    await lab.idle()

    assert ran.index(True) == 1
    assert ran.count(False) == len(created)
    assert ran.count(True) <= 6
