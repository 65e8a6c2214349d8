"""The simple lifecycle, written down as its tables, and a service that has it."""

import uuid
from typing import Any

from inmanta_lsm.model import AttributeOperation, Lifecycle, ServiceAttribute, ServiceEntity, State, StateLabel, StateTransfer

_NOT_EXPORTED: dict[str, StateLabel | None] = {"start": None, "acknowledged": None, "rejected": "danger"}
_ACTIVE: dict[str, StateLabel | None] = {
    "creating": None,
    "update_inprogress": None,
    "rollback": None,
    "up": "success",
    "failed": "danger",
    "update_failed": "warning",
    "deleting": None,
}
_CANDIDATE: dict[str, StateLabel | None] = {
    "update_start": None,
    "update_acknowledged": None,
    "update_rejected": "warning",
    "update_start_failed": "warning",
    "update_acknowledged_failed": "warning",
    "update_rejected_failed": "warning",
}

PROMOTE, ROLLBACK, CLEAR = AttributeOperation.PROMOTE, AttributeOperation.ROLLBACK, AttributeOperation.CLEAR_CANDIDATE


def _auto(source: str, target: str, error: str | None = None, operation: AttributeOperation | None = None) -> StateTransfer:
    return StateTransfer(
        source=source, target=target, error=error, auto=True, validate_=error is not None, target_operation=operation
    )


def _resource(source: str, target: str, error: str) -> StateTransfer:
    return StateTransfer(source=source, target=target, error=error, resource_based=True)


def _update(source: str, target: str) -> StateTransfer:
    return StateTransfer(source=source, target=target, on_update=True)


def _delete(source: str, target: str) -> StateTransfer:
    return StateTransfer(source=source, target=target, on_delete=True)


def _set_state(source: str, target: str, operation: AttributeOperation) -> StateTransfer:
    return StateTransfer(source=source, target=target, api_set_state=True, target_operation=operation)


SIMPLE = Lifecycle(
    name="lsm::simple",
    initial_state="start",
    states=[
        *(
            State(name=name, label=label, export_resources=False, validate_self="candidate")
            for name, label in _NOT_EXPORTED.items()
        ),
        *(
            State(
                name=name,
                label=label,
                export_resources=True,
                validate_self="active",
                validate_others="active",
                purge_resources=name == "deleting",
            )
            for name, label in _ACTIVE.items()
        ),
        *(
            State(name=name, label=label, export_resources=True, validate_self="candidate", validate_others="active")
            for name, label in _CANDIDATE.items()
        ),
        State(name="terminated", export_resources=False, deleted=True),
    ],
    transfers=[
        _auto("start", "acknowledged", "rejected"),
        _auto("acknowledged", "creating", operation=PROMOTE),
        _resource("creating", "up", "failed"),
        _delete("creating", "deleting"),
        _resource("up", "up", "failed"),
        _update("up", "update_start"),
        _delete("up", "deleting"),
        _resource("failed", "up", "failed"),
        _delete("failed", "deleting"),
        _update("rejected", "start"),
        _delete("rejected", "terminated"),
        _resource("deleting", "terminated", "deleting"),
        _auto("update_start", "update_acknowledged", "update_rejected"),
        _resource("update_start", "update_start", "update_start_failed"),
        _auto("update_start_failed", "update_acknowledged_failed", "update_rejected_failed"),
        _resource("update_start_failed", "update_start", "update_start_failed"),
        _auto("update_acknowledged", "update_inprogress", operation=PROMOTE),
        _auto("update_acknowledged_failed", "update_inprogress", operation=PROMOTE),
        _resource("update_inprogress", "up", "update_failed"),
        _resource("update_failed", "up", "update_failed"),
        _set_state("update_failed", "rollback", ROLLBACK),
        _delete("update_failed", "deleting"),
        _set_state("update_rejected", "up", CLEAR),
        _update("update_rejected", "update_start"),
        _resource("update_rejected", "update_rejected", "update_rejected_failed"),
        _set_state("update_rejected_failed", "failed", CLEAR),
        _update("update_rejected_failed", "update_start_failed"),
        _resource("update_rejected_failed", "update_rejected", "update_rejected_failed"),
        _resource("rollback", "up", "failed"),
    ],
)


def service(name: str = "vlan", lifecycle: Lifecycle = SIMPLE, **definition: Any) -> ServiceEntity:
    """
    Describe a service with an identity, a value to update and a value to allocate.

    :param lifecycle: of the service entity
    :param definition: fields of the service entity that are different
    """
    fields: dict[str, Any] = {
        "environment": uuid.UUID(int=0),
        "name": name,
        "attributes": [
            ServiceAttribute(name="name", modifier="rw", type="string"),
            ServiceAttribute(name="size", modifier="rw+", type="int", default_value=1, default_value_set=True),
            ServiceAttribute(name="vlan_id", modifier="r", type="int"),
        ],
        "lifecycle": lifecycle,
        "service_identity": "name",
    }
    return ServiceEntity(**(fields | definition))
