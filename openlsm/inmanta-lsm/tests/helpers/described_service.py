"""A service with every kind of attribute, and attribute sets for it, for tests of the rules of attribute sets."""

import uuid
from typing import Any

from hypothesis import strategies as st
from inmanta_lsm.model import (
    EmbeddedServiceEntity,
    InterServiceRelation,
    Lifecycle,
    Modifier,
    ServiceAttribute,
    ServiceEntity,
    State,
)

LIFECYCLE = Lifecycle(
    name="one state", initial_state="start", states=[State(name="start", export_resources=False)], transfers=[]
)


def attribute(name: str, type_name: str, modifier: Modifier = "rw+", **fields: Any) -> ServiceAttribute:
    """Describe an attribute, with the default that is given, if any."""
    if "default" in fields:
        fields |= {"default_value": fields.pop("default"), "default_value_set": True}
    return ServiceAttribute(name=name, type=type_name, modifier=modifier, **fields)


def service(*attributes: ServiceAttribute, **fields: Any) -> ServiceEntity:
    """Describe a service."""
    described: dict[str, Any] = {
        "environment": uuid.UUID(int=0),
        "name": "service",
        "attributes": list(attributes),
        "lifecycle": LIFECYCLE,
    }
    return ServiceEntity(**(described | fields))


PORT = [
    attribute("number", "int", "rw"),
    attribute("label", "string", "rw+", default=""),
    attribute("color", "string", "rw", default="black"),
    attribute("vlan_id", "int", "r"),
]


def embedded(name: str, modifier: Modifier, upper: int | None, **fields: Any) -> EmbeddedServiceEntity:
    """Describe a relation to ports."""
    described: dict[str, Any] = {
        "name": name,
        "type": "Port",
        "modifier": modifier,
        "lower_limit": 0,
        "upper_limit": upper,
        "key_attributes": ["number"] if upper != 1 else None,
        "attributes": PORT,
    }
    return EmbeddedServiceEntity(**(described | fields))


def rich_service(*, strict: bool) -> ServiceEntity:
    """Describe a service with every modifier on every kind of attribute."""
    return service(
        attribute("name", "string", "rw"),
        attribute("size", "int", "rw+", default=1),
        attribute("note", "string?", "rw+"),
        attribute("tags", "string[]", "rw", default=[]),
        attribute("address", "string", "r"),
        strict_modifier_enforcement=strict,
        service_identity="name",
        embedded_entities=[
            embedded("ports", "rw+", None),
            embedded("fixed_ports", "rw", None),
            embedded("uplink", "rw", 1),
            embedded("spare", "rw+", 1),
        ],
        inter_service_relations=[
            InterServiceRelation(name="parent", entity_type="service", modifier="rw", lower_limit=0, upper_limit=1),
            InterServiceRelation(name="peers", entity_type="service", modifier="rw+", lower_limit=0),
        ],
    )


def ports(least: int = 0) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Ports as users give them, each with another number."""
    port = st.fixed_dictionaries(
        {"number": st.integers(0, 3)}, optional={"label": st.text("ab", max_size=2), "color": st.sampled_from(["black", "red"])}
    )
    return st.lists(port, min_size=least, max_size=3, unique_by=lambda element: element["number"])


def single_port() -> st.SearchStrategy[dict[str, Any] | None]:
    """A port as a user gives it, or none."""
    return ports().map(lambda elements: elements[0] if elements else None)


REFERENCES = st.sampled_from([str(uuid.UUID(int=number)) for number in range(3)])

BODIES = st.fixed_dictionaries(
    {"name": st.text("ab", max_size=2)},
    optional={
        "size": st.integers(0, 3),
        "note": st.none() | st.text("ab", max_size=2),
        "tags": st.lists(st.text("ab", max_size=2), max_size=2),
        "ports": ports(),
        "fixed_ports": ports(),
        "uplink": single_port(),
        "spare": single_port(),
        "parent": st.none() | REFERENCES,
        "peers": st.lists(REFERENCES, max_size=2),
    },
)
"""What users give when they create an instance of the rich service."""

TEXTS = st.text(st.characters(exclude_categories=()), max_size=5)
"""Texts of any characters, NUL and halves of surrogate pairs included."""

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
"""What python reads from JSON."""

MODIFIED_BODIES = st.dictionaries(
    st.sampled_from(["name", "size", "note", "tags", "address", "ports", "uplink", "parent", "peers", "unknown", "\0"]),
    ANY_JSON,
)
"""Attributes of the rich service with any values."""
