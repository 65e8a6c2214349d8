"""Completion in a shell: services, instances and states come from the orchestrator itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import click
from click.shell_completion import CompletionItem

from inmanta_services.cli.application import session_of
from inmanta_services.client import Client
from inmanta_services.naming import InstanceName, name_of

_PATIENCE = 5
"""Seconds after which somebody who waits for a completion rather goes on typing."""
_MOST = 200

type Suggest = Callable[[Client, click.Context, str], Awaitable[Sequence[str]]]


def _complete(suggest: Suggest) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """
    Make a completion.

    :param suggest: gives what the beginning of a word may become.
    """

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        async def ask() -> Sequence[str]:
            async with asyncio.timeout(_PATIENCE):
                return await suggest(await session_of(context).client(), context, incomplete)

        try:
            found = asyncio.run(ask())
        except Exception:
            return []
        return [CompletionItem(text) for text in found if text.startswith(incomplete)]

    return complete


async def _services(client: Client, _context: click.Context, _incomplete: str) -> list[str]:
    return [entity.name for entity in await client.catalog.all()]


async def _instances(client: Client, context: click.Context, incomplete: str) -> list[str]:
    service, slash, _ = incomplete.partition("/")
    if not slash:
        return [f"{name}/" for name in await _services(client, context, incomplete)]
    page = await client.inventory.page(service, limit=_MOST)
    return sorted(name_of(instance) for instance in page.items)


async def _states(client: Client, context: click.Context, _incomplete: str) -> list[str]:
    name = InstanceName.parse(context.params["instance"])
    if name.service is None:
        return []
    entity = await client.catalog.get(name.service)
    return [state.name for state in entity.lifecycle.states]


services = _complete(_services)
instances = _complete(_instances)
states = _complete(_states)
