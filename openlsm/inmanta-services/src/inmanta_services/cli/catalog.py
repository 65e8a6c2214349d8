"""Commands about services."""

from collections.abc import Iterator
from typing import Any

import click
from inmanta_lsm.model import EmbeddedServiceEntity, InterServiceRelation, ServiceAttribute, ServiceEntity, StateTransfer
from rich.console import RenderableType

from inmanta_services.attributes.display import shown
from inmanta_services.attributes.members import Holder, members
from inmanta_services.catalog_export import export_catalog
from inmanta_services.cli import completion
from inmanta_services.cli.application import speaks
from inmanta_services.cli.main import main
from inmanta_services.cli.output import Output, facts, state, table, title
from inmanta_services.client import Client
from inmanta_services.declarations.file_schema import file_schema


@main.command()
@click.argument("service", required=False, shell_complete=completion.services)
@click.option("--version", type=int, help="Version of the definition of the service; the default one if left out.")
@speaks
async def catalog(client: Client, output: Output, service: str | None, version: int | None) -> None:
    """List the services, or describe one: its attributes, its lifecycle and how many instances are in which state."""
    if service is None:
        services = await client.catalog.all(summary=True)
        output.tell(services, lambda: _overview(services))
    else:
        entity = await client.catalog.get(service, summary=True, version=version)
        output.tell(entity, lambda: _description(entity))


@main.command()
@click.option("--update/--no-update", default=True, show_default=True, help="Bring the project up to date first.")
@speaks
async def export(client: Client, output: Output, update: bool) -> None:
    """Have the orchestrator fill its catalog from its project, and wait for that."""
    services = await export_catalog(client, update=update)
    output.tell(services, lambda: "The catalog has " + (", ".join(service.name for service in services) or "no service") + ".")


@main.command()
@click.argument("service", required=False, shell_complete=completion.services)
@speaks
async def schema(client: Client, output: Output, service: str | None) -> None:
    """Print the JSON schema of files for `apply`, of all services or of one: editors complete and check them with it."""
    entities = await client.catalog.all() if service is None else [await client.catalog.get(service)]
    document = file_schema([(entity, await client.catalog.schema(entity.name)) for entity in entities])
    output.as_document().tell(document, str)


def _overview(services: list[ServiceEntity]) -> RenderableType:
    return table(
        ("service", "instances", "identity", "lifecycle", "description"),
        [
            (
                service.name,
                str(service.instance_summary.total if service.instance_summary else ""),
                service.service_identity or "",
                service.lifecycle.name,
                (service.description or "").strip(),
            )
            for service in services
        ],
        empty="The catalog has no service: inmanta-services export fills it.",
    )


def _description(service: ServiceEntity) -> Iterator[RenderableType]:
    yield facts(
        [
            ("service", service.name),
            ("version", str(service.version)),
            ("description", (service.description or "").strip()),
            ("identity", service.service_identity or "none, instances are named by their id"),
            ("modifiers", "hold inside embedded entities, too" if service.strict_modifier_enforcement else "hold at the top"),
            *([("owner", service.owner)] if service.owner else []),
        ]
    )
    yield title("Attributes")
    yield table(("attribute", "type", "modifier", "default", "description"), _members(service, ""))
    yield title(f"Lifecycle {service.lifecycle.name}")
    yield _lifecycle(service)


def _members(holder: Holder, prefix: str) -> Iterator[tuple[str, str, str, str, str]]:
    """The rows of all members, those of embedded entities below the relation that leads to them."""
    for member in members(holder):
        yield f"{prefix}{member.name}", *_kind(member), (member.description or "").strip()
        if isinstance(member, EmbeddedServiceEntity):
            yield from _members(member, f"{prefix}{member.name}.")


def _kind(member: ServiceAttribute | EmbeddedServiceEntity | InterServiceRelation) -> tuple[str, str, str]:
    match member:
        case ServiceAttribute():
            names = (member.validation_parameters or {}).get("names")
            values = f" ({', '.join(map(str, names.values()))})" if isinstance(names, dict) else ""
            default = shown(member.default_value, member.name) if member.default_value_set else ""
            return f"{member.type}{values}", member.modifier, default
        case InterServiceRelation():
            return f"{member.entity_type} {_arity(member)}", member.modifier, ""
        case EmbeddedServiceEntity():
            keys = f" by {', '.join(member.key_attributes)}" if member.key_attributes else ""
            return f"{member.type or 'embedded'} {_arity(member)}{keys}", member.modifier, ""


def _arity(relation: EmbeddedServiceEntity | InterServiceRelation) -> str:
    return f"[{relation.lower_limit}:{'' if relation.upper_limit is None else relation.upper_limit}]"


def _lifecycle(service: ServiceEntity) -> RenderableType:
    counts: dict[str, int] = service.instance_summary.by_state if service.instance_summary else {}
    rows = []
    for known in service.lifecycle.states:
        leaving = [_edge(transfer) for transfer in service.lifecycle.transfers if transfer.source == known.name]
        rows.append((state(known.name, known.label), str(counts.get(known.name) or ""), "\n".join(leaving)))
    return table(("state", "instances", "goes to"), rows)


def _edge(transfer: StateTransfer) -> str:
    flags: dict[str, Any] = {
        "by itself": transfer.auto,
        "update": transfer.on_update,
        "delete": transfer.on_delete,
        "set-state": transfer.api_set_state,
        "deployed": transfer.resource_based,
    }
    reasons = ", ".join(name for name, is_set in flags.items() if is_set)
    otherwise = f", else {transfer.error}" if transfer.error else ""
    switch = f" [{transfer.config_name}]" if transfer.config_name else ""
    return f"{transfer.target}{otherwise} ({reasons}{', validated' if transfer.validate_ else ''}){switch}"
