"""Drawings of a service: its entities, and the lifecycle that its instances go through."""

import shutil
import subprocess

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
        rows = "".join(f"{attribute.name}: {attribute.type} ({attribute.modifier})\\l" for attribute in entity.attributes)
        lines.append(f'    "{entity.name}" [shape=record, label="{{{entity.name}|{_record(rows)}}}"];')
        for relation in entity.embedded:
            lines.append(f'    "{entity.name}" -> "{relation.target.name}" [label="{relation.name} {relation.cardinality}"];')
        for other in entity.services:
            lines.append(f'    "{entity.name}" -> "{other.target}" [label="{other.name} {other.cardinality}", style=dashed];')
    for edge in lifecycle.edges:
        lines.append(f'    "{edge.source}" -> "{edge.target}" [label="{_label(edge)}"];')
    return "\n".join([*lines, "}"]) + "\n"


def svg(graph: str) -> str | None:
    """
    Draw a graph.

    :param graph: text in the language of graphviz
    :return: the drawing, or None where graphviz is not installed
    """
    program = shutil.which("dot")
    if program is None:
        return None
    return subprocess.run([program, "-Tsvg"], input=graph, capture_output=True, text=True, check=True).stdout


def _classes(service: Service) -> list[str]:
    lines: list[str] = []
    for entity in service.entity.descendants():
        lines += _class(entity)
        for relation in entity.embedded:
            lines.append(f'{entity.name} *-- "{_times(str(relation.cardinality))}" {relation.target.name} : {relation.name}')
        for other in entity.services:
            arrow = "--*" if other.is_owner else "-->"
            lines.append(f'{entity.name} {arrow} "{_times(str(other.cardinality))}" {other.target} : {other.name}')
    return lines


def _class(entity: Entity) -> list[str]:
    members = [f"    +{_type(str(attribute.type))} {attribute.name} {attribute.modifier}" for attribute in entity.attributes]
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
