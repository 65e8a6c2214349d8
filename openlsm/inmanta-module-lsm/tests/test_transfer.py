"""Reporting the deployment result of a service."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from inmanta.agent.handler import HandlerContext, SkipResource
from inmanta.const import HandlerResourceState, ResourceState
from inmanta.protocol.common import Result
from inmanta.resources import Id
from inmanta.types import ResourceIdStr
from inmanta_plugins.lsm import LifecycleTransferResource
from inmanta_plugins.lsm.transfer import LifecycleTransferHandler, Report, Wait, deployment_result

A = ResourceIdStr("fs::File[host,path=/a]")
B = ResourceIdStr("fs::File[host,path=/b]")
C = ResourceIdStr("fs::File[host,path=/c]")
FAILED = {ResourceState.failed, ResourceState.non_compliant}


@pytest.mark.parametrize("state", ResourceState)
def test_each_state_is_a_success_a_failure_or_not_final(state: ResourceState) -> None:
    result = deployment_result({A: ResourceState.deployed, B: state})
    if state is ResourceState.deployed:
        assert result == Report(())
    elif state in FAILED:
        assert result == Report((B,))
    else:
        assert result == Wait({B: state.value})


@pytest.mark.parametrize("failed", sorted(FAILED))
def test_a_failure_counts_more_than_what_is_not_final(failed: ResourceState) -> None:
    states = {C: failed, A: ResourceState.deploying, B: ResourceState.failed}
    assert deployment_result(states) == Report((B, C))


def test_a_service_without_resources_is_deployed() -> None:
    result = deployment_result({})
    assert isinstance(result, Report)
    assert result.success


class Agent:
    """What a handler needs of its agent."""

    environment = uuid.uuid4()
    eventloop = None


class Client:
    """The client of the agent; it keeps the reports it was asked to send."""

    def __init__(self, code: int = 200) -> None:
        self.reports: list[Mapping[str, Any]] = []
        self.code = code

    def lsm_services_report_deployment(self, **report: Any) -> Result[Any]:
        self.reports.append(report)
        return Result(code=self.code, result={"message": "stale"})


def deploy(client: Client, requires: dict[ResourceIdStr, ResourceState]) -> HandlerContext:
    instance_id = str(uuid.UUID(int=1))
    transfer = LifecycleTransferResource(Id("lsm::LifecycleTransfer", "internal", "instance_id", instance_id))
    transfer.service_entity = "service"
    transfer.instance_id = instance_id
    transfer.next_version = 4
    transfer.next_desired_state_version = 3
    handler = LifecycleTransferHandler(Agent())  # type: ignore[arg-type]
    handler.get_client = lambda: client  # type: ignore[method-assign, assignment, return-value]
    handler.run_sync = lambda call: call()  # type: ignore[method-assign, assignment, return-value]
    context = HandlerContext(transfer)
    handler.deploy(context, transfer, requires)
    return context


@pytest.mark.parametrize(
    ("state", "success", "failed", "outcome", "said"),
    [
        (ResourceState.deployed, True, [], HandlerResourceState.deployed, "succeeded"),
        (ResourceState.failed, False, [A], HandlerResourceState.failed, f"failed because of {A}"),
    ],
)
def test_the_result_is_reported_with_both_versions(
    state: ResourceState, success: bool, failed: list[str], outcome: HandlerResourceState, said: str
) -> None:
    client = Client()
    context = deploy(client, {A: state})
    assert client.reports == [
        {
            "tid": Agent.environment,
            "service_entity": "service",
            "service_id": uuid.UUID(int=1),
            "next_version": 4,
            "next_desired_state_version": 3,
            "success": success,
            "failed_resources": failed,
        }
    ]
    assert context.resource_state is outcome
    assert [line.msg for line in context.logs] == [
        f"Reported to the server: the deployment of service instance {uuid.UUID(int=1)} {said}"
    ]


def test_an_unfinished_deployment_is_not_reported() -> None:
    client = Client()
    with pytest.raises(SkipResource, match="is not finished"):
        deploy(client, {A: ResourceState.deployed, B: ResourceState.deploying})
    assert client.reports == []


def test_a_refused_report_fails_the_transfer_so_that_it_is_sent_again() -> None:
    context = deploy(Client(code=500), {})
    assert context.resource_state is HandlerResourceState.failed
    messages = [line.msg for line in context.logs]
    refused = f"The server refused the deployment result of service instance {uuid.UUID(int=1)} of service"
    assert messages == [f"{refused}: 500 {{'message': 'stale'}}"]


def test_a_report_that_the_server_cannot_take_now_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(code=503)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            client.code = 200

    monkeypatch.setattr(time, "sleep", pause)
    context = deploy(client, {A: ResourceState.deployed})
    assert (len(client.reports), pauses) == (4, [1, 2, 4])
    assert context.resource_state is HandlerResourceState.deployed


def test_a_dry_run_reports_nothing() -> None:
    client = Client()
    transfer = LifecycleTransferResource(Id("lsm::LifecycleTransfer", "internal", "instance_id", "x"))
    handler = LifecycleTransferHandler(Agent())  # type: ignore[arg-type]
    handler.get_client = lambda: client  # type: ignore[method-assign, assignment, return-value]
    context = HandlerContext(transfer, dry_run=True)
    handler.execute(context, transfer, dry_run=True)
    assert client.reports == []
    assert context.resource_state is HandlerResourceState.dry
    assert handler.check_facts(context, transfer) == {}
