"""Slice of the service inventory: the calls on service instances, and what moves them through their lifecycle."""

import uuid
from collections.abc import Mapping
from typing import override

from inmanta.data import SERVER_COMPILE, Environment
from inmanta.data.model import Environment as EnvironmentModel
from inmanta.data.model import ReportedStatus
from inmanta.graphql import schema
from inmanta.graphql.graphql import GraphQLSlice
from inmanta.server import (
    SLICE_AGENT_MANAGER,
    SLICE_AUTOSTARTED_AGENT_MANAGER,
    SLICE_COMPILER,
    SLICE_DATABASE,
    SLICE_ENVIRONMENT,
    SLICE_ENVIRONMENT_METRICS,
    SLICE_GRAPHQL,
    SLICE_ORCHESTRATION,
    SLICE_RESOURCE,
    SLICE_TRANSPORT,
)
from inmanta.server.agentmanager import AgentManager, AutostartedAgentManager
from inmanta.server.protocol import Server, ServerSlice
from inmanta.server.services.compilerservice import CompilerService
from inmanta.server.services.environment_metrics_service import EnvironmentMetricsService
from inmanta.server.services.environmentlistener import EnvironmentAction, EnvironmentListener
from inmanta.server.services.environmentservice import EnvironmentService
from inmanta.server.services.orchestrationservice import OrchestrationService
from inmanta.types import ArgumentTypes

from inmanta_lsm.catalog.slice import ServiceCatalogSlice
from inmanta_lsm.const import SLICE_LSM_DATABASE, SLICE_SERVICE_CATALOG, SLICE_SERVICE_INVENTORY
from inmanta_lsm.data.documents import clear
from inmanta_lsm.data.entities import lock_catalog
from inmanta_lsm.data.instance_counts import Merging
from inmanta_lsm.deployment.export_listener import ExportListener
from inmanta_lsm.deployment.scheduler import Scheduler
from inmanta_lsm.deployment.scheduler_watch import SchedulerWatch
from inmanta_lsm.deployment.standstill_watch import StandstillWatch
from inmanta_lsm.deployment.unreported import UnreportedDeployments
from inmanta_lsm.deployment.unwritten import UnwrittenEnds
from inmanta_lsm.engine.compile_queue import CompileQueue
from inmanta_lsm.engine.compile_results import CompileResults
from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.engine.reconciler import Reconciler
from inmanta_lsm.engine.validation_listener import ValidationListener
from inmanta_lsm.inventory.compiler_calls import CompilerCalls
from inmanta_lsm.inventory.expert_calls import ExpertCalls
from inmanta_lsm.inventory.metrics import register_metrics
from inmanta_lsm.inventory.reads import InventoryReads
from inmanta_lsm.inventory.repair_calls import RepairCalls
from inmanta_lsm.inventory.retention import Retention
from inmanta_lsm.inventory.writes import InventoryWrites


class ServiceInventorySlice(
    InventoryReads, InventoryWrites, CompilerCalls, ExpertCalls, RepairCalls, ServerSlice, EnvironmentListener
):
    """Answers the calls on the inventory and owns the lifecycle engine."""

    def __init__(self) -> None:
        super().__init__(SLICE_SERVICE_INVENTORY)

    @override
    def get_dependencies(self) -> list[str]:
        return [
            SLICE_DATABASE,
            SLICE_LSM_DATABASE,
            SLICE_COMPILER,
            SLICE_ENVIRONMENT,
            SLICE_RESOURCE,
            SLICE_AGENT_MANAGER,
            SLICE_AUTOSTARTED_AGENT_MANAGER,
            SLICE_ORCHESTRATION,
            SLICE_SERVICE_CATALOG,
        ]

    @override
    def get_depended_by(self) -> list[str]:
        return [SLICE_TRANSPORT]

    @override
    async def prestart(self, server: Server) -> None:
        await super().prestart(server)
        compiler = server.get_slice(SLICE_COMPILER)
        assert isinstance(compiler, CompilerService)
        environments = server.get_slice(SLICE_ENVIRONMENT)
        assert isinstance(environments, EnvironmentService)
        metrics = server.get_slice(SLICE_ENVIRONMENT_METRICS)
        assert isinstance(metrics, EnvironmentMetricsService)
        catalog = server.get_slice(SLICE_SERVICE_CATALOG)
        assert isinstance(catalog, ServiceCatalogSlice)
        self.engine = Engine(compiler, self.add_background_task)
        register_metrics(metrics, self.engine)
        agents = server.get_slice(SLICE_AGENT_MANAGER)
        assert isinstance(agents, AgentManager)
        self.scheduler = Scheduler(agents)
        starter = server.get_slice(SLICE_AUTOSTARTED_AGENT_MANAGER)
        assert isinstance(starter, AutostartedAgentManager)
        orchestration = server.get_slice(SLICE_ORCHESTRATION)
        assert isinstance(orchestration, OrchestrationService)
        self.orchestration = orchestration
        _extend_graphql(server)
        self.compile_queue = CompileQueue(compiler)
        self.results = CompileResults(self.engine)
        self.reconciler = Reconciler()
        self.reconciler.add("compile queues that stand still", self.compile_queue.reconcile)
        self.reconciler.add("results of compiles", self.results.reconcile)
        self.reconciler.add("auto transfers", self.engine.reconcile)
        compiler.add_listener(ValidationListener(self.results))
        exports = ExportListener(self.scheduler)
        compiler.add_listener(exports)
        self.reconciler.add("deployments after exports", exports.reconcile)
        self.reconciler.add("requests to schedulers", self.scheduler.reconcile)
        self.schedulers = SchedulerWatch(agents, starter, self.add_background_task)
        unreported = UnreportedDeployments(self.scheduler, StandstillWatch(self.scheduler, self.schedulers))
        self.reconciler.add("deployments whose result nobody reports", unreported.reconcile)
        unwritten = UnwrittenEnds(self.scheduler, self.schedulers)
        self.reconciler.add("deployments whose end is not written", unwritten.reconcile)
        self.reconciler.add("schedulers that ended", self.schedulers.reconcile)
        self.reconciler.add("clean-up after deleted instances", Retention().reconcile)
        self.reconciler.add("counts of instances", Merging().reconcile)
        catalog.add_listener(self)
        environments.register_listener_for_multiple_actions(self, {EnvironmentAction.cleared, EnvironmentAction.updated})

    @override
    async def start(self) -> None:
        await super().start()
        self.add_background_task(self.reconciler.run())

    @override
    async def get_status(self) -> Mapping[str, ArgumentTypes]:
        return {
            "standing_queues": len(self.compile_queue.stuck),
            "results_to_apply": self.results.due,
            "missing_schedulers": len(self.schedulers.missing),
        }

    @override
    async def get_reported_status(self) -> tuple[ReportedStatus, str | None]:
        problems = [f"not done yet: {', '.join(sorted(self.reconciler.failing))}"] if self.reconciler.failing else []
        if self.compile_queue.stuck:
            problems.append(f"compile queues that stand still: {', '.join(map(str, self.compile_queue.stuck))}")
        if self.schedulers.unstarted:
            problems.append(f"schedulers that cannot be started: {', '.join(map(str, self.schedulers.unstarted))}")
        return (ReportedStatus.Warning, "; ".join(problems)) if problems else (ReportedStatus.OK, None)

    async def environment_action_cleared(self, env: EnvironmentModel) -> None:
        """Remove the catalog, the inventory, the callbacks and the orders of an environment that is cleared."""
        async with Environment.get_connection() as connection, connection.transaction():
            # Calls that are under way end first: none of them may leave a row behind, or stop the removal in its middle.
            await lock_catalog(connection, env.id, shared=False)
            await clear(connection, env.id)

    async def environment_action_updated(self, updated_env: EnvironmentModel, original_env: EnvironmentModel) -> None:
        """
        Start the validations that could not be requested while the server did not compile.

        :param updated_env: the environment as it is now
        :param original_env: the environment as it was
        """
        if _compiles(updated_env) and not _compiles(original_env):
            self.add_background_task(self.engine.scan(updated_env.id))

    def catalog_changed(self, environment: uuid.UUID, service_entity: str) -> None:
        """Start auto transfers that a change of a service entity made possible, in the background."""
        self.add_background_task(self.engine.scan(environment, service_entity))


def _extend_graphql(server: Server) -> None:
    """Add what the LSM knows of resources to GraphQL, where inmanta-core takes such a contribution (19.0 and later)."""
    if not hasattr(schema, "GraphQLContribution"):
        return
    from inmanta_lsm.inventory.graphql_fields import ResourceContribution

    graphql = server.get_slice(SLICE_GRAPHQL)
    assert isinstance(graphql, GraphQLSlice)
    graphql.register_graphql_contribution_for_extension("lsm", ResourceContribution)


def _compiles(environment: EnvironmentModel) -> bool:
    return bool(environment.settings.get(SERVER_COMPILE, True))
