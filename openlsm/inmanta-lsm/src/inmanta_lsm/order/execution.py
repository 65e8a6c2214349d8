"""
The execution of orders: items are started when those they wait for are completed, and judged by where their instance settles.

All orders are executed by one task, one after the other, whenever something happened to an instance that an order waits for.
What an item has come to is stored with its first transfer, so a restart neither loses an item nor executes it twice.
"""

import asyncio
import datetime
import logging
import uuid
from collections.abc import Mapping, Sequence

from inmanta.data import Environment
from inmanta.protocol.exceptions import BaseHttpException

from inmanta_lsm.data import documents
from inmanta_lsm.data.orders import finish_order, load_items, open_orders, orders_waiting_for
from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.engine.reconciler import log_failure
from inmanta_lsm.engine.transaction import Change
from inmanta_lsm.model.order import OrderItemFailureType, OrderItemState
from inmanta_lsm.order.acceptance import sentence_of
from inmanta_lsm.order.outcome import ItemOutcome, conclude
from inmanta_lsm.order.plan import FINAL_STATES, order_state
from inmanta_lsm.order.start import NotYetError, start_item

LOGGER = logging.getLogger(__name__)

type OrderKey = tuple[uuid.UUID, uuid.UUID]
"""The id of an environment and the id of an order."""

type InstanceKey = tuple[uuid.UUID, uuid.UUID]
"""The id of an environment and the id of an instance."""


class OrderExecutor:
    """Executes orders. The lifecycle engine tells it what happens to instances."""

    def __init__(self, engine: Engine) -> None:
        """:param engine: carries out the transfers"""
        self._engine = engine
        self._open: dict[uuid.UUID, set[uuid.UUID]] = {}
        # What is to be looked at. What happens meanwhile to the same order or instance is looked at once.
        self._due_orders: set[OrderKey] = set()
        self._due_instances: set[InstanceKey] = set()
        self._is_due = asyncio.Event()
        # Orders that could not be carried on with.
        self._failed: set[OrderKey] = set()

    async def committed(self, environment: uuid.UUID, changes: Sequence[Change]) -> None:
        """
        Note that something happened to instances.

        :param changes: what was carried out
        """
        if environment in self._open:
            self._due_instances |= {(environment, change.decision.after.id) for change in changes}
            self._is_due.set()

    def add(self, environment: uuid.UUID, order_id: uuid.UUID) -> None:
        """
        Execute an order.

        :param order_id: the id of the order, which is stored
        """
        self._open.setdefault(environment, set()).add(order_id)
        self._due_orders.add((environment, order_id))
        self._is_due.set()

    def wake(self, environment: uuid.UUID) -> None:
        """Judge all orders of an environment again, after a change that is no transfer."""
        self._due_orders |= {(environment, order_id) for order_id in self._open.get(environment, ())}
        self._is_due.set()

    def forget(self, environment: uuid.UUID) -> None:
        """Stop executing the orders of an environment that was cleared."""
        self._open.pop(environment, None)

    async def reconcile(self) -> None:
        """Carry on with the orders with which that failed."""
        failed, self._failed = self._failed, set()
        if failed:
            self._due_orders |= failed
            self._is_due.set()

    async def recover(self) -> None:
        """Resume the orders that were in progress when the server stopped."""
        for environment, order_id in await open_orders():
            self.add(environment, order_id)

    async def run(self) -> None:
        """Execute orders until the server stops."""
        while True:
            await self._is_due.wait()
            self._is_due.clear()
            moved = await self._take_due()
            for key, instance_ids in moved.items():
                try:
                    await self._advance(key, instance_ids)
                except Exception as exception:
                    self._failed.add(key)
                    what = f"Order {key[1]} of environment {key[0]} could not be carried on with, this is tried again"
                    log_failure(LOGGER, what, exception)

    async def _take_due(self) -> dict[OrderKey, set[uuid.UUID] | None]:
        """
        Find out which orders are due.

        :return: the instances to which something happened, by order; None where it is not known
        """
        orders, self._due_orders = self._due_orders, set()
        instances, self._due_instances = self._due_instances, set()
        moved: dict[OrderKey, set[uuid.UUID] | None] = dict.fromkeys(orders)
        for environment, instance_id in instances:
            try:
                waiting = await orders_waiting_for(environment, instance_id)
            except Exception:
                LOGGER.exception(
                    "The orders that wait for service instance %s could not be read, all are looked at", instance_id
                )
                waiting = list(self._open.get(environment, ()))
            for order_id in waiting:
                known = moved.setdefault((environment, order_id), set())
                if known is not None:
                    known.add(instance_id)
        return moved

    async def _advance(self, key: OrderKey, moved: set[uuid.UUID] | None) -> None:
        """
        Judge and start the items of an order, until nothing changes.

        :param moved: the instances to which something happened, None if that is not known: then all items are looked at
        """
        environment, order_id = key
        env = await Environment.get_by_id(environment)
        order = await documents.Order.get_one(environment=environment, id=order_id)
        if env is None or order is None or order.completed_at is not None:
            self._close(key)
            return
        items = await load_items(environment, order_id)
        states = {item.instance_id: OrderItemState(item.state) for item in items}
        due = {item.instance_id for item in items} if moved is None else moved
        while due:
            changed = {
                item.instance_id for item in items if item.instance_id in due and await self._advance_item(env, item, states)
            }
            states |= {item.instance_id: OrderItemState(item.state) for item in items if item.instance_id in changed}
            # An item may have ended as soon as it was started, and others may have waited for it.
            due = changed | {item.instance_id for item in items if changed.intersection(item.dependencies)}
        if all(state in FINAL_STATES for state in states.values()):
            await finish_order(order, order_state(states.values()), datetime.datetime.now(datetime.UTC))
            self._close(key)

    def _close(self, key: OrderKey) -> None:
        environment, order_id = key
        orders = self._open.get(environment, set())
        orders.discard(order_id)
        if not orders:
            self._open.pop(environment, None)

    async def _advance_item(
        self, env: Environment, item: documents.OrderItem, states: Mapping[uuid.UUID, OrderItemState]
    ) -> bool:
        """
        Take an item one step further.

        :return: whether it has another state now
        """
        match OrderItemState(item.state):
            case OrderItemState.in_progress:
                outcome = await conclude(item)
                if outcome is None:
                    return False
                await self._store(item, outcome)
                return True
            case OrderItemState.acknowledged:
                return await self._start(env, item, states)
            case _:
                return False

    async def _start(self, env: Environment, item: documents.OrderItem, states: Mapping[uuid.UUID, OrderItemState]) -> bool:
        waits_for = {states[dependency] for dependency in item.dependencies}
        if OrderItemState.failed in waits_for:
            await self._store(
                item,
                ItemOutcome(
                    OrderItemState.failed,
                    OrderItemFailureType.EXECUTION_SKIPPED,
                    "The item was not executed, as an item that it depends on failed.",
                ),
            )
            return True
        if waits_for - {OrderItemState.completed}:
            return False
        try:
            await start_item(self._engine, env, item)
        except NotYetError:
            return False
        except BaseHttpException as refusal:
            await self._store(
                item, ItemOutcome(OrderItemState.failed, OrderItemFailureType.EXECUTION_FAILED, sentence_of(refusal))
            )
        return True

    async def _store(self, item: documents.OrderItem, outcome: ItemOutcome) -> None:
        await item.update_fields(**outcome.columns())
