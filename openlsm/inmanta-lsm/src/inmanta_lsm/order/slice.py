"""Slice of the orders: several changes of service instances that are requested together."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any, override

import asyncpg
from inmanta import data as core
from inmanta.data.model import Environment as EnvironmentModel
from inmanta.protocol import handle
from inmanta.protocol.common import ReturnValue
from inmanta.protocol.exceptions import Conflict, NotFound
from inmanta.server import SLICE_COMPILER, SLICE_DATABASE, SLICE_ENVIRONMENT, SLICE_TRANSPORT
from inmanta.server.extensions import BoolFeature, Feature
from inmanta.server.protocol import Server, ServerSlice
from inmanta.server.services.compilerservice import CompilerService, CompileStateListener
from inmanta.server.services.environmentlistener import EnvironmentAction, EnvironmentListener
from inmanta.server.services.environmentservice import EnvironmentService

from inmanta_lsm import methods
from inmanta_lsm.attributes.storable import check_storable
from inmanta_lsm.catalog.slice import ServiceCatalogSlice
from inmanta_lsm.const import SLICE_LSM_DATABASE, SLICE_ORDER, SLICE_SERVICE_CATALOG, SLICE_SERVICE_INVENTORY
from inmanta_lsm.data import documents
from inmanta_lsm.data.entities import lock_catalog
from inmanta_lsm.data.orders import insert_order, load_orders
from inmanta_lsm.inventory.slice import ServiceInventorySlice
from inmanta_lsm.lifecycle.compile_requests import EXPORT_TYPE
from inmanta_lsm.model.order import ServiceOrder, WritableServiceOrderItemTypes
from inmanta_lsm.order.acceptance import ItemChecker, check_request, new_item, new_order
from inmanta_lsm.order.execution import OrderExecutor
from inmanta_lsm.order.view import OrderView
from inmanta_lsm.protocol.paging import Page
from inmanta_lsm.protocol.refusals import violation_is_bad_request

ORDER_API = BoolFeature(slice=SLICE_ORDER, name="order_api", description="Several changes can be ordered together.")


class OrderSlice(ServerSlice, EnvironmentListener, CompileStateListener):
    """Answers the calls on orders, and has them executed."""

    def __init__(self) -> None:
        super().__init__(SLICE_ORDER)

    @override
    def get_dependencies(self) -> list[str]:
        return [
            SLICE_DATABASE,
            SLICE_LSM_DATABASE,
            SLICE_COMPILER,
            SLICE_ENVIRONMENT,
            SLICE_SERVICE_CATALOG,
            SLICE_SERVICE_INVENTORY,
        ]

    @override
    def get_depended_by(self) -> list[str]:
        return [SLICE_TRANSPORT]

    @override
    def define_features(self) -> list[Feature[Any]]:
        return [ORDER_API]

    @override
    async def prestart(self, server: Server) -> None:
        await super().prestart(server)
        inventory = server.get_slice(SLICE_SERVICE_INVENTORY)
        assert isinstance(inventory, ServiceInventorySlice)
        catalog = server.get_slice(SLICE_SERVICE_CATALOG)
        assert isinstance(catalog, ServiceCatalogSlice)
        environments = server.get_slice(SLICE_ENVIRONMENT)
        assert isinstance(environments, EnvironmentService)
        compiler = server.get_slice(SLICE_COMPILER)
        assert isinstance(compiler, CompilerService)
        self.executor = OrderExecutor(inventory.engine)
        inventory.engine.add_listener(self.executor)
        inventory.reconciler.add("orders", self.executor.reconcile)
        catalog.add_listener(self)
        compiler.add_listener(self)
        environments.register_listener_for_multiple_actions(self, {EnvironmentAction.cleared, EnvironmentAction.deleted})

    @override
    async def start(self) -> None:
        await super().start()
        await self.executor.recover()
        self.add_background_task(self.executor.run())

    async def environment_action_cleared(self, env: EnvironmentModel) -> None:
        """Stop executing the orders of an environment that is cleared."""
        self.executor.forget(env.id)

    async def environment_action_deleted(self, env: EnvironmentModel) -> None:
        """Stop executing the orders of an environment that is deleted."""
        self.executor.forget(env.id)

    def catalog_changed(self, environment: uuid.UUID, service_entity: str) -> None:
        """Judge the orders again: their instances may be free to move now, or to stay."""
        self.executor.wake(environment)

    async def compile_done(self, compile: core.Compile) -> None:  # noqa: A002 the name is that of the base class
        """Judge the orders again when an export failed: no deployment will report for it."""
        if not compile.success and (compile.metadata or {}).get("type") == EXPORT_TYPE:
            self.executor.wake(compile.environment)

    @handle(methods.lsm_order_create, env="tid")
    async def lsm_order_create(
        self,
        env: core.Environment,
        service_order_items: list[WritableServiceOrderItemTypes],
        id: uuid.UUID | None,  # noqa: A002 the name is part of the API
        description: str,
    ) -> ServiceOrder:
        """Accept an order."""
        check_request(service_order_items)
        with violation_is_bad_request():
            check_storable([item.model_dump() for item in service_order_items], "the items")
            check_storable(description, "the description")
        order_id = id or uuid.uuid4()
        try:
            async with core.Environment.get_connection() as connection, connection.transaction():
                await lock_catalog(connection, env.id, shared=True)
                acceptance = await ItemChecker(connection, env).check(service_order_items)
                items = [new_item(env.id, order_id, item, acceptance) for item in service_order_items]
                order = new_order(env.id, order_id, description, items)
                await insert_order(connection, order, items)
        except asyncpg.UniqueViolationError as exception:
            raise Conflict(f"There is an order {order_id} in environment {env.name}({env.id}) already") from exception
        if order.completed_at is None:
            self.executor.add(env.id, order_id)
        return (await load_orders([order]))[0]

    @handle(methods.lsm_order_list, env="tid")
    async def lsm_order_list(
        self,
        env: core.Environment,
        limit: int | None,
        first_id: uuid.UUID | None,
        last_id: uuid.UUID | None,
        start: datetime.datetime | None,
        end: datetime.datetime | None,
        sort: str,
    ) -> ReturnValue[Sequence[ServiceOrder]]:
        """List the orders of an environment."""
        return await OrderView(env.id, Page(sort, limit, first_id, last_id, start, end)).execute()

    @handle(methods.lsm_order_get, env="tid")
    async def lsm_order_get(self, env: core.Environment, order_id: uuid.UUID) -> ServiceOrder:
        """Get an order."""
        order = await documents.Order.get_one(environment=env.id, id=order_id)
        if order is None:
            raise NotFound(f"There is no order {order_id} in environment {env.name}({env.id})")
        return (await load_orders([order]))[0]
