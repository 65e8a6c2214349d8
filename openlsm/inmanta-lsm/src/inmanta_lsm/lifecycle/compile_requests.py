"""What the compiler service is asked for: pure functions from a decision to the arguments of the request."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inmanta.const import INMANTA_REMOVED_SET_ID

from inmanta_lsm.const import ENV_INSTANCE_ID, ENV_INSTANCE_VERSION, ENV_MODEL_STATE, ENV_PARTIAL_COMPILE, TransferTrigger
from inmanta_lsm.lifecycle.decision import Decision, ExportRequest, Flow, ValidationRequest
from inmanta_lsm.lifecycle.instance import EnvironmentOptions, Instance
from inmanta_lsm.model import EventType, ModelState, ServiceEntity, StateTransfer

VALIDATION_TYPE = "lsm"
EXPORT_TYPE = "lsm_export"


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """
    A compile to request.

    :param do_export: whether the result becomes a version of the desired state
    :param remote_id: correlation id of the flow that the compile belongs to
    :param metadata: tells people and the listener what the compile is for
    :param env_vars: environment of the compile; compiles are only merged when it is equal
    :param mergeable_env_vars: environment of the compile that is joined when compiles are merged
    :param partial: whether only some resource sets are exported
    :param links: of the compile report
    """

    do_export: bool
    remote_id: uuid.UUID
    metadata: Mapping[str, Any]
    env_vars: Mapping[str, str]
    mergeable_env_vars: Mapping[str, str] = field(default_factory=dict)
    partial: bool = False
    links: Mapping[str, list[str]] = field(default_factory=dict)


def validation_request(instance: Instance, options: EnvironmentOptions, requested: ValidationRequest) -> CompileRequest:
    """Ask for the compile that validates a transfer of one instance."""
    edge = requested.edge
    return CompileRequest(
        do_export=False,
        remote_id=requested.flow.correlation_id,
        metadata={
            "type": VALIDATION_TYPE,
            "message": f"Recompile model to validate state transition from {edge.source} to {edge.target}",
            "trigger": requested.trigger.value,
            "event_type": requested.flow.event_type.value,
            "service_entity": instance.service_entity,
            "instance_id": str(instance.id),
            "from_state": edge.source,
            "to_state": edge.target,
            "error_state": edge.error,
            "from_instance_version": str(instance.version),
            "event_correlation_id": str(requested.flow.correlation_id),
            "transfer": edge.model_dump(mode="json", by_alias=True),
        },
        env_vars={
            ENV_INSTANCE_ID: str(instance.id),
            ENV_INSTANCE_VERSION: str(instance.version),
            ENV_MODEL_STATE: ModelState.candidate.value,
            ENV_PARTIAL_COMPILE: str(options.partial_compile),
        },
        partial=options.partial_compile,
    )


@dataclass(frozen=True, slots=True)
class FinishedValidation:
    """
    What the result of a validation compile is about.

    :param version: its version when the compile was requested
    """

    instance_id: uuid.UUID
    version: int
    requested: ValidationRequest


def finished_validation(metadata: Mapping[str, Any]) -> FinishedValidation | None:
    """
    Find out which validation a compile was.

    :return: None for a compile that is no validation
    """
    if metadata.get("type") != VALIDATION_TYPE or "transfer" not in metadata:
        return None
    return FinishedValidation(
        instance_id=uuid.UUID(metadata["instance_id"]),
        version=int(metadata["from_instance_version"]),
        requested=ValidationRequest(
            flow=Flow(uuid.UUID(metadata["event_correlation_id"]), EventType(metadata["event_type"])),
            trigger=TransferTrigger(metadata["trigger"]),
            edge=StateTransfer(**metadata["transfer"]),
        ),
    )


def export_request(
    decision: Decision, requested: ExportRequest, entity: ServiceEntity, options: EnvironmentOptions, *, has_version: bool
) -> CompileRequest:
    """
    Ask for the compile that exports an instance after a transfer.

    :param decision: the transfer
    :param has_version: whether the environment has a version of the desired state: a partial export needs one to start from
    """
    instance = decision.after
    message = (
        f"Recompile model because of state transition from {requested.source} to {requested.destination}"
        if requested.source is not None
        else f"Recompile model because of the creation of a service instance in state {requested.destination}"
    )
    partial = options.partial_compile and has_version
    env_vars = {ENV_MODEL_STATE: ModelState.active.value}
    selection: dict[str, str] = {}
    if partial:
        env_vars[ENV_PARTIAL_COMPILE] = str(True)
        selection[ENV_INSTANCE_ID] = str(instance.id)
        if instance.deleted and not has_owner(entity, instance):
            # The resource set of an instance that is owned belongs to the owner, which exports it again without the instance.
            selection[INMANTA_REMOVED_SET_ID] = str(instance.id)
    return CompileRequest(
        do_export=True,
        remote_id=requested.flow.correlation_id,
        metadata={
            "type": EXPORT_TYPE,
            "message": message,
            "event_type": requested.flow.event_type.value,
            "event_correlation_id": str(requested.flow.correlation_id),
        },
        env_vars=env_vars if options.batched else {**env_vars, **selection},
        mergeable_env_vars=selection if options.batched else {},
        partial=partial,
        links={"instances": [f"/lsm/v1/service_inventory/{instance.service_entity}/{instance.id}"]},
    )


def has_owner(entity: ServiceEntity, instance: Instance) -> bool:
    """Whether an instance is owned by another one."""
    if entity.owner is None or entity.relation_to_owner is None:
        return False
    return bool((instance.sets.newest or {}).get(entity.relation_to_owner))
