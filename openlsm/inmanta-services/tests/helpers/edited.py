"""Edits applied to an attribute set, as the documentation of LSM says what they do."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from inmanta.util.dict_path import to_path
from inmanta_lsm.model import EditOperation, EmbeddedServiceEntity, PatchCallEdit, ServiceEntity
from inmanta_services.attributes.assignments import member_at


def edited(entity: ServiceEntity, base: Mapping[str, Any], edits: Sequence[PatchCallEdit]) -> dict[str, Any]:
    """
    The attribute set after edits.

    :param entity: the service.
    :param base: the attribute set.
    :param edits: the edits.
    """
    attributes: dict[str, Any] = copy.deepcopy(dict(base))
    for edit in edits:
        path = to_path(edit.target)
        match edit.operation:
            case EditOperation.replace:
                path.set_element(attributes, copy.deepcopy(edit.value), construct=False)
            case EditOperation.remove:
                path.get_element(attributes)
                path.remove(attributes)
            case EditOperation.merge:
                relation = member_at(entity, path)
                there = path.get_element(attributes)
                assert isinstance(relation, EmbeddedServiceEntity)
                assert isinstance(there, list)
                there.extend(copy.deepcopy(edit.value))
    return entity.add_defaults(attributes)
