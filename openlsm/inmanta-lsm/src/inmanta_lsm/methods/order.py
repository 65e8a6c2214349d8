"""Protocol methods of orders."""

# The methods declare an interface: the server handles them, so they have no body.
# mypy: disable-error-code="empty-body"

import datetime
import uuid

from inmanta.const import ClientType
from inmanta.protocol.auth.decorators import auth
from inmanta.protocol.common import ReturnValue
from inmanta.protocol.decorators import typedmethod
from inmanta.protocol.methods import ENV_OPTS

from inmanta_lsm.methods.label import LsmAuthorizationLabel
from inmanta_lsm.model.order import ServiceOrder, WritableServiceOrderItemTypes


@auth(auth_label=LsmAuthorizationLabel.ORDER_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/order",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=2,
)
def lsm_order_create(
    tid: uuid.UUID,
    service_order_items: list[WritableServiceOrderItemTypes],
    id: uuid.UUID | None = None,  # noqa: A002
    description: str = "",
) -> ServiceOrder:
    """
    Order several changes of service instances, which are executed in the order their references to each other require.

    :param tid: the id of the environment
    :param service_order_items: the changes, in any order
    :param id: the id of the order, a random one if it is left out
    :param description: what the order is for
    :return: The order. An order with an invalid item is accepted, and has failed at once.
    :raises BadRequest: there is no item, or an instance has more than one
    :raises Conflict: there is an order with this id
    """


@auth(auth_label=LsmAuthorizationLabel.ORDER_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/order",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=2,
)
def lsm_order_list(
    tid: uuid.UUID,
    limit: int | None = None,
    first_id: uuid.UUID | None = None,
    last_id: uuid.UUID | None = None,
    start: datetime.datetime | None = None,
    end: datetime.datetime | None = None,
    sort: str = "created_at.desc",
) -> ReturnValue[list[ServiceOrder]]:
    """
    Get the orders of an environment.

    :param tid: the id of the environment
    :param limit: the greatest number of orders to return, at most 1000
    :param first_id: with ``start``: orders of that very time are returned if their id is greater
    :param last_id: with ``end``: orders of that very time are returned if their id is smaller
    :param start: only later orders are returned, whatever the sort order
    :param end: only earlier orders are returned, whatever the sort order
    :param sort: ``created_at.desc`` or ``created_at.asc``
    :return: the orders
    :raises BadRequest: the sort column, the order or the limit is not supported
    :raises NotFound: the environment does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.ORDER_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/order/<order_id>",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=2,
)
def lsm_order_get(tid: uuid.UUID, order_id: uuid.UUID) -> ServiceOrder:
    """
    Get an order.

    :param tid: the id of the environment
    :param order_id: the id of the order
    :return: the order
    :raises NotFound: the order does not exist
    """
