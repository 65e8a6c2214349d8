"""
Slice of the orders: several changes of service instances that are requested together.
"""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any, override

import asyncpg
from asyncpg import Record
from inmanta import data as core
from inmanta.data import AbstractDatabaseOrderV2, ColumnNameStr, ColumnType, DateTimeColumn, SimpleQueryBuilder, UUIDColumn
from inmanta.data.model import Environment as EnvironmentModel
from inmanta.data.model import PagingBoundaries
from inmanta.protocol import handle
from inmanta.protocol.common import ReturnValue
from inmanta.protocol.exceptions import Conflict, NotFound
from inmanta.server import SLICE_COMPILER, SLICE_DATABASE, SLICE_ENVIRONMENT, SLICE_TRANSPORT
from inmanta.server.extensions import BoolFeature, Feature
from inmanta.server.protocol import Server, ServerSlice
from inmanta.server.services.compilerservice import CompilerService, CompileStateListener
from inmanta.server.services.environmentlistener import EnvironmentAction, EnvironmentListener
from inmanta.server.services.environmentservice import EnvironmentService
from inmanta.server.validate_filter import Filter

from inmanta_lsm import data, methods
from inmanta_lsm.attributes import check_storable
from inmanta_lsm.call_errors import violation_is_bad_request
from inmanta_lsm.catalog_store import lock_catalog
from inmanta_lsm.compile_requests import EXPORT_TYPE
from inmanta_lsm.database import SLICE_LSM_DATABASE
from inmanta_lsm.order import records
from inmanta_lsm.order.acceptance import Acceptance, ItemChecker, check_request
from inmanta_lsm.order.execution import OrderExecutor
from inmanta_lsm.order.model import (
    CreateWritableServiceOrderItem,
    OrderItemFailureType,
    OrderItemState,
    ServiceOrder,
    UpdateWritableServiceOrderItem,
    WritableServiceOrderItemTypes,
)
from inmanta_lsm.order.plan import order_state
from inmanta_lsm.order.records import load_orders, to_order
from inmanta_lsm.paging import Boundary, LsmView, bad_query_is_bad_request
from inmanta_lsm.service_inventory import SLICE_SERVICE_INVENTORY, ServiceInventorySlice

SLICE_ORDER = "lsm.order"

ORDER_API = BoolFeature(slice=SLICE_ORDER, name="order_api", description="Several changes can be ordered together.")


class OrderSlice(ServerSlice, EnvironmentListener, CompileStateListener):
    """
    Answers the calls on orders, and has them executed.
    """

    def __init__(self) -> None:
        super().__init__(SLICE_ORDER)

    def get_dependencies(self) -> list[str]:
        return [SLICE_DATABASE, SLICE_LSM_DATABASE, SLICE_COMPILER, SLICE_ENVIRONMENT, SLICE_SERVICE_INVENTORY]

    def get_depended_by(self) -> list[str]:
        return [SLICE_TRANSPORT]

    def define_features(self) -> list[Feature[Any]]:
        return [ORDER_API]

    async def prestart(self, server: Server) -> None:
        await super().prestart(server)
        inventory = server.get_slice(SLICE_SERVICE_INVENTORY)
        assert isinstance(inventory, ServiceInventorySlice)
        environments = server.get_slice(SLICE_ENVIRONMENT)
        assert isinstance(environments, EnvironmentService)
        compiler = server.get_slice(SLICE_COMPILER)
        assert isinstance(compiler, CompilerService)
        self.executor = OrderExecutor(inventory.engine)
        inventory.engine.add_listener(self.executor)
        compiler.add_listener(self)
        environments.register_listener_for_multiple_actions(self, {EnvironmentAction.cleared, EnvironmentAction.deleted})

    async def start(self) -> None:
        await super().start()
        await self.executor.recover()
        self.add_background_task(self.executor.run())

    async def environment_action_cleared(self, env: EnvironmentModel) -> None:
        """
        Stop executing the orders of an environment that is cleared.

        :param env: The environment.
        """
        self.executor.forget(env.id)

    async def environment_action_deleted(self, env: EnvironmentModel) -> None:
        """
        Stop executing the orders of an environment that is deleted.

        :param env: The environment.
        """
        self.executor.forget(env.id)

    async def compile_done(self, compile: core.Compile) -> None:  # noqa: A002 the name is that of the base class
        """
        Look at the orders when an export failed: no deployment will report for it.

        :param compile: The compile.
        """
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
        """
        Accept an order.
        """
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
                await records.insert_order(connection, order, items)
        except asyncpg.UniqueViolationError as exception:
            raise Conflict(f"There is an order {order_id} in environment {env.name}({env.id}) already") from exception
        if order.completed_at is None:
            self.executor.add(env.id, order_id)
        return (await records.load_orders([order]))[0]

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
        """
        List the orders of an environment.
        """
        return await OrderView(
            env.id, sort=sort, limit=limit, first_id=first_id, last_id=last_id, start=start, end=end
        ).execute()

    @handle(methods.lsm_order_get, env="tid")
    async def lsm_order_get(self, env: core.Environment, order_id: uuid.UUID) -> ServiceOrder:
        """
        Get an order.
        """
        order = await data.Order.get_one(environment=env.id, id=order_id)
        if order is None:
            raise NotFound(f"There is no order {order_id} in environment {env.name}({env.id})")
        return (await records.load_orders([order]))[0]


class OrderSort(AbstractDatabaseOrderV2):
    """
    The order of orders: by the time of their creation.
    """

    @classmethod
    @override
    def get_valid_sort_columns(cls) -> dict[ColumnNameStr, ColumnType]:
        return {ColumnNameStr("created_at"): DateTimeColumn}

    @property
    @override
    def id_column(self) -> tuple[ColumnNameStr, ColumnType]:
        return ColumnNameStr("id"), UUIDColumn


class OrderView(LsmView[OrderSort, ServiceOrder]):
    """
    The orders of an environment.

    :param environment: The environment.
    :param sort: ``created_at.asc`` or ``created_at.desc``.
    """

    def __init__(
        self,
        environment: uuid.UUID,
        *,
        sort: str,
        limit: int | None,
        first_id: Boundary,
        last_id: Boundary,
        start: Boundary,
        end: Boundary,
    ) -> None:
        self.environment = environment
        self._stored: list[data.Order] = []
        with bad_query_is_bad_request():
            order = OrderSort.parse_from_string(sort)
        super().__init__(order, limit, first_id, last_id, start, end)

    @property
    @override
    def allowed_filters(self) -> dict[str, type[Filter]]:
        return {}

    @override
    def get_base_url(self) -> str:
        return "/lsm/v2/order"

    @override
    def get_base_query(self) -> SimpleQueryBuilder:
        return SimpleQueryBuilder(
            select_clause="SELECT *",
            from_clause=f"FROM {data.Order.table_name()}",
            filter_statements=["environment = $1"],
            values=[self.environment],
        )

    @override
    def construct_dtos(self, records: Sequence[Record]) -> Sequence[ServiceOrder]:
        self._stored = [data.Order(from_postgres=True, **record) for record in records]
        return [to_order(order, []) for order in self._stored]

    @override
    async def get_data(self) -> tuple[Sequence[ServiceOrder], PagingBoundaries]:
        _, boundaries = await super().get_data()
        return await load_orders(self._stored), boundaries


def new_order(environment: uuid.UUID, order_id: uuid.UUID, description: str, items: Sequence[data.OrderItem]) -> data.Order:
    """
    Make the row of an order. An order with an invalid item has ended already.

    :param environment: The id of the environment.
    :param order_id: The id of the order.
    :param description: What the order is for.
    :param items: The rows of its items.
    """
    now = datetime.datetime.now(datetime.UTC)
    has_ended = any(item.state == OrderItemState.failed.value for item in items)
    return data.Order(
        environment=environment,
        id=order_id,
        description=description,
        created_at=now,
        completed_at=now if has_ended else None,
        state=order_state(OrderItemState(item.state) for item in items).value,
    )


def new_item(
    environment: uuid.UUID, order_id: uuid.UUID, item: WritableServiceOrderItemTypes, acceptance: Acceptance
) -> data.OrderItem:
    """
    Make the row of an item. When any item is invalid, none is executed.

    :param environment: The id of the environment.
    :param order_id: The id of the order.
    :param item: The item as it is requested.
    :param acceptance: What is known about the items of the order.
    """
    state, failure, reason = OrderItemState.acknowledged, None, None
    if item.instance_id in acceptance.invalid:
        state, failure = OrderItemState.failed, OrderItemFailureType.INVALID_ORDER_ITEM
        reason = acceptance.invalid[item.instance_id]
    elif acceptance.invalid:
        state, failure = OrderItemState.failed, OrderItemFailureType.EXECUTION_SKIPPED
        reason = "The item was not executed, as another item of the order is invalid."
    entity = acceptance.entities.get(item.instance_id)
    return data.OrderItem(
        environment=environment,
        order_id=order_id,
        instance_id=item.instance_id,
        service_entity=item.service_entity,
        action=item.action.value,
        config=item.config,
        attributes=item.attributes if isinstance(item, CreateWritableServiceOrderItem) else None,
        edits={"edits": [edit.model_dump() for edit in item.edits]}
        if isinstance(item, UpdateWritableServiceOrderItem)
        else None,
        metadata=item.metadata,
        dependencies=sorted(acceptance.waits_for[item.instance_id]),
        state=state.value,
        failure_type=None if failure is None else failure.value,
        reason=reason,
        service_identity_attribute_value=acceptance.identities.get(item.instance_id),
        service_identity_display_name=None
        if entity is None
        else entity.service_identity_display_name or entity.service_identity,
    )
