"""The export of the service catalog, which the orchestrator does in two compiles."""

import asyncio
import uuid

from inmanta.data.model import CompileReport
from inmanta_lsm.model import ServiceEntity

from inmanta_services.client import Client
from inmanta_services.errors import ServicesError
from inmanta_services.explanation import explain_compiles
from inmanta_services.polling import POLL_INTERVAL

_LATEST = 50
"""How many compiles are looked at: more than are requested while a catalog is exported."""


async def export_catalog(client: Client, *, update: bool) -> list[ServiceEntity]:
    """
    Have the orchestrator fill its catalog from its project, and wait for that.

    :param client: of the environment.
    :param update: whether the project and its modules are brought up to date first.
    :return: what is in the catalog then.
    :raises ServicesError: when a compile fails; says why.
    """
    before = {report.id for report in await _latest(client)}
    await client.catalog.export(update=update)
    while not await _is_done(client, before):
        await asyncio.sleep(POLL_INTERVAL)
    return await client.catalog.all()


async def _is_done(client: Client, before: set[uuid.UUID]) -> bool:
    """
    Whether the compiles of an export are over.

    :param client: of the environment.
    :param before: the compiles that were there before.
    :raises ServicesError: when one failed.
    """
    compiles = [report for report in await _latest(client) if report.id not in before]
    failed = [await client.compiles.get(report.id) for report in compiles if report.success is False]
    if failed:
        raise ServicesError(explain_compiles(failed))
    # The definitions come with a first compile, and a second one follows it.
    return len(compiles) > 1 and all(report.completed is not None for report in compiles)


async def _latest(client: Client) -> list[CompileReport]:
    """
    The latest compiles.

    :param client: of the environment.
    """
    return (await client.compiles.page(limit=_LATEST)).items
