"""The data model, as clients use it."""

import datetime
import json
import uuid
from typing import Any

import pytest
from inmanta.const import ResourceState as CoreResourceState
from inmanta.util import api_boundary_json_encoder
from inmanta_lsm import const, model
from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.diagnose.model import FullDiagnosis
from inmanta_lsm.order import model as order_model
from pydantic import TypeAdapter, ValidationError

from ..helpers.simple_lifecycle import SIMPLE

NOW = datetime.datetime(2026, 1, 10, 10, tzinfo=datetime.UTC)

# The keywords with which clients build an instance: everything else has a default.
INSTANCE: dict[str, Any] = {
    "id": uuid.UUID(int=1),
    "environment": uuid.UUID(int=2),
    "service_entity": "vlan",
    "service_entity_version": 0,
    "version": 3,
    "desired_state_version": 3,
    "config": {},
    "state": "up",
    "candidate_attributes": None,
    "active_attributes": {"name": "a", "vlan_id": 12},
    "rollback_attributes": None,
    "created_at": NOW,
    "last_updated": NOW,
    "callback": [],
    "deleted": False,
    "deployment_progress": None,
    "service_identity_attribute_value": "a",
}

ENTITY: dict[str, Any] = {
    "environment": "36cd0000-0000-0000-0000-000000000000",
    "name": "mobileCore",
    "version": 0,
    "description": "A core",
    "attributes": [
        {
            "name": "epc_version",
            "description": "The version",
            "modifier": "rw+",
            "attribute_annotations": {},
            "type": "string",
            "default_value": "11.3.2-1",
            "default_value_set": True,
            "validation_type": "enum",
            "validation_parameters": {"value": "epc_version_t", "names": {"11.3.2-1": "11.3.2-1", "11.3.3-1": "11.3.3-1"}},
        },
        {
            "name": "system_id",
            "modifier": "r",
            "attribute_annotations": {},
            "type": "int?",
            "default_value": None,
            "default_value_set": True,
            "validation_type": None,
            "validation_parameters": None,
            "description": None,
        },
    ],
    "embedded_entities": [
        {
            "name": "ro_files",
            "type": "RoFiles",
            "description": None,
            "modifier": "rw+",
            "attribute_annotations": {},
            "entity_annotations": {},
            "lower_limit": 0,
            "upper_limit": None,
            "key_attributes": ["name"],
            "attributes": [
                {"name": "name", "modifier": "rw", "type": "string"},
                {"name": "size", "modifier": "rw", "type": "int", "default_value": 1, "default_value_set": True},
                {"name": "path", "modifier": "r", "type": "string"},
            ],
            "embedded_entities": [],
            "inter_service_relations": [
                {
                    "name": "parent_entity",
                    "description": None,
                    "modifier": "rw+",
                    "attribute_annotations": {},
                    "lower_limit": 1,
                    "upper_limit": 1,
                    "entity_type": "parent-service",
                }
            ],
        }
    ],
    "inter_service_relations": [],
    "entity_annotations": {},
    "lifecycle": {"name": "lsm::simple", "initial_state": "start", "states": [], "transfers": []},
    "service_identity": "name",
    "service_identity_display_name": "Mobile Core",
    "strict_modifier_enforcement": True,
    "owner": None,
    "relation_to_owner": None,
    "config": {},
    "owned_entities": [],
    "instance_summary": None,
    "unknown_key": 1,
}


def as_json(value: object) -> Any:
    """What a client gets to see of a value."""
    return json.loads(json.dumps(value, default=api_boundary_json_encoder))


def test_an_instance_is_built_from_the_documented_keywords_changed_and_dumped() -> None:
    instance = model.ServiceInstance(**INSTANCE)
    instance.state = "deleting"

    dumped = as_json(instance)

    assert (dumped["state"], dumped["transfer_context"], dumped["metadata"], dumped["referenced_by"]) == (
        "deleting",
        "stable",
        None,
        None,
    )
    assert dumped["created_at"] == "2026-01-10T10:00:00.000000+00:00"
    assert TypeAdapter(model.ServiceInstance).validate_python(dumped) == instance


def test_a_naive_time_is_taken_for_utc() -> None:
    assert model.ServiceInstance(**INSTANCE | {"created_at": "2026-01-10T10:00:00"}).created_at == NOW


def test_a_log_entry_gives_the_instance_it_is_about() -> None:
    fields = {name: value for name, value in INSTANCE.items() if name not in ("id", "deployment_progress")}

    log = model.ServiceInstanceLog(service_instance_id=INSTANCE["id"], timestamp=NOW, transfer_context="auto", **fields)

    assert log.to_service_instance() == model.ServiceInstance(**INSTANCE, transfer_context="auto")


def test_a_definition_keeps_everything_but_unknown_keys_and_the_order_of_its_keys() -> None:
    entity = model.ServiceEntity(**ENTITY)

    dumped = as_json(entity)

    parsed = ("unknown_key", "attributes", "embedded_entities", "lifecycle")
    assert {name: dumped[name] for name in ENTITY if name not in parsed} == {
        name: value for name, value in ENTITY.items() if name not in parsed
    }
    assert dumped["attributes"] == ENTITY["attributes"]
    assert (
        dumped["embedded_entities"][0]["inter_service_relations"] == ENTITY["embedded_entities"][0]["inter_service_relations"]
    )
    assert list(dumped)[:4] == ["attributes", "embedded_entities", "inter_service_relations", "entity_annotations"]
    assert "unknown_key" not in dumped
    assert model.ServiceEntity(**dumped) == entity


def test_defaults_are_added_inside_embedded_entities_too_and_the_original_stays() -> None:
    entity = model.ServiceEntity(**ENTITY)
    given = {"ro_files": [{"name": "a", "parent_entity": "x"}], "extra": 1}

    completed = entity.add_defaults(given)

    assert completed == {
        "extra": 1,
        "epc_version": "11.3.2-1",
        "system_id": None,
        "ro_files": [{"name": "a", "parent_entity": "x", "size": 1, "path": None}],
    }
    assert given == {"ro_files": [{"name": "a", "parent_entity": "x"}], "extra": 1}
    assert entity.add_defaults({})["ro_files"] == []


@pytest.mark.parametrize(
    ("modifier", "lower", "upper", "default"),
    [
        ("rw", 0, 1, {"x": None}),
        ("rw", 0, 2, {"x": []}),
        ("rw", 1, 1, {}),
        ("rw", 1, 2, {}),
        ("r", 1, 1, {"x": None}),
        ("r", 0, 2, {"x": []}),
    ],
)
def test_a_relation_that_is_left_out_is_empty_unless_it_is_required(
    modifier: model.Modifier, lower: int, upper: int, default: dict[str, Any]
) -> None:
    relation = model.InterServiceRelation(name="x", entity_type="y", modifier=modifier, lower_limit=lower, upper_limit=upper)
    entity = model.ServiceEntity(**ENTITY | {"attributes": [], "embedded_entities": [], "inter_service_relations": [relation]})

    assert entity.add_defaults({}) == default


def test_an_edge_is_called_validate_in_json_and_takes_both_names() -> None:
    by_alias = model.StateTransfer.model_validate({"source": "a", "target": "b", "validate": True})
    by_name = model.StateTransfer(source="a", target="b", validate_=True)

    assert by_alias == by_name
    assert by_name.validate_ is True
    assert as_json(by_name)["validate"] is True
    assert "validate_" not in as_json(by_name)


def test_a_lifecycle_finds_its_states_and_edges() -> None:
    assert SIMPLE.get_state("up").label == "success"
    assert SIMPLE.get_transfer(from_state="up", transfer_type=TransferTrigger.ON_UPDATE).target == "update_start"
    assert SIMPLE.get_transfer("update_rejected", TransferTrigger.API_SET_STATE, target_state="up").target == "up"
    with pytest.raises(KeyError, match="has no state x"):
        SIMPLE.get_state("x")
    with pytest.raises(KeyError, match="no AUTO transfer from state up"):
        SIMPLE.get_transfer("up", TransferTrigger.AUTO)
    with pytest.raises(KeyError, match="to state start"):
        SIMPLE.get_transfer("update_rejected", TransferTrigger.API_SET_STATE, target_state="start")


def test_states_and_edges_have_two_names() -> None:
    assert model.LifecycleState is model.State
    assert model.LifecycleTransfer is model.StateTransfer


@pytest.mark.parametrize("trigger", list(TransferTrigger))
def test_an_edge_has_the_triggers_of_its_flags(trigger: TransferTrigger) -> None:
    edge = model.StateTransfer.model_validate({"source": "a", "target": "b", trigger.value.lower(): True})

    assert [candidate for candidate in TransferTrigger if edge.has_trigger(candidate)] == [trigger]
    assert trigger.value == trigger.name


def test_an_operation_is_known_by_name_and_by_value() -> None:
    assert model.AttributeOperation("clear candidate") is model.AttributeOperation("CLEAR_CANDIDATE")
    with pytest.raises(ValueError, match="nothing"):
        model.AttributeOperation("nothing")


def test_an_edit_keeps_an_unknown_operation_for_the_error_about_it() -> None:
    known = model.PatchCallEdit(edit_id="e", operation="replace", target="a", value=1)

    assert known.operation == model.EditOperation.replace.value
    assert isinstance(known.operation, model.EditOperation)
    assert model.PatchCallEdit(edit_id="e", operation="add", target="a").operation == "add"
    assert as_json(known)["operation"] == "replace"


def test_enums_are_texts() -> None:
    assert model.ModelState.candidate == "candidate"
    assert TypeAdapter(model.ResourceState).validate_python("non_compliant") == "non_compliant"
    assert {state.value for state in model.ResourceState} == {state.value for state in CoreResourceState}
    assert as_json({"state": order_model.OrderState.partial}) == {"state": "partial"}


def test_there_are_ten_types_of_events() -> None:
    assert len(model.EventType) == 10
    assert all(event_type.value == event_type.name for event_type in model.EventType)


def test_the_variables_of_a_compile_are_complete() -> None:
    names = {value for name, value in vars(const).items() if name.startswith("ENV_")}

    assert set(const.LSM_ENV_VARS) == names
    assert len(names) == 5
    assert const.ENV_NO_INSTANCES == "lsm_no_instances"


def test_a_diagnosis_is_built_from_what_the_api_answers() -> None:
    failure = {
        "resource_id": "a[b,c=d],v=2",
        "instance_version": 2,
        "model_version": 2,
        "time": NOW.isoformat(),
        "message": "no",
    }
    rejection = {
        "instance_version": 2,
        "model_version": None,
        "compile_id": str(uuid.uuid4()),
        "errors": [{"type": "inmanta.ast.AttributeException", "message": "no"}],
        "trace": None,
    }

    answer: dict[str, Any] = {
        "failures": [{"resource_id": "a[b,c=d],v=2", "failures": [failure]}],
        "rejections": [rejection],
    }

    diagnosis = FullDiagnosis(**answer)

    assert diagnosis.failures[0].failures[0].time == NOW
    assert diagnosis.rejections[0].errors[0].message == "no"


ITEM = {"instance_id": str(uuid.uuid4()), "service_entity": "x", "config": None, "attributes": None, "edits": None}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"action": "create", "attributes": {}}, order_model.CreateWritableServiceOrderItem),
        ({"action": "update", "edits": []}, order_model.UpdateWritableServiceOrderItem),
        ({"action": "delete"}, order_model.DeleteWritableServiceOrderItem),
    ],
)
def test_an_order_item_is_known_by_its_action(fields: dict[str, Any], kind: type[Any]) -> None:
    items: TypeAdapter[Any] = TypeAdapter(list[order_model.WritableServiceOrderItemTypes])

    assert type(items.validate_python([ITEM | fields])[0]) is kind
    with pytest.raises(ValidationError):
        items.validate_python([ITEM | {"action": "grow"}])
