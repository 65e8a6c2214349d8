"""Reporting the deployment result of a service: the resource behind `lsm::LifecycleTransfer` and its handler."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import inmanta_lsm.methods  # noqa: F401  registers the protocol methods in the executor
from inmanta.agent.handler import HandlerAPI, HandlerContext, SkipResource, provider
from inmanta.const import HandlerResourceState, ResourceState
from inmanta.execute.proxy import DynamicProxy
from inmanta.export import Exporter
from inmanta.resources import PurgeableResource, resource, to_id
from inmanta.types import ResourceIdStr

FAILED_STATES = (ResourceState.failed, ResourceState.non_compliant)
"""
Results that are final although the resource is not what it should be: a resource that only reports never changes by itself, so
that waiting for it would keep the service in its lifecycle state for ever.
"""

UNAVAILABLE = 503
"""The status with which the server answers that it cannot take a report now, as when its database is away."""

PAUSES = (1, 2, 4, 8, 15, 30, 30, 30, 60, 60, 60, 60)
"""Seconds between two attempts to report: five minutes together. Nobody else would send the report again."""


@dataclass(frozen=True)
class Report:
    """
    The deployment result of a service.

    :param failed_resources: ids of the resources whose deployment failed; the service is deployed when there are none
    """

    failed_resources: tuple[ResourceIdStr, ...]

    @property
    def success(self) -> bool:
        """Whether all resources of the service are deployed."""
        return not self.failed_resources


@dataclass(frozen=True)
class Wait:
    """
    The deployment of a service is not finished.

    :param states: the states of the resources it waits for, by resource id
    """

    states: Mapping[ResourceIdStr, str]


def deployment_result(requires: Mapping[ResourceIdStr, ResourceState]) -> Report | Wait:
    """
    Decide what the states of the resources of a service mean for the service. One failed resource decides, whatever the others
    do; else one unfinished resource leaves the result open.

    :param requires: the states of the resources by resource id
    """
    failed = tuple(sorted(rid for rid, state in requires.items() if state in FAILED_STATES))
    if failed:
        return Report(failed)
    waiting = {rid: state.value for rid, state in requires.items() if state is not ResourceState.deployed}
    return Wait(waiting) if waiting else Report(())


@resource("lsm::LifecycleTransfer", agent="agent", id_attribute="instance_id")
class LifecycleTransferResource(PurgeableResource):
    """
    The report about one deployment of a service instance. It changes with the version of the instance, so that each lifecycle
    state that is exported gets a report of its own.
    """

    # Each class adds its fields to those of its parents; the type that is inferred for the parents does not allow for that.
    fields = (  # type: ignore[assignment]
        "service_entity",
        "instance_id",
        "next_version",
        "next_desired_state_version",
        "resources",
    )

    service_entity: str
    instance_id: str
    next_version: int
    next_desired_state_version: int
    resources: list[str]

    @staticmethod
    def get_resources(exporter: Exporter, transfer: DynamicProxy) -> list[str]:
        """
        The ids of the resources of the service, sorted.

        :param exporter: the exporter that makes the resource
        :param transfer: the `lsm::LifecycleTransfer`
        """
        model: Any = transfer
        return sorted(rid for member in model.resources if (rid := to_id(member)) is not None)


@provider("lsm::LifecycleTransfer", name="lifecycle_transfer")  # type: ignore[arg-type]  # any HandlerAPI will do
class LifecycleTransferHandler(HandlerAPI[LifecycleTransferResource]):
    """Tells the server how the deployment of a service instance ended. It runs again whenever one of its resources did."""

    def deploy(
        self,
        ctx: HandlerContext,
        resource: LifecycleTransferResource,
        requires: Mapping[ResourceIdStr, ResourceState],
    ) -> None:
        """
        Report the result once it is known; unlike for other resources, failed requirements are a reason to go on.

        :param ctx: where the outcome is logged
        :param resource: the transfer
        :param requires: states of the resources of the service by resource id
        :raises SkipResource: the result is not known yet
        """
        match deployment_result(requires):
            case Wait(states):
                raise SkipResource(f"The deployment of service instance {resource.instance_id} is not finished: {dict(states)}")
            case Report() as report:
                self._report(ctx, resource, report)

    def execute(self, ctx: HandlerContext, resource: LifecycleTransferResource, dry_run: bool = False) -> None:
        """
        Only called for dry runs, which have no result to report.

        :param ctx: where the outcome is logged
        :param resource: the transfer
        :param dry_run: whether nothing may be changed
        """
        ctx.set_resource_state(HandlerResourceState.dry)

    def check_facts(self, ctx: HandlerContext, resource: LifecycleTransferResource) -> dict[str, str]:
        """
        A report has no facts.

        :param ctx: where the outcome is logged
        :param resource: the transfer
        """
        return {}

    def _report(self, ctx: HandlerContext, resource: LifecycleTransferResource, report: Report) -> None:
        for pause in (*PAUSES, None):
            # Whether the report still matters is for the server to decide, by the versions.
            result = self.run_sync(
                lambda: self.get_client().lsm_services_report_deployment(
                    tid=self._agent.environment,
                    service_entity=resource.service_entity,
                    service_id=uuid.UUID(resource.instance_id),
                    next_version=resource.next_version,
                    next_desired_state_version=resource.next_desired_state_version,
                    success=report.success,
                    failed_resources=list(report.failed_resources),
                )
            )
            if result.code != UNAVAILABLE or pause is None:
                break
            ctx.info("The server cannot take the deployment result at the moment, it is sent again in %(pause)s s", pause=pause)
            time.sleep(pause)
        if result.code != 200:
            ctx.error(
                "The server refused the deployment result of service instance %(instance)s of %(service)s: %(code)s %(answer)s",
                instance=resource.instance_id,
                service=resource.service_entity,
                code=result.code,
                answer=str(result.result),
            )
            ctx.set_resource_state(HandlerResourceState.failed)
            return
        ctx.info(
            "Reported to the server: the deployment of service instance %(instance)s %(outcome)s",
            instance=resource.instance_id,
            outcome="succeeded" if report.success else f"failed because of {', '.join(report.failed_resources)}",
        )
        ctx.set_resource_state(HandlerResourceState.deployed if report.success else HandlerResourceState.failed)
