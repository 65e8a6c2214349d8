"""Which relations lead out of the tree of owner and owned services, so that a partial compile has to be told of them."""

from service_generator.model.services import Entity, Service

type Related = list[tuple[str, list[tuple[tuple[str, ...], str]]]]


def relations_outside(services: list[Service]) -> Related:
    """
    For each service, the ways to its relations to services outside of its tree, with the names of those in the catalog.

    :param services: the services of a module
    """
    names = {service.entity.full_name: service.catalog_name for service in services}
    for service in services:
        # Versions that share an abstract base are found through it.
        if service.entity.base is not None:
            names.setdefault(service.entity.base.full_name, service.catalog_name)
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for service in services:
        for way in _ways(service.entity, (), names):
            if way not in found.setdefault(service.catalog_name, []):
                found[service.catalog_name].append(way)
    return [(name, ways) for name, ways in found.items() if ways]


def _ways(entity: Entity, above: tuple[str, ...], names: dict[str, str]) -> list[tuple[tuple[str, ...], str]]:
    ways = [
        ((*above, relation.name), names.get(f"{relation.target_namespace}::{relation.target}", ""))
        for relation in entity.all_services()
        if not relation.is_owner
    ]
    for embedded in entity.all_embedded():
        ways += _ways(embedded.target, (*above, embedded.name), names)
    return ways
