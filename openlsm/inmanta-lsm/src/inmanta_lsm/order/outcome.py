"""What an item of an order has come to: read from the database, judged, and described for people."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncpg import Connection, Record
from inmanta import data as core

from inmanta_lsm.data import documents
from inmanta_lsm.data.compiles import is_failed_for_good
from inmanta_lsm.data.entities import load_entity
from inmanta_lsm.data.events import events_since, to_event
from inmanta_lsm.data.instances import lock_instance
from inmanta_lsm.inventory.diagnosis import diagnose
from inmanta_lsm.lifecycle.edges import transfer_context
from inmanta_lsm.lifecycle.instance import Instance
from inmanta_lsm.model import ServiceEntity, ServiceInstanceEvent
from inmanta_lsm.model.diagnosis import Failure
from inmanta_lsm.model.order import OrderItemAction, OrderItemFailureType, OrderItemState
from inmanta_lsm.order.judgement import ItemHistory, Verdict, judge

DEPLOYMENT_ERROR = "An error occurred during deployment"
VALIDATION_ERROR = "An error occurred during validation"


@dataclass(frozen=True, slots=True)
class Description:
    """
    What people see of the instance of an item.

    :param label: the label of its state
    :param identity: the value that identifies it
    :param identity_name: what people call that value
    """

    label: str | None = None
    identity: str | None = None
    identity_name: str | None = None


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """
    What is to be stored of an item.

    :param failure: why it failed
    :param reason: the same in words
    :param validation_compile: the compile that validated the instance
    :param description: what people see of the instance, None if that stays as it is
    """

    state: OrderItemState
    failure: OrderItemFailureType | None = None
    reason: str | None = None
    validation_compile: uuid.UUID | None = None
    description: Description | None = field(default=None)

    def columns(self) -> dict[str, Any]:
        """The outcome as columns of the database."""
        columns: dict[str, Any] = {
            "state": self.state.value,
            "failure_type": None if self.failure is None else self.failure.value,
            "reason": self.reason,
        }
        if self.validation_compile is not None:
            columns["validation_compile_id"] = self.validation_compile
        if self.description is not None:
            columns["instance_state_label"] = self.description.label
            columns["service_identity_attribute_value"] = self.description.identity
            columns["service_identity_display_name"] = self.description.identity_name
        return columns


def describe(entity: ServiceEntity, instance: Instance) -> Description:
    """What people see of an instance."""
    label = next((state.label for state in entity.lifecycle.states if state.name == instance.state), None)
    identity = instance.sets.identity(entity)
    name = entity.service_identity_display_name or entity.service_identity
    return Description(label, identity, name)


async def conclude(item: documents.OrderItem) -> ItemOutcome | None:
    """
    Judge an item that was started.

    :return: None as long as its instance is on its way
    """
    async with core.Environment.get_connection() as connection, connection.transaction():
        instance = await lock_instance(connection, item.environment, item.instance_id)
        if instance is None:
            return ItemOutcome(
                OrderItemState.failed, OrderItemFailureType.INCONCLUSIVE, "The instance was removed while the order ran."
            )
        entity = await load_entity(connection, item.environment, instance.service_entity, instance.service_entity_version)
        if entity is None:
            raise LookupError(f"service instance {instance.id} has no service entity")
        history = await _history(connection, item, instance, entity)
    verdict = judge(history)
    if verdict is None:
        return None
    return ItemOutcome(
        OrderItemState.completed if verdict.failure is None else OrderItemState.failed,
        verdict.failure,
        await _reason(item, instance, verdict),
        history.validation,
        describe(entity, instance),
    )


async def _history(connection: Connection, item: documents.OrderItem, instance: Instance, entity: ServiceEntity) -> ItemHistory:
    # The events of the first transfer belong to the version before it.
    records = await events_since(connection, item.environment, item.instance_id, (item.start_version or 0) - 1)
    records = since_start(records, item.start_version or 0)
    events: Sequence[ServiceInstanceEvent] = [to_event(record) for record in records]
    compiles = await connection.fetch(
        "SELECT id, do_export, success FROM compile WHERE environment = $1 AND id = ANY($2) ORDER BY requested",
        item.environment,
        [event.id_compile_report for event in events if event.id_compile_report is not None],
    )
    # What is compiled for an instance and not exported is a validation.
    validations = {record["id"] for record in compiles if not record["do_export"]}
    return ItemHistory(
        action=OrderItemAction(item.action),
        entity=entity,
        version=instance.version,
        state=instance.state,
        deleted=instance.deleted,
        stable=transfer_context(entity, instance) == "stable",
        events=events,
        outcomes=frozenset(record["id"] for record in records if record["is_outcome"]),
        failed_exports=[
            record["id"]
            for record in compiles
            if record["do_export"] and record["success"] is False and await is_failed_for_good(connection, record["id"])
        ],
        validation=next(
            (event.id_compile_report for event in reversed(events) if event.id_compile_report in validations), None
        ),
    )


def since_start(records: Sequence[Record], start_version: int) -> list[Record]:
    """
    The events of an instance since an item was started.

    :param records: the rows of the events from the version before the start on, the oldest first
    :param start_version: the version that the first transfer of the item led to
    """
    flows = [
        record["event_correlation_id"]
        for record in records
        if record["service_instance_version"] == start_version - 1 and record["is_outcome"] and not record["ignored_transition"]
    ]
    begin = next((index for index, record in enumerate(records) if flows and record["event_correlation_id"] == flows[-1]), 0)
    return list(records[begin:])


async def _reason(item: documents.OrderItem, instance: Instance, verdict: Verdict) -> str | None:
    """Why an item failed, with what the compiler or the deployment said."""
    if verdict.version is None:
        return verdict.reason
    diagnosis = await diagnose(
        item.environment,
        item.instance_id,
        version=verdict.version,
        current_version=instance.version,
        rejection_lookbehind=0,
        failure_lookbehind=1,
    )
    if verdict.failure is OrderItemFailureType.VALIDATION_COMPILE_FAILED:
        errors = [error.message for rejection in diagnosis.rejections for error in rejection.errors]
        return f"{VALIDATION_ERROR}: {'; '.join(errors)}" if errors else f"{VALIDATION_ERROR}. {verdict.reason}"
    failures = [failure for group in diagnosis.failures for failure in group.failures]
    if failures:
        return deployment_reason(failures)
    report = instance.last_report
    if report is not None and report.failed_resources:
        return f"{DEPLOYMENT_ERROR} of {', '.join(report.failed_resources)}. {verdict.reason}"
    return f"{DEPLOYMENT_ERROR}. {verdict.reason}"


def deployment_reason(failures: Sequence[Failure]) -> str:
    """
    Why a deployment failed, in the words of the handlers. Most of them say already what it is about.

    :param failures: what the handlers reported, at least one
    """
    texts = []
    for failure in failures:
        resource = failure.resource_id.rpartition(",v=")[0]
        texts.append(failure.message if resource in failure.message else f"{failure.resource_id}: {failure.message}")
    text = "; ".join(texts)
    return text if text.startswith(DEPLOYMENT_ERROR) else f"{DEPLOYMENT_ERROR}: {text}"
