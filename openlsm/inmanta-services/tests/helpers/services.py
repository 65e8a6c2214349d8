"""
Services for the tests. Their lifecycle has no state that exports anything, so that an order takes no compile: what is ordered
is there at once.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from inmanta_lsm.model import (
    EmbeddedServiceEntity,
    InterServiceRelation,
    Lifecycle,
    ServiceAttribute,
    ServiceEntity,
    State,
    StateTransfer,
)

NETWORK, PORT, NOTE, RACK, FRAGILE = "Network", "Port", "Note", "Rack", "Fragile"

QUIET = Lifecycle(
    name="quiet",
    initial_state="active",
    states=[
        State(name="active", label="success", export_resources=False),
        State(name="parked", label="info", export_resources=False),
        State(name="gone", export_resources=False, deleted=True),
    ],
    transfers=[
        StateTransfer(source="active", target="active", on_update=True),
        StateTransfer(source="active", target="gone", on_delete=True),
        StateTransfer(source="active", target="parked", api_set_state=True),
        StateTransfer(source="parked", target="active", api_set_state=True),
        StateTransfer(source="parked", target="gone", on_delete=True),
    ],
)
"""Updates and deletions are done at once; a parked instance cannot be updated."""

VALIDATED = Lifecycle(
    name="validated",
    initial_state="start",
    states=[
        State(name="start", export_resources=False, validate_self="candidate"),
        State(name="active", label="success", export_resources=False),
        State(name="rejected", label="danger", export_resources=False),
        State(name="gone", export_resources=False, deleted=True),
    ],
    transfers=[
        StateTransfer(source="start", target="active", error="rejected", auto=True, validate_=True),
        StateTransfer(source="rejected", target="gone", on_delete=True),
    ],
)
"""Everything waits for a compile, which fails where there is no project."""


def attribute(name: str, type_: str, modifier: str = "rw+", **others: Any) -> ServiceAttribute:
    """
    An attribute.

    :param name: its name.
    :param type_: its type.
    :param others: its other fields.
    """
    return ServiceAttribute.model_validate({"name": name, "type": type_, "modifier": modifier, **others})


def optional(name: str, type_: str, default: Any = None, modifier: str = "rw+") -> ServiceAttribute:
    """
    An attribute that may be left out.

    :param name: its name.
    :param type_: its type.
    :param default: what it is then.
    """
    return attribute(name, type_, modifier, default_value=default, default_value_set=True)


def embedded(name: str, attributes: Sequence[ServiceAttribute], **others: Any) -> EmbeddedServiceEntity:
    """
    An embedded entity.

    :param name: of the relation to it.
    :param attributes: its attributes.
    :param others: its other fields.
    """
    fields = {"modifier": "rw+", "lower_limit": 0, **others, "name": name, "attributes": attributes}
    return EmbeddedServiceEntity.model_validate(fields)


def relation(name: str, service: str, upper: int | None, modifier: str = "rw+") -> InterServiceRelation:
    """
    A relation that may be left empty.

    :param name: its name.
    :param service: the service that it leads to.
    :param upper: how many instances it leads to at most.
    """
    return InterServiceRelation.model_validate(
        {"name": name, "entity_type": service, "modifier": modifier, "lower_limit": 0, "upper_limit": upper}
    )


def service(name: str, attributes: Sequence[ServiceAttribute], **others: Any) -> ServiceEntity:
    """
    A service.

    :param name: its name.
    :param attributes: its attributes.
    :param others: its other fields.
    """
    fields: Mapping[str, Any] = {"service_identity": "name", "strict_modifier_enforcement": True, "lifecycle": QUIET, **others}
    return ServiceEntity.model_validate({**fields, "environment": uuid.UUID(int=0), "name": name, "attributes": attributes})


NAME = attribute("name", "string", "rw")
NUMBER = attribute("number", "int?", "r")

HOSTS = embedded("hosts", [attribute("address", "string", "rw"), optional("weight", "int", 1)], key_attributes=["address"])

SERVICES = [
    service(
        NETWORK,
        [
            NAME,
            NUMBER,
            optional("size", "int", 10),
            optional("kind", "string", "lan", modifier="rw"),
            optional("note", "string?"),
        ],
        embedded_entities=[
            embedded(
                "rules",
                [attribute("key", "string", "rw"), attribute("sequence", "int?", "r"), optional("action", "string", "allow")],
                key_attributes=["key"],
                embedded_entities=[HOSTS],
            ),
            embedded("owner", [attribute("person", "string", "rw+"), optional("phone", "string?")], upper_limit=1),
        ],
    ),
    service(
        PORT,
        [NAME, optional("password", "string?"), optional("tags", "string[]", [])],
        inter_service_relations=[relation("network", NETWORK, 1), relation("peers", PORT, None)],
    ),
    service(
        NOTE,
        [NAME, optional("text", "string", "")],
        strict_modifier_enforcement=False,
        embedded_entities=[embedded("lines", [attribute("content", "string", "rw")])],
        inter_service_relations=[relation("about", NETWORK, 1)],
    ),
    service(RACK, [optional("height", "int", 42)], service_identity=None),
    service(FRAGILE, [NAME], lifecycle=VALIDATED),
]

BY_NAME = {entity.name: entity for entity in SERVICES}
