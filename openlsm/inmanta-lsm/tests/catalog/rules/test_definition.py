"""Which definitions of services are sound."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.catalog.rules.definition import check_definition
from inmanta_lsm.catalog.rules.lifecycle import doubtful_flows
from inmanta_lsm.model import InterServiceRelation, Lifecycle, ServiceEntity, State, StateTransfer
from pydantic import ValidationError

from ...helpers.described_service import ANY_JSON, LIFECYCLE, attribute, embedded, rich_service, service
from ...helpers.simple_lifecycle import SIMPLE

IN, OUT = State(name="in", export_resources=True), State(name="out", export_resources=False)
OTHER = State(name="other", export_resources=True)


def lifecycle(*transfers: StateTransfer, **fields: Any) -> Lifecycle:
    """A lifecycle of three states."""
    described: dict[str, Any] = {"name": "l", "initial_state": "out", "states": [IN, OUT, OTHER], "transfers": list(transfers)}
    return Lifecycle(**(described | fields))


def edge(source: str = "in", target: str = "other", **fields: Any) -> StateTransfer:
    """An edge."""
    return StateTransfer(source=source, target=target, **fields)


@pytest.mark.parametrize("entity", [rich_service(strict=True), rich_service(strict=False), service(lifecycle=SIMPLE)])
def test_a_sound_definition_is_accepted(entity: ServiceEntity) -> None:
    check_definition(entity)


ON_THE_WAY = "on the way from in to out, as only one of these states exports resources."

BROKEN_LIFECYCLES = [
    (lifecycle(states=[IN, OUT, IN]), "Lifecycle l defines state in more than once."),
    (lifecycle(initial_state="x"), "Lifecycle l has no state x, which is the initial state."),
    (lifecycle(alternative_initial_states=["x"]), "Lifecycle l has no state x, which is an alternative initial state."),
    (lifecycle(edge("x")), "Lifecycle l has no state x, which is the source of the transfer x -> other."),
    (lifecycle(edge(target="x")), "Lifecycle l has no state x, which is the target of the transfer in -> x."),
    (lifecycle(edge(error="x")), "Lifecycle l has no state x, which is the error state of the transfer in -> other."),
    (
        lifecycle(edge(on_update=True, validate_=True)),
        "Lifecycle l: the transfer in -> other cannot validate, only auto and api_set_state transfers can.",
    ),
    (
        lifecycle(edge(on_update=True), edge(target="out", on_update=True)),
        "Lifecycle l has more than one on_update transfer from state in.",
    ),
    (
        lifecycle(edge(on_delete=True), edge(target="out", on_delete=True)),
        "Lifecycle l has more than one on_delete transfer from state in.",
    ),
    (
        lifecycle(edge(resource_based=True), edge(target="out", resource_based=True)),
        "Lifecycle l has more than one resource_based transfer from state in.",
    ),
    (
        lifecycle(edge(api_set_state=True), edge(api_set_state=True)),
        "Lifecycle l has more than one api_set_state transfer from state in to state other.",
    ),
    (
        lifecycle(edge(target="out", auto=True, target_same_desired_state=True)),
        f"Lifecycle l: the transfer in -> out cannot keep the desired state {ON_THE_WAY}",
    ),
    (
        lifecycle(edge(error="out", auto=True, error_same_desired_state=True)),
        f"Lifecycle l: the transfer in -> other cannot keep the desired state {ON_THE_WAY}",
    ),
]


@pytest.mark.parametrize(("broken", "sentence"), BROKEN_LIFECYCLES)
def test_a_lifecycle_that_is_wrong_in_any_case_is_refused(broken: Lifecycle, sentence: str) -> None:
    with pytest.raises(RuleViolationError) as refusal:
        check_definition(service(lifecycle=broken))

    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "sound",
    [
        lifecycle(edge(auto=True, validate_=True, error=None)),
        lifecycle(edge(api_set_state=True), edge(target="out", api_set_state=True)),
        lifecycle(edge(auto=True), edge(target="out", auto=True)),
        lifecycle(edge(on_update=True, on_delete=True, resource_based=True, auto=True, api_set_state=True, validate_=True)),
        lifecycle(edge(auto=True, target_same_desired_state=True, error="out")),
        lifecycle(edge(resource_based=True, config_name="ignored")),
    ],
)
def test_a_lifecycle_may_be_unusual(sound: Lifecycle) -> None:
    check_definition(service(lifecycle=sound))


def test_a_flow_that_cannot_go_on_with_optimization_is_told() -> None:
    stuck = lifecycle(
        edge("in", "other", resource_based=True, target_same_desired_state=True), edge("other", "in", resource_based=True)
    )
    fine = lifecycle(
        edge("in", "other", resource_based=True, target_same_desired_state=True), edge("other", "other", resource_based=True)
    )

    assert len(doubtful_flows(stuck)) == 1
    assert doubtful_flows(fine) == []
    assert doubtful_flows(SIMPLE) == []


def relation(name: str, entity_type: str) -> InterServiceRelation:
    """A relation to another service."""
    return InterServiceRelation(name=name, entity_type=entity_type, modifier="rw", lower_limit=1, upper_limit=1)


NAME = attribute("name", "string", "rw")
PORTS = embedded("ports", "rw+", None)
READ_ONLY = [described.model_copy(update={"modifier": "r"}) for described in PORTS.attributes]

BROKEN_ENTITIES: list[tuple[ServiceEntity, str]] = [
    (service(name=""), "The names of services and states have 1 to 255 characters, '' has 0."),
    (service(version=-1), "Service service: the version is a number from 0 to 2147483647, not -1."),
    (service(attribute("", "string")), "Service service defines an attribute without a name"),
    (service(attribute(" ", "string")), "Service service defines an attribute without a name"),
    (service(embedded_entities=[embedded("", "rw", 1)]), "Service service defines an attribute without a name"),
    (service(inter_service_relations=[relation("", "other")]), "Service service defines an attribute without a name"),
    (service(inter_service_relations=[relation("a", "")]), "Service service: relation a leads to no service: its entity_type"),
    (
        service(embedded_entities=[embedded("ports", "rw", 1, attributes=[attribute("", "string")])]),
        "Service service, embedded entity ports defines an attribute without a name",
    ),
    *(
        (service(attribute("a", name)), f"Service service: attribute a has the type {name!r}, which is none: give one of")
        for name in ("weird", "weird[]?", "", "[]", "str", "String", "int ", "string[", "x::", "::x", "x::y z")
    ),
    (service(attribute("a", "", validation_type="enum")), "Service service: attribute a has the type '', which is none"),
    (
        service(embedded_entities=[embedded("ports", "rw", 1, attributes=[attribute("a", "weird")])]),
        "Service service, embedded entity ports: attribute a has the type 'weird', which is none",
    ),
    (service(NAME, NAME), "Service service defines attribute name more than once."),
    (service(attribute("a\0", "int")), "The value of the definition of service 'service' holds a NUL character"),
    (service(NAME, service_identity="x"), "Service service: the service identity x is no attribute of the service."),
    (
        service(attribute("a", "string", "rw+"), service_identity="a"),
        "Service service: the service identity a must have modifier rw, not rw+.",
    ),
    (
        service(attribute("a", "string?", "rw"), service_identity="a"),
        "Service service: the service identity a must be a required string or int, not string?.",
    ),
    (
        service(attribute("a", "bool", "rw"), service_identity="a"),
        "Service service: the service identity a must be a required string or int, not bool.",
    ),
    (
        service(owner="other"),
        "Service service: the service has an owner, other, so relation_to_owner must be the name of the relat",
    ),
    (
        service(attribute("a", "int", default="x")),
        'Service service: the default does not fit. Attribute a must be an integer, not "x".',
    ),
    (
        service(attribute("a", "string", validation_type="enum", validation_parameters={"names": {}})),
        "Service service: the enumeration of attribute a has no values.",
    ),
    (
        service(attribute("a", "string", validation_type="pydantic.constr", validation_parameters={"regex": "("})),
        "Service service, attribute a: Validation type pydantic.constr cannot take the parameters",
    ),
    (
        service(attribute("a", "int", validation_type="pydantic.conint", validation_parameters={"unknown": 1})),
        "Service service, attribute a: Validation type pydantic.conint cannot take the parameters",
    ),
    (
        service(embedded_entities=[embedded("ports", "rw", 0)]),
        "Service service: relation ports has the limits 0 and 0, the lower one has to be at least 0 and the u",
    ),
    (
        service(embedded_entities=[embedded("ports", "rw", None, key_attributes=["x"])]),
        "Service service, embedded entity ports: key attribute x is no plain attribute of the entity.",
    ),
    (
        service(strict_modifier_enforcement=True, embedded_entities=[embedded("ports", "rw", 2, key_attributes=None)]),
        "Service service, embedded entity ports: the relation can hold several entities, so strict modifier e",
    ),
    (
        service(strict_modifier_enforcement=True, embedded_entities=[embedded("ports", "rw", None, key_attributes=["label"])]),
        "Service service, embedded entity ports: key attribute label cannot have modifier rw+",
    ),
    (
        service(strict_modifier_enforcement=True, embedded_entities=[embedded("ports", "r", None)]),
        "Service service, embedded entity ports: attribute number has modifier rw, but the relation has modif",
    ),
    (
        service(
            strict_modifier_enforcement=True,
            embedded_entities=[embedded("ports", "rw", 1, embedded_entities=[embedded("inner", "rw", 2, key_attributes=[])])],
        ),
        "Service service, embedded entity ports, embedded entity inner: the relation can hold several entities",
    ),
]


@pytest.mark.parametrize(("broken", "sentence"), BROKEN_ENTITIES, ids=[sentence[-60:] for _, sentence in BROKEN_ENTITIES])
def test_a_definition_that_breaks_a_rule_is_refused(broken: ServiceEntity, sentence: str) -> None:
    with pytest.raises(RuleViolationError) as refusal:
        check_definition(broken)

    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize(
    "sound",
    [
        service(attribute("a", "int", "rw"), service_identity="a"),
        service(attribute("a", "string", "rw", validation_type="pydantic.constr"), service_identity="a"),
        service(attribute("a", "int?", "r", default=None)),
        service(attribute("a", "int", "r", default=None)),
        service(attribute("a", "x::y_t", validation_type="unknown.type", default={"any": 1})),
        service(attribute("a", "port", validation_type="pydantic.conint")),
        *(
            service(attribute("a", name))
            for name in ("string", "int?", "float[]", "number[]?", "bool", "dict?", "list", "any", "x::y_t?", "a-b::c::d[]")
        ),
        service(embedded_entities=[embedded("ports", "r", None)]),
        service(embedded_entities=[embedded("ports", "rw", None, key_attributes=["label"])]),
        service(strict_modifier_enforcement=True, embedded_entities=[embedded("ports", "r", None, attributes=READ_ONLY)]),
        service(
            owner="other",
            relation_to_owner="parent",
            inter_service_relations=[relation("parent", "other")],
        ),
        service(relation_to_owner="anything"),
    ],
)
def test_a_definition_may_use_what_no_rule_forbids(sound: ServiceEntity) -> None:
    check_definition(sound)


PLACES = st.sampled_from(["name", "version", "attributes", "embedded_entities", "lifecycle", "entity_annotations", "owner"])


@given(changes=st.dictionaries(PLACES, ANY_JSON))
def test_any_definition_is_either_accepted_or_refused(changes: dict[str, Any]) -> None:
    try:
        entity = ServiceEntity.model_validate(rich_service(strict=True).model_dump(by_alias=True) | changes)
    except ValidationError:
        return
    with contextlib.suppress(RuleViolationError):
        check_definition(entity)


def test_the_described_lifecycle_is_sound() -> None:
    check_definition(service(lifecycle=LIFECYCLE))
