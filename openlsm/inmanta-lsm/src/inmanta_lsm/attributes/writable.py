"""Attribute sets without what only the allocation may write."""

from collections.abc import Mapping
from typing import Any

from inmanta_lsm.model import ServiceAttributeHolder


def without_read_only(holder: ServiceAttributeHolder, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """
    Leave out the attributes and relations with modifier ``r``, inside embedded entities too.

    What is left is what a user may give to create the same instance again.

    :param holder: the definition of the service entity or of the embedded entity
    :param attributes: the attribute set, which is not changed
    :return: the part of the set that users write
    """
    read_only = {member.name for member in holder.members if member.modifier == "r"}
    visible = {name: value for name, value in attributes.items() if name not in read_only}
    return holder.map_embedded(visible, without_read_only)
