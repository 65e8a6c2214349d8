"""Commands about the inventory as files."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import click
from inmanta_lsm.model import ServiceInstance
from inmanta_lsm.order.model import ServiceOrder

from inmanta_services.cli import completion, drawing, following
from inmanta_services.cli.application import DIFFERENT, FAILED, speaks
from inmanta_services.cli.instances import TIMEOUT
from inmanta_services.cli.main import main
from inmanta_services.cli.output import Output, console
from inmanta_services.client import Client
from inmanta_services.declarations import documents
from inmanta_services.declarations.execution import Screen, carry_out
from inmanta_services.declarations.file_schema import file_schema
from inmanta_services.declarations.gathering import gather
from inmanta_services.declarations.plan import Plan
from inmanta_services.declarations.planning import make_plan
from inmanta_services.declarations.pulling import files, key_of
from inmanta_services.declarations.state import State
from inmanta_services.errors import ServicesError

_SCHEMA = "schema.json"

FILES = click.option(
    "--file",
    "-f",
    "paths",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="A file or a folder of files that declare instances; repeat it for more.",
)
PRUNE = click.option(
    "--prune", is_flag=True, help="Delete instances that are not declared, of the services of which others are."
)
SERVICES = click.option(
    "--service",
    "services",
    multiple=True,
    shell_complete=completion.services,
    help="With --prune: of this service even when no instance is declared; repeat it for more.",
)


@main.command()
@FILES
@PRUNE
@SERVICES
@click.option("--exit-code", is_flag=True, help=f"End with {DIFFERENT} when there is something to do.")
@speaks
async def plan(
    client: Client, output: Output, paths: Sequence[Path], prune: bool, services: Sequence[str], exit_code: bool
) -> int | None:
    """Show what `apply` would do, and do nothing."""
    made = await _plan(client, paths, prune, services)
    output.tell(drawing.plan_as_data(made), lambda: drawing.plan(made))
    return DIFFERENT if exit_code and not made.is_empty else None


@main.command()
@FILES
@PRUNE
@SERVICES
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--message", "-m", default="", help="What it is for; the orchestrator keeps it with the order.")
@TIMEOUT
@speaks
async def apply(
    client: Client,
    output: Output,
    paths: Sequence[Path],
    prune: bool,
    services: Sequence[str],
    yes: bool,
    message: str,
    timeout: float | None,
) -> int | None:
    """
    Make the inventory what files declare: show the plan, ask, order it, and watch the order until it ended.

    Exit code 3 says that something failed; the plan of another apply says what is left to do then.
    """
    made = await _plan(client, paths, prune, services)
    if output.is_for_people:
        output.tell(None, lambda: drawing.plan(made))
    if made.is_empty:
        _report(output, made, [])
        return None
    if not yes:
        _ask()
        again = await _plan(client, paths, prune, services)
        if _comparable(again) != _comparable(made):
            raise ServicesError("The inventory or the files changed while you were asked: nothing is done, apply once more.")
        made = again
    orders: list[ServiceOrder] = []
    succeeded = True
    async for done in carry_out(client, made, message, _screen(client, output, timeout)):
        succeeded = done.succeeded
        orders += [done.order] if done.order is not None else []
    _report(output, made, orders)
    return None if succeeded else FAILED


@main.command()
@click.argument("services", nargs=-1, shell_complete=completion.services)
@click.option(
    "--folder",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("inventory"),
    show_default=True,
    help="Where to write the files; a file that declares an instance already is written over.",
)
@speaks
async def pull(client: Client, output: Output, services: Sequence[str], folder: Path) -> None:
    """
    Write the inventory as files for `apply`, a folder for each service, with their JSON schema.

    Files of instances that are gone stay, and so do files that declare several instances.
    """
    entities = [entity for entity in await client.catalog.all() if not services or entity.name in services]
    state = await gather(client, [], services or [entity.name for entity in entities])
    wanted = {entity.name for entity in entities}
    instances = [instance for instance in state.instances if instance.service_entity in wanted]
    known, several = _known(folder, state)
    alone = [instance for instance in instances if (instance.service_entity, key_of(instance)) not in several]
    written = list(files(state, alone, known, _SCHEMA))
    for file in written:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.content, encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    schema = file_schema([(entity, await client.catalog.schema(entity.name)) for entity in state.entities.values()])
    (folder / _SCHEMA).write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
    output.tell(
        {"folder": str(folder), "files": [str(file.path) for file in written]},
        lambda: f"{len(written)} instances are written to {folder}.",
    )
    if len(alone) < len(instances):
        output.say(f"{len(instances) - len(alone)} are declared in files with others, which are left as they are.")


def _known(folder: Path, state: State) -> tuple[dict[tuple[str, str], PurePosixPath], set[tuple[str, str]]]:
    """
    What a folder declares already.

    :param folder: the folder, which need not exist.
    :param state: what the orchestrator has.
    :return: by service and identity or id: the files of instances that have one of their own, and the other instances.
    """
    known: dict[tuple[str, str], PurePosixPath] = {}
    several: set[tuple[str, str]] = set()
    for declaration in documents.read(folder) if folder.exists() else []:
        entity = state.entities.get(declaration.service)
        identity = None if entity is None else entity.service_identity
        key = (declaration.service, str(declaration.attributes.get(identity) if identity else declaration.id))
        if declaration.is_alone and declaration.file is not None:
            known[key] = PurePosixPath(declaration.file.relative_to(folder))
        else:
            several.add(key)
    return known, several


async def _plan(client: Client, paths: Sequence[Path], prune: bool, services: Sequence[str]) -> Plan:
    """
    Make a plan.

    :param paths: the files and folders.
    :param prune: whether to delete what is not declared.
    :param services: of these services, too.
    """
    if services and not prune:
        raise click.UsageError("--service says of which services --prune deletes instances: give --prune, too.")
    declared = [declaration for path in paths for declaration in documents.read(path)]
    if not declared and not services:
        raise ServicesError(f"No instance is declared in {', '.join(map(str, paths))}.")
    state = await gather(client, declared, services)
    pruned = {*services, *(declaration.service for declaration in declared)} if prune else set()
    return make_plan(declared, state, prune=pruned)


def _ask() -> None:
    """
    Ask whether to go on.

    :raises ServicesError: when there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise ServicesError("There is nobody to ask whether to go on: give --yes to go on without asking.")
    click.confirm("Go on?", abort=True, err=True)


def _comparable(made: Plan) -> Any:
    """
    What has to stay the same while somebody is asked.

    :param made: a plan; ids that it chose do not count.
    """
    return (
        sorted((creation.name, creation.origin) for creation in made.creations),
        [(update.name, update.instance.version, [*map(drawing.as_data, update.differences)]) for update in made.updates],
        [(deletion.name, deletion.instance.version) for deletion in made.deletions],
    )


def _screen(client: Client, output: Output, timeout: float | None) -> Screen:
    """
    How those who wait see what goes on.

    :param client: of the environment.
    :param output: where to.
    :param timeout: seconds that each step may take.
    """

    async def order(created: ServiceOrder, names: dict[str, str]) -> ServiceOrder:
        output.say(f"Order {created.id}")
        ended = await following.show_order(client, output, created.id, names, timeout=timeout)
        for failure in following.failures_of(ended, names):
            console(stderr=True).print(failure, soft_wrap=True)
        return ended

    async def instance(before: ServiceInstance, since: int) -> bool:
        return await following.show(client, output, before, since=since, timeout=timeout) == 0

    return Screen(order, instance)


def _report(output: Output, made: Plan, orders: Sequence[ServiceOrder]) -> None:
    """
    Tell programs what was done.

    :param made: the plan.
    :param orders: that were made for it.
    """
    if not output.is_for_people:
        output.tell({"plan": drawing.plan_as_data(made), "orders": list(orders)}, str)
