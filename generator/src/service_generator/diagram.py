"""Drawings of a service: its entities, and the lifecycle that its instances go through."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from service_generator.lifecycles import Edge, LifecycleGraph
from service_generator.model.services import Entity, Service


def mermaid(service: Service, lifecycle: LifecycleGraph) -> str:
    """
    A class diagram of the entities and a state diagram of the lifecycle, as mermaid text in markdown.

    :param service: the service, as described
    :param lifecycle: its lifecycle
    """
    entities = ["classDiagram", *(f"    {line}" for line in _classes(service))]
    states = ["stateDiagram-v2", f"    [*] --> {lifecycle.initial}"]
    states += [f"    {edge.source} --> {edge.target}: {_label(edge)}" for edge in lifecycle.edges]
    blocks = (("entities", entities), (f"lifecycle {service.lifecycle}", states))
    return "\n".join(_block(f"{service.entity.name}: {title}", lines) for title, lines in blocks)


def dot(service: Service, lifecycle: LifecycleGraph) -> str:
    """
    Entities and lifecycle as a graph in the language of graphviz.

    :param service: the service, as described
    :param lifecycle: its lifecycle
    """
    lines = [f'digraph "{service.entity.name}" {{', "    node [shape=box, fontname=sans]; edge [fontname=sans, fontsize=10];"]
    for entity in service.entity.descendants():
        rows = "".join(f"{attribute.name}: {attribute.type} ({attribute.modifier})\\l" for attribute in entity.all_attributes())
        lines.append(f'    "{entity.name}" [shape=record, label="{{{entity.name}|{_record(rows)}}}"];')
        for relation in entity.all_embedded():
            lines.append(f'    "{entity.name}" -> "{relation.target.name}" [label="{relation.name} {relation.cardinality}"];')
        for other in entity.all_services():
            lines.append(f'    "{entity.name}" -> "{other.target}" [label="{other.name} {other.cardinality}", style=dashed];')
    for edge in lifecycle.edges:
        lines.append(f'    "{edge.source}" -> "{edge.target}" [label="{_label(edge)}"];')
    return "\n".join([*lines, "}"]) + "\n"


def as_data(service: Service, lifecycle: LifecycleGraph) -> dict[str, Any]:
    """
    Entities and lifecycle as plain data, for programs.

    :param service: the service, as described
    :param lifecycle: its lifecycle
    """
    return {
        "service": service.entity.name,
        "entities": [_entity_data(entity) for entity in service.entity.descendants()],
        "lifecycle": {"name": service.lifecycle, **asdict(lifecycle)},
    }


def svg(graph: str) -> str:
    """
    Draw a graph; the library that does so carries graphviz with it.

    :param graph: text in the language of graphviz
    """
    # Late: only drawings need it.
    from pygraphviz import AGraph

    with _silenced():
        drawing = AGraph(graph).draw(format="svg", prog="dot")
    return drawing.decode()


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep what C libraries say about the fonts of the machine off the screen."""
    before = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def _entity_data(entity: Entity) -> dict[str, Any]:
    return {
        "name": entity.name,
        "attributes": [
            {"name": attribute.name, "type": str(attribute.type), "modifier": attribute.modifier}
            for attribute in entity.all_attributes()
        ],
        "embedded": [
            {"name": relation.name, "entity": relation.target.name, "cardinality": str(relation.cardinality)}
            for relation in entity.all_embedded()
        ],
        "services": [
            {
                "name": relation.name,
                "service": relation.target,
                "cardinality": str(relation.cardinality),
                "is_owner": relation.is_owner,
            }
            for relation in entity.all_services()
        ],
        "resources": [{"name": resource.name, "entity": resource.construct.entity} for resource in entity.resources],
    }


def _classes(service: Service) -> list[str]:
    lines: list[str] = []
    for entity in service.entity.descendants():
        lines += _class(entity)
        for relation in entity.all_embedded():
            lines.append(f'{entity.name} *-- "{_times(str(relation.cardinality))}" {relation.target.name} : {relation.name}')
        for other in entity.all_services():
            arrow = "--*" if other.is_owner else "-->"
            lines.append(f'{entity.name} {arrow} "{_times(str(other.cardinality))}" {other.target} : {other.name}')
    return lines


def _class(entity: Entity) -> list[str]:
    members = [
        f"    +{_type(str(attribute.type))} {attribute.name} {attribute.modifier}" for attribute in entity.all_attributes()
    ]
    members += [f"    +{resource.name}() {resource.construct.entity.replace('::', '.')}" for resource in entity.resources]
    return [f"class {entity.name} {{", *members, "}"]


def _times(cardinality: str) -> str:
    inner = cardinality.strip("[]").replace(":", "..")
    return f"{inner}*" if inner.endswith("..") else inner


def _type(kind: str) -> str:
    return kind.rpartition("::")[2]


def _record(text: str) -> str:
    # These characters have a meaning in labels of records.
    for character in "{}<>|[]":
        text = text.replace(character, f"\\{character}")
    return text


def _label(edge: Edge) -> str:
    return f"{edge.trigger}, error" if edge.on_error else edge.trigger


def _block(title: str, lines: list[str]) -> str:
    text = "\n".join(lines)
    return f"## {title}\n\n```mermaid\n{text}\n```\n"
