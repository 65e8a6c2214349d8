"""The services as tables for people to read."""

import io
from typing import Any

from rich.console import Console
from rich.table import Table

from service_generator.emit.expressions import constant
from service_generator.model.services import Attribute, CustomAllocator, Entity, FreeInteger, Module, Service, SpecAllocator
from service_generator.model.types import AttributeType


def listing(module: Module, *, color: bool, width: int) -> str:
    """
    All services of a module, each with its attributes and relations.

    :param module: the module, as described
    :param color: whether to use the colors of a terminal
    :param width: the width of the tables, in characters
    """
    console = Console(file=io.StringIO(), width=width, force_terminal=color, no_color=not color, highlight=False)
    for namespace in module.namespaces:
        for service in namespace.services:
            console.print(_table(service, namespace.name))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def as_data(module: Module) -> list[dict[str, Any]]:
    """
    All services of a module as plain data, for programs.

    :param module: the module, as described
    """
    return [
        {
            "name": service.entity.name,
            "catalog_name": service.catalog_name,
            "namespace": f"{namespace.name}::lsm",
            "description": service.entity.description,
            "identity": service.identity or None,
            "lifecycle": service.lifecycle,
            "owner": service.owner.target if service.owner is not None else None,
            "versions": list(service.versions),
            **_members(service.entity),
        }
        for namespace in module.namespaces
        for service in namespace.services
    ]


def _members(entity: Entity) -> dict[str, Any]:
    return {
        "attributes": [_attribute(attribute) for attribute in entity.all_attributes()],
        "services": [
            {
                "name": relation.name,
                "service": relation.target,
                "cardinality": str(relation.cardinality),
                "modifier": relation.modifier,
                "description": relation.description,
            }
            for relation in entity.all_services()
        ],
        "embedded": [
            {
                "name": relation.name,
                "entity": relation.target.name,
                "cardinality": str(relation.cardinality),
                "modifier": relation.modifier,
                "description": relation.description,
                **_members(relation.target),
            }
            for relation in entity.all_embedded()
        ],
    }


def _attribute(attribute: Attribute) -> dict[str, Any]:
    default = {"default": attribute.default} if attribute.has_default else {}
    return {
        "name": attribute.name,
        "type": str(attribute.type),
        "modifier": attribute.modifier,
        "is_key": attribute.is_key,
        **default,
        "allocation": _allocation(attribute).strip() or None,
        "description": attribute.description,
    }


def _table(service: Service, namespace: str) -> Table:
    title = ": ".join(filter(None, (service.entity.name, service.entity.description)))
    about = [f"import {namespace}::lsm"]
    about += [f"{service.catalog_name} in the catalog"] if service.catalog_name != service.entity.name else []
    about += [f"identity {service.identity}"] if service.identity else []
    about += [f"lifecycle {service.lifecycle}"]
    about += [f"owner {service.owner.target}"] if service.owner is not None else []
    table = Table(title=title, caption="  |  ".join(about), title_justify="left", caption_justify="left")
    for heading in ("attribute", "type", "modifier", "default", "description"):
        table.add_column(heading)
    _rows(table, service.entity, "")
    return table


def _rows(table: Table, entity: Entity, path: str) -> None:
    for attribute in entity.all_attributes():
        name = f"{path}{attribute.name}{' (key)' if attribute.is_key else ''}"
        description = attribute.description + _allocation(attribute)
        table.add_row(name, _type(attribute.type), attribute.modifier, _default(attribute), description)
    for relation in entity.all_services():
        kind = f"service {relation.target} {_many(relation.cardinality)}"
        table.add_row(f"{path}{relation.name}", kind, relation.modifier, "", relation.description)
    for embedded in entity.all_embedded():
        kind = f"{embedded.target.name} {_many(embedded.cardinality)}"
        table.add_row(f"{path}{embedded.name}", kind, embedded.modifier, "", embedded.description)
        _rows(table, embedded.target, f"{path}{embedded.name}.")


def _many(cardinality: object) -> str:
    # Square brackets are markup to rich.
    return str(cardinality).replace("[", "\\[")


def _type(kind: AttributeType) -> str:
    return str(kind).rpartition("::")[2].replace("[", "\\[")


def _default(attribute: Attribute) -> str:
    if not attribute.has_default:
        return ""
    value = attribute.default
    text = constant(value) if isinstance(value, str | int | float | None) else str(value)
    return text.replace("[", "\\[")


def _allocation(attribute: Attribute) -> str:
    match attribute.allocator:
        case FreeInteger():
            return " Allocated: the first free integer of a range."
        case CustomAllocator(plugin):
            return f" Allocated by {plugin.rpartition('::')[2]}."
        case SpecAllocator():
            return " Allocated by the allocation_spec of the service."
        case None:
            return ""
