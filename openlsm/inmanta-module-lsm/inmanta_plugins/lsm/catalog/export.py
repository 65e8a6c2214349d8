"""Export of the services of the model to the service catalog."""

import logging
import uuid
from collections.abc import Mapping, Sequence

from inmanta.ast.type import Type
from inmanta.export import Exporter, export
from inmanta.protocol.common import Result
from inmanta_lsm.model import ServiceEntity
from inmanta_plugins.lsm import compile_mode
from inmanta_plugins.lsm.cache import data_of, global_cache
from inmanta_plugins.lsm.catalog.bound_services import BINDINGS, ServiceDirectory, all_bindings, read_services
from inmanta_plugins.lsm.catalog.entries import CatalogEntry, build_catalog

LOGGER = logging.getLogger(__name__)

type Bindings = Mapping[str, Sequence[object]]
"""The bindings of the model, by type."""


def do_export_service_entities(exporter: Exporter, types: Bindings, strict: bool) -> None:
    """
    Send the definitions of services to the catalog. Nothing is sent unless all of them are right. Services that are not bound
    any longer stay in the catalog.

    :param exporter: the exporter of the compile
    :param types: the bindings to export, by type; a type may be missing
    :param strict: whether the server has to refuse definitions that change the attributes of existing service instances
    :raises CatalogError: a service breaks a rule of the catalog
    :raises PluginException: the server refused a definition
    """
    environment = uuid.UUID(compile_mode.environment())
    model: Mapping[str, Type] = exporter.types or {}
    directory = ServiceDirectory(read_services(all_bindings(model)))
    for entry in build_catalog(environment, read_services(types), directory, model):
        _send(environment, entry, strict)
        LOGGER.info("Service %s is exported to the catalog", entry.name)


@export("service_entities_exporter", *BINDINGS)
def export_service_entities(exporter: Exporter, types: Bindings) -> None:
    """
    Export the services of the model; the attributes of existing instances are adapted to the new definitions.

    :param exporter: the exporter of the compile
    :param types: the bindings of the model, by type
    """
    do_export_service_entities(exporter, types, False)


@export("service_entities_exporter_strict", *BINDINGS)
def export_service_entities_strict(exporter: Exporter, types: Bindings) -> None:
    """
    Export the services of the model, unless the attributes of an existing instance would have to change.

    :param exporter: the exporter of the compile
    :param types: the bindings of the model, by type
    """
    do_export_service_entities(exporter, types, True)


def _send(environment: uuid.UUID, entry: CatalogEntry, strict: bool) -> None:
    client = global_cache.get_client()
    result: Result
    if entry.default_version is not None:
        result = client.lsm_service_catalog_update_entity_versions(
            tid=environment,
            service_entity=entry.name,
            service_entity_definitions=list(entry.versions),
            default_version=entry.default_version,
        )
    else:
        result = _send_single_version(environment, entry.versions[0], strict)
    data_of(result, f"Service {entry.name} could not be exported to the catalog")


def _send_single_version(environment: uuid.UUID, definition: ServiceEntity, strict: bool) -> Result:
    client = global_cache.get_client()
    result = client.lsm_service_catalog_get_entity(tid=environment, service_entity=definition.name)
    if result.code == 404:
        return client.lsm_service_catalog_create_entity(tid=environment, service_entity_definition=definition)
    data_of(result, f"Service {definition.name} could not be looked up in the catalog")
    return client.lsm_service_catalog_update_entity(
        tid=environment,
        service_entity=definition.name,
        service_entity_definition=definition,
        allow_instance_updates=not strict,
    )
