"""
The service catalog that a project with both services gives, for reading: ``python -m demo.catalog``.

The project is compiled as the orchestrator does when it fills its catalog, but the definitions are kept here instead of being
sent to one, so that no orchestrator is needed.
"""

import contextlib
import os
import pathlib
import shutil
import tempfile
import typing
import uuid
from collections.abc import Iterator, Sequence

import rich.table
from inmanta import compiler, config, module
from inmanta.export import Exporter
from inmanta.protocol.common import Result
from inmanta_lsm import const, model

from demo.project import MODEL
from demo.screen import output

EXAMPLE_CONFIGURATION = pathlib.Path(__file__).parents[1] / "files" / "integration-example-config.yml"


class Recorder:
    """
    Stands in for the orchestrator's catalog: it has no service yet, and keeps those that it is sent.

    :param definitions: what it was sent
    """

    def __init__(self) -> None:
        self.definitions: list[model.ServiceEntity] = []

    def lsm_service_catalog_get_entity(self, **_arguments: object) -> Result:
        """Answer that there is no such service."""
        return Result(code=404, result={})

    def lsm_service_catalog_create_entity(self, tid: uuid.UUID, service_entity_definition: model.ServiceEntity) -> Result:
        """
        Keep a definition.

        :param tid: the environment
        :param service_entity_definition: the definition
        """
        self.definitions.append(service_entity_definition)
        return Result(code=200, result={"data": service_entity_definition.model_dump(mode="json")})


@contextlib.contextmanager
def example_project() -> Iterator[pathlib.Path]:
    """
    Make a project that offers both services with the example configuration, and remove it at the end.

    :return: its folder
    """
    with tempfile.TemporaryDirectory(prefix="integration-example-") as name:
        folder = pathlib.Path(name)
        (folder / "project.yml").write_text("name: catalog\nmodulepath: libs\n")
        (folder / "main.cf").write_text(MODEL)
        (folder / "libs").mkdir()
        (folder / "files").mkdir()
        shutil.copy(EXAMPLE_CONFIGURATION, folder / "files")
        yield folder


def export(project: pathlib.Path) -> list[model.ServiceEntity]:
    """
    Compile a project as for its catalog.

    The compiler keeps its state in the process, so this is done once in the life of one.

    :param project: its folder
    :return: the definitions of its services
    :raises Exception: when the project does not compile, as the compiler raises it
    """
    config.Config.load_config()
    config.Config.set("config", "environment", str(uuid.uuid4()))
    os.environ[const.ENV_NO_INSTANCES] = "true"
    module.Project.set(module.Project(str(project)))
    types, _ = compiler.do_compile()

    # Only known once the project is loaded: a v1 module would come from its libs folder.
    from inmanta_plugins import lsm

    recorder = Recorder()
    client = lsm.global_cache.get_client()
    for name in ("lsm_service_catalog_get_entity", "lsm_service_catalog_create_entity"):
        setattr(client, name, getattr(recorder, name))
    exporter = Exporter()
    exporter.types = types  # type: ignore[assignment]
    exporter.run_export_plugin("service_entities_exporter")
    return recorder.definitions


def attributes_table(entity: model.ServiceEntity) -> rich.table.Table:
    """
    Lay out the attributes of a service, with those of its embedded entities below the relation that leads to them.

    :param entity: the service
    :return: the table
    """
    table = rich.table.Table(
        title=f"{entity.name}: {entity.description}", title_justify="left", title_style="bold", expand=True
    )
    for header, options in {
        "attribute": {"no_wrap": True},
        "type": {"no_wrap": True},
        "modifier": {},
        "default": {},
        "description": {"ratio": 1},
    }.items():
        table.add_column(header, **typing.cast("dict[str, typing.Any]", options))

    def add(part: model.ServiceEntity | model.EmbeddedServiceEntity, keys: Sequence[str], depth: int) -> None:
        indent = "  " * depth
        for attribute in part.attributes:
            default = (
                ("null" if attribute.default_value is None else str(attribute.default_value))
                if attribute.default_value_set
                else ""
            )
            table.add_row(
                f"{indent}{attribute.name}{' *' if attribute.name in keys else ''}",
                attribute.type if attribute.validation_type is None else f"{attribute.type} ({attribute.validation_type})",
                attribute.modifier,
                default,
                attribute.description,
            )
        for relation in part.inter_service_relations:
            table.add_row(
                f"{indent}{relation.name}", relation.entity_type + arity(relation), relation.modifier, "", relation.description
            )
        for embedded in part.embedded_entities:
            table.add_row(
                f"{indent}{embedded.name}", f"{embedded.type}{arity(embedded)}", embedded.modifier, "", embedded.description
            )
            add(embedded, embedded.key_attributes or (), depth + 1)

    add(entity, [entity.service_identity] if entity.service_identity else [], 0)
    table.caption = "* identity of the service, or key of the embedded entity"
    return table


def arity(relation: model.EmbeddedServiceEntity | model.InterServiceRelation) -> str:
    """
    :param relation: a relation
    :return: how many it holds, as the model writes it
    """
    if relation.upper_limit == relation.lower_limit:
        return f" [{relation.lower_limit}]"
    return f" [{relation.lower_limit}:{'' if relation.upper_limit is None else relation.upper_limit}]"


def lifecycle_table(lifecycle: model.Lifecycle) -> rich.table.Table:
    """
    Lay out a lifecycle: its states, and where each of them leads to.

    :param lifecycle: the lifecycle
    :return: the table
    """
    table = rich.table.Table(
        title=f"lifecycle {lifecycle.name}, starting in {lifecycle.initial_state}", title_justify="left", expand=True
    )
    table.add_column("state", no_wrap=True)
    table.add_column("exports", no_wrap=True)
    table.add_column("leads to", ratio=1)
    triggers = ("auto", "on_update", "on_delete", "api_set_state", "resource_based")
    for state in lifecycle.states:
        edges = []
        for transfer in lifecycle.transfers:
            if transfer.source == state.name:
                trigger = ", ".join(trigger for trigger in triggers if getattr(transfer, trigger))
                target = transfer.target + ("" if transfer.error is None else f", or {transfer.error}")
                edges.append(f"{trigger}{', validated' if transfer.validate_ else ''}: {target}")
        exports = "purged" if state.purge_resources else "yes" if state.export_resources else "no"
        table.add_row(state.name, exports, "\n".join(edges))
    return table


def main() -> None:
    """Compile the example project and print its catalog."""
    console = output(width=160)
    with example_project() as project:
        definitions = export(project)
    lifecycles = {definition.lifecycle.name: definition.lifecycle for definition in definitions}
    for definition in definitions:
        console.print(attributes_table(definition))
        console.print(f"identity {definition.service_identity}, lifecycle {definition.lifecycle.name}\n")
    for lifecycle in lifecycles.values():
        console.print(lifecycle_table(lifecycle))


if __name__ == "__main__":
    main()
