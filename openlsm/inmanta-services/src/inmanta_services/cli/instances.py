"""Commands about instances."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from inmanta_lsm.model import DeploymentProgress, Lifecycle, ServiceEntity, ServiceInstance
from rich.console import RenderableType
from rich.text import Text

from inmanta_services import lookup
from inmanta_services.attributes import assignments, paths
from inmanta_services.attributes.assignments import ChangeKind
from inmanta_services.attributes.completion import ordered
from inmanta_services.attributes.display import clean, masked, shown
from inmanta_services.attributes.members import base_of
from inmanta_services.cli import completion, editing, following
from inmanta_services.cli.application import speaks
from inmanta_services.cli.main import main
from inmanta_services.cli.output import Output, facts, moment, state, table, title
from inmanta_services.client import Client
from inmanta_services.client.inventory import NEWEST_FIRST
from inmanta_services.client.paging import MAXIMUM_LIMIT
from inmanta_services.errors import ServicesError
from inmanta_services.filters import filters_of, sort_of
from inmanta_services.naming import name_of
from inmanta_services.yaml_documents import dump, read_all

INSTANCE = click.argument("instance", shell_complete=completion.instances)
WATCH = click.option("--watch", is_flag=True, help="Follow the instance until it stays where it is.")
TIMEOUT = click.option("--timeout", type=click.FloatRange(min=0), help="Seconds to watch at most; no limit if left out.")


@main.command(name="list")
@click.argument("service", shell_complete=completion.services)
@click.option("--state", "states", multiple=True, help="Only those in this state; repeat it for more.")
@click.option("--identity", "names", multiple=True, help="Only those whose identity or id has this text in it.")
@click.option("--filter", "others", multiple=True, metavar="NAME=VALUE", help="Another filter of the API.")
@click.option("--sort", default=NEWEST_FIRST, show_default=True, metavar="NAME[.asc|.desc]", help="In which order.")
@click.option("--limit", type=click.IntRange(min=1), help="How many at most; all if left out.")
@click.option("--deleted", is_flag=True, help="With those that are deleted.")
@click.option("--show", "attributes", multiple=True, metavar="PATH", help="Show this attribute, too; repeat it for more.")
@speaks
async def list_(
    client: Client,
    output: Output,
    service: str,
    states: Sequence[str],
    names: Sequence[str],
    others: Sequence[str],
    sort: str,
    limit: int | None,
    deleted: bool,
    attributes: Sequence[str],
) -> None:
    """List the instances of a service."""
    entity = await client.catalog.get(service)
    filters = filters_of(states, names, others)
    order = sort_of(sort)
    if limit is not None and limit <= MAXIMUM_LIMIT:
        page = await client.inventory.page(service, filters=filters, sort=order, limit=limit, progress=True, deleted=deleted)
        instances, total = page.items, page.total
    else:
        everything = client.inventory.all(service, filters=filters, sort=order, progress=True, deleted=deleted)
        instances = [instance async for instance in everything]
        total, instances = len(instances), instances[:limit]
    output.tell(instances, lambda: _list(instances, entity.lifecycle, attributes))
    if total > len(instances):
        output.say(f"\n{len(instances)} of {total}; --limit shows more.")


@main.command()
@INSTANCE
@speaks
async def get(client: Client, output: Output, instance: str) -> None:
    """Show an instance with its attributes."""
    found = await lookup.find(client, instance, progress=True, referenced_by=True, metadata=True)
    entity = await lookup.entity_of(client, found)
    output.tell(found, lambda: _details(found, entity))


@main.command()
@click.argument("service", shell_complete=completion.services)
@click.option(
    "--file", "-f", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Its attributes, as YAML or JSON."
)
@click.option("--set", "values", multiple=True, metavar="PATH=VALUE", help="An attribute, such as a.b=c; repeat it for more.")
@click.option("--id", "chosen", type=click.UUID, help="Its id; a random one if left out.")
@click.option("--initial-state", help="Another state to start in than the usual one.")
@WATCH
@TIMEOUT
@speaks
async def create(
    client: Client,
    output: Output,
    service: str,
    file: Path | None,
    values: Sequence[str],
    chosen: uuid.UUID | None,
    initial_state: str | None,
    watch: bool,
    timeout: float | None,
) -> int | None:
    """Create an instance."""
    entity = await client.catalog.get(service)
    attributes = {} if file is None else _attributes_in(file, service)
    for text in values:
        assignments.assign(entity, attributes, text)
    attributes = await lookup.with_ids(client, entity, attributes)
    created = await client.inventory.create(service, attributes, instance=chosen, state=initial_state)
    if watch:
        return await _follow(client, output, created, timeout=timeout)
    output.tell(created, lambda: f"{name_of(created)} is created, its id is {created.id}.")
    return None


@main.command()
@INSTANCE
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Give an attribute another value.")
@click.option("--add", "additions", multiple=True, metavar="PATH=VALUE", help="Add to a list, or to an embedded entity.")
@click.option("--remove", "removals", multiple=True, metavar="PATH", help="Remove something, such as items[name=cable].")
@click.option("--comment", help="Why; the orchestrator keeps it.")
@WATCH
@TIMEOUT
@speaks
async def update(
    client: Client,
    output: Output,
    instance: str,
    settings: Sequence[str],
    additions: Sequence[str],
    removals: Sequence[str],
    comment: str | None,
    watch: bool,
    timeout: float | None,
) -> int | None:
    """
    Update an instance: by edits in the order set, add, remove; without any, in an editor.

    For example: --set documentation.description=New --add 'items={name: cable}' --remove 'items[name=router]'
    """
    found = await lookup.find(client, instance)
    entity = await lookup.entity_of(client, found)
    if settings or additions or removals:
        texts = [(ChangeKind.SET, settings), (ChangeKind.ADD, additions), (ChangeKind.REMOVE, removals)]
        changes = [assignments.change(entity, kind, text) for kind, several in texts for text in several]
        changes = [
            replace(change, value=await lookup.value_with_ids(client, change.member, change.value)) for change in changes
        ]
        edits = assignments.edits_of(base_of(found), changes)
    else:
        edits = await editing.edits(client, output, found, entity)
        if not edits:
            output.say("Nothing changed.")
            return None
    await client.inventory.update(found, edits, comment=comment)
    return await _after(client, output, found, f"The update of {name_of(found)} is under way.", watch, timeout)


@main.command()
@INSTANCE
@WATCH
@TIMEOUT
@speaks
async def delete(client: Client, output: Output, instance: str, watch: bool, timeout: float | None) -> int | None:
    """Delete an instance, the way its lifecycle provides."""
    found = await lookup.find(client, instance)
    await client.inventory.delete(found)
    return await _after(client, output, found, f"The deletion of {name_of(found)} is under way.", watch, timeout)


@main.command(name="set-state")
@INSTANCE
@click.argument("target", metavar="STATE", shell_complete=completion.states)
@click.option("--message", "-m", default="", help="Why; the orchestrator keeps it.")
@WATCH
@TIMEOUT
@speaks
async def set_state(
    client: Client, output: Output, instance: str, target: str, message: str, watch: bool, timeout: float | None
) -> int | None:
    """Move an instance to another state, along an edge of its lifecycle that users may take."""
    found = await lookup.find(client, instance)
    entity = await lookup.entity_of(client, found)
    allowed = [
        transfer.target for transfer in entity.lifecycle.transfers if transfer.source == found.state and transfer.api_set_state
    ]
    if target not in allowed:
        choice = f"from there to {', '.join(allowed)}" if allowed else "from there to no state at all"
        raise ServicesError(f"{name_of(found)} is {found.state}; its lifecycle lets users move it {choice}.")
    await client.inventory.set_state(found, target, message or f"Set to {target} by inmanta-services")
    return await _after(client, output, found, f"{name_of(found)} is on its way to {target}.", watch, timeout)


@main.command()
@INSTANCE
@click.option("--until", multiple=True, metavar="STATE", help="Until it is in this state; repeat it for more.")
@TIMEOUT
@speaks
async def watch(client: Client, output: Output, instance: str, until: Sequence[str], timeout: float | None) -> int:
    """
    Follow an instance until it stays where it is, or is in a state.

    Exit code 3 says that it does not get there, or stays where something is wrong; the diagnosis is printed then.
    """
    found = await lookup.find(client, instance)
    return await _follow(client, output, found, until=until, since=found.version, timeout=timeout)


async def _follow(
    client: Client,
    output: Output,
    instance: ServiceInstance,
    *,
    until: Sequence[str] = (),
    since: int = 1,
    timeout: float | None = None,
) -> int:
    """As :func:`inmanta_services.cli.following.show`, after which programs are told what became of the instance."""
    code = await following.show(client, output, instance, until=until, since=since, timeout=timeout)
    if not output.is_for_people:
        output.tell(await client.inventory.get(instance.service_entity, instance.id), str)
    return code


async def _after(
    client: Client, output: Output, before: ServiceInstance, text: str, watch: bool, timeout: float | None
) -> int | None:
    """
    What follows a change: the instance on its way, or that it is on its way.

    :param before: the instance before the change.
    """
    if watch:
        return await _follow(client, output, before, since=before.version + 1, timeout=timeout)
    now = await client.inventory.get(before.service_entity, before.id)
    output.tell(now, lambda: clean(text))
    return None


def _attributes_in(file: Path, service: str) -> dict[str, Any]:
    """
    The attributes that a file holds, alone or as a declaration.

    :param file: the file.
    :param service: the service that they should be of.
    :raises ServicesError: when it holds something else.
    """
    documents = [document for document in read_all(file) if document is not None]
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise ServicesError(f"{file} has to hold the attributes of one instance by name.")
    document: dict[str, Any] = documents[0]
    if not isinstance(document.get("attributes"), dict) or "service" not in document:
        return document
    if document["service"] != service:
        raise ServicesError(f"{file} declares an instance of {document['service']} and not of {service}.")
    return dict(document["attributes"])


def _list(instances: Sequence[ServiceInstance], lifecycle: Lifecycle, attributes: Sequence[str]) -> RenderableType:
    labels = {known.name: known.label for known in lifecycle.states}
    rows: list[tuple[str | Text, ...]] = [
        (
            instance.service_identity_attribute_value or "",
            state(instance.state, labels.get(instance.state)),
            str(instance.version),
            _progress(instance.deployment_progress),
            moment(instance.last_updated),
            *(_at(instance, path) for path in attributes),
            str(instance.id),
        )
        for instance in instances
    ]
    titles = ("identity", "state", "version", "deployed", "last updated", *attributes, "id")
    return table(titles, rows, empty="There is no such instance.")


def _at(instance: ServiceInstance, path: str) -> str:
    try:
        return shown(paths.parse(path).get_element(base_of(instance)), path)
    except LookupError:
        return ""


def _progress(progress: DeploymentProgress | None) -> str:
    if progress is None:
        return ""
    failed = f", {progress.failed} failed" if progress.failed else ""
    return f"{progress.deployed} of {progress.total}{failed}"


def _details(instance: ServiceInstance, entity: ServiceEntity) -> Iterator[RenderableType]:
    labels = {known.name: known.label for known in entity.lifecycle.states}
    yield facts(
        [
            ("instance", name_of(instance)),
            ("id", str(instance.id)),
            ("state", state(instance.state, labels.get(instance.state))),
            ("version", str(instance.version)),
            ("deployed", _progress(instance.deployment_progress) or "nothing"),
            ("created", moment(instance.created_at)),
            ("last updated", moment(instance.last_updated)),
            *([("referred to by", ", ".join(map(str, instance.referenced_by)))] if instance.referenced_by else []),
            *((f"metadata {key}", shown(value, key)) for key, value in (instance.metadata or {}).items()),
            *((f"switch {key}", str(value).lower()) for key, value in instance.config.items()),
        ]
    )
    for name in ("candidate", "active", "rollback"):
        attributes = getattr(instance, f"{name}_attributes")
        if attributes:
            yield title(f"{name.capitalize()} attributes")
            yield Text(clean(dump(masked(ordered(entity, attributes)))).rstrip())
