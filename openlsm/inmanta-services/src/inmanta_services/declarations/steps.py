"""
The steps that carry out a plan: one order, as far as an order can.

An order updates instances of strict services only, and cannot both take a relation away and delete what it led to (LSM
documentation, orders). Where a plan has such a thing, calls and a second order follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inmanta_lsm.order.model import (
    CreateWritableServiceOrderItem,
    DeleteWritableServiceOrderItem,
    OrderItemAction,
    UpdateWritableServiceOrderItem,
    WritableServiceOrderItemTypes,
)

from inmanta_services.attributes.members import references
from inmanta_services.declarations.plan import Creation, Deletion, Plan, Update


@dataclass(frozen=True)
class OrderStep:
    """Changes for one order."""

    creations: Sequence[Creation] = ()
    updates: Sequence[Update] = ()
    deletions: Sequence[Deletion] = ()

    @property
    def items(self) -> list[WritableServiceOrderItemTypes]:
        """The changes as an order takes them."""
        return [
            *(
                CreateWritableServiceOrderItem(
                    instance_id=creation.id,
                    service_entity=creation.service,
                    action=OrderItemAction.create,
                    attributes=dict(creation.attributes),
                )
                for creation in self.creations
            ),
            *(
                UpdateWritableServiceOrderItem(
                    instance_id=update.instance.id,
                    service_entity=update.instance.service_entity,
                    action=OrderItemAction.update,
                    edits=[difference.edit for difference in update.differences],
                )
                for update in self.updates
            ),
            *(
                DeleteWritableServiceOrderItem(
                    instance_id=deletion.instance.id,
                    service_entity=deletion.instance.service_entity,
                    action=OrderItemAction.delete,
                )
                for deletion in self.deletions
            ),
        ]

    @property
    def names(self) -> dict[str, str]:
        """The name of each instance by its id."""
        return {
            **{str(creation.id): creation.name for creation in self.creations},
            **{str(update.instance.id): update.name for update in self.updates},
            **{str(deletion.instance.id): deletion.name for deletion in self.deletions},
        }


@dataclass(frozen=True)
class CallStep:
    """Updates that an order cannot do."""

    updates: Sequence[Update]


type Step = OrderStep | CallStep


def steps(plan: Plan) -> list[Step]:
    """
    How to carry out a plan.

    :param plan: the plan.
    :return: the steps in their order, none when there is nothing to do.
    """
    calls = [update for update in plan.updates if not update.in_order]
    left = {
        name
        for update in plan.updates
        for attributes in (update.instance.candidate_attributes, update.instance.active_attributes)
        for name in references(attributes)
    }
    now = [deletion for deletion in plan.deletions if str(deletion.instance.id) not in left]
    later = [deletion for deletion in plan.deletions if str(deletion.instance.id) in left]
    first = OrderStep(plan.creations, [update for update in plan.updates if update.in_order], now)
    found: list[Step] = []
    if first.items:
        found.append(first)
    if calls:
        found.append(CallStep(calls))
    if later:
        found.append(OrderStep(deletions=later))
    return found
