"""The inventory written as files."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from inmanta_lsm.model import InterServiceRelation, ServiceInstance

from inmanta_services.attributes.completion import without_defaults
from inmanta_services.attributes.members import base_of
from inmanta_services.attributes.relations import translated
from inmanta_services.declarations.state import State
from inmanta_services.yaml_documents import dump

_UNSAFE = re.compile(r"[^A-Za-z0-9._@-]+")


@dataclass(frozen=True)
class File:
    """
    A file with the declaration of an instance.

    :ivar path: relative to the folder of the inventory.
    """

    path: PurePosixPath
    content: str


def files(
    state: State,
    instances: Sequence[ServiceInstance],
    known: Mapping[tuple[str, str], PurePosixPath],
    schema: str,
) -> Iterator[File]:
    """
    Declare instances in files, one each, such that a plan for them is empty.

    :param state: what the orchestrator has.
    :param instances: what to declare.
    :param known: the files that declare instances already, by service and identity or id.
    :param schema: the JSON schema of the files, relative to the folder of the inventory.
    """
    taken = {PurePosixPath(str(path).lower()) for path in known.values()}
    for instance in sorted(instances, key=lambda one: (one.service_entity, one.created_at, str(one.id))):
        path = known.get((instance.service_entity, key_of(instance))) or _free(instance, taken)
        taken.add(PurePosixPath(str(path).lower()))
        to_schema = "../" * (len(path.parts) - 1) + schema
        header = f"# yaml-language-server: $schema={to_schema}\n"
        yield File(path, header + declaration_of(state, instance))


def declaration_of(state: State, instance: ServiceInstance) -> str:
    """
    The document that declares an instance.

    :param state: what the orchestrator has.
    :param instance: the instance.
    """
    entity = state.entity_of(instance)
    attributes = translated(entity, without_defaults(entity, base_of(instance)), _names(state))
    given_id = {} if entity.service_identity is not None else {"id": str(instance.id)}
    return dump({"service": instance.service_entity, **given_id, "attributes": attributes})


def key_of(instance: ServiceInstance) -> str:
    """
    What tells an instance from the others of its service.

    :param instance: the instance.
    """
    return instance.service_identity_attribute_value or str(instance.id)


def _names(state: State) -> Callable[[InterServiceRelation, str], str]:
    """
    Make a translation from ids to identities.

    :param state: what the orchestrator has.
    """

    def name(relation: InterServiceRelation, key: str) -> str:
        other = state.find(relation.entity_type, key)
        identity = None if other is None else other.service_identity_attribute_value
        if identity is None:
            return key
        # An identity that begins like a name with its service would be read as such a name.
        return f"{relation.entity_type}/{identity}" if identity.startswith(f"{relation.entity_type}/") else identity

    return name


def _free(instance: ServiceInstance, taken: set[PurePosixPath]) -> PurePosixPath:
    """
    A path that no other file has, also where upper and lower case are the same.

    :param instance: the instance.
    :param taken: the paths of others, in lower case.
    """
    stem = _UNSAFE.sub("-", key_of(instance)).strip(".-")[:100] or str(instance.id)
    path = PurePosixPath(instance.service_entity, f"{stem}.yml")
    if PurePosixPath(str(path).lower()) in taken:
        path = PurePosixPath(instance.service_entity, f"{stem}-{instance.id}.yml")
    return path
