"""Which service instances refer to a service instance."""

import json
import uuid
from collections.abc import Iterator, Mapping

import asyncpg

from inmanta_lsm.data import documents
from inmanta_lsm.model import ServiceAttributeHolder


def relation_paths(holder: ServiceAttributeHolder, service_entity: str, path: str = "$") -> Iterator[str]:
    """
    Find the places in an attribute set where references to instances of a service are.

    :param holder: the definition of the service entity or of the embedded entity that may refer to them
    :param service_entity: the name of the service that is referred to
    :param path: the JSON path of the entity inside the attribute set
    :return: the JSON paths of the relations, which go through lists by themselves
    """
    for relation in holder.inter_service_relations:
        if relation.entity_type == service_entity:
            yield f"{path}.{json.dumps(relation.name)}[*]"
    for embedded in holder.embedded_entities:
        yield from relation_paths(embedded, service_entity, f"{path}.{json.dumps(embedded.name)}[*]")


async def referring_instances(
    environment: uuid.UUID,
    paths: Mapping[tuple[str, int], list[str]],
    instance: uuid.UUID,
    connection: asyncpg.Connection | None = None,
) -> list[uuid.UUID]:
    """
    Find the instances that are not deleted and refer to an instance in any of their attribute sets.

    :param paths: for each service entity version, by name and number, the JSON paths of the relations that may refer to it
    :param instance: the instance that is referred to
    :param connection: the connection to use, otherwise one from the pool
    :return: the ids of the referring instances, sorted
    """
    places = [(name, version, relations) for (name, version), relations in paths.items() if relations]
    names, versions, predicates = (
        [name for name, _, _ in places],
        [version for _, version, _ in places],
        # Ids are compared as they are stored: in the canonical form.
        [" || ".join(f'{path} == "{instance}"' for path in relations) for _, _, relations in places],
    )
    async with documents.ServiceInstance.get_connection(connection) as con:
        # The index knows which instances hold the id at all; whether that is a reference is up to their service.
        records = await con.fetch(
            f"""
            SELECT instance.id
            FROM {documents.ServiceInstance.table_name()} AS instance
            INNER JOIN unnest($3::varchar[], $4::int[], $5::text[]) AS place (service_entity, version, predicate)
                ON place.service_entity = instance.service_entity AND place.version = instance.service_entity_version
            WHERE instance.environment = $1 AND NOT instance.deleted
                AND public.lsm_ids_in_sets(candidate_attributes, active_attributes, rollback_attributes) ? $2
                AND (
                    candidate_attributes @@ place.predicate::jsonpath
                    OR active_attributes @@ place.predicate::jsonpath
                    OR rollback_attributes @@ place.predicate::jsonpath
                )
            ORDER BY instance.id
            """,
            environment,
            str(instance),
            names,
            versions,
            predicates,
        )
    return [record["id"] for record in records]
