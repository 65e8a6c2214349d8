"""Orders of important customers, for the tests: what a user sends, and what the service is expected to make of it."""

import typing

Attributes = dict[str, typing.Any]


def order(order_id: str, *item_names: str, **documentation: str) -> Attributes:
    """
    Describe an order, with the attributes that a user has to give and no other.

    :param order_id: identity of the order
    :param item_names: names of its items
    :param documentation: attributes of its documentation, to replace or add to the one that is mandatory
    :return: the attributes to create the service with
    """
    return {
        "order_id": order_id,
        "documentation": {"customer_reference": f"customer-of-{order_id}", **documentation},
        "items": [{"name": name} for name in item_names],
    }


def with_items(attributes: Attributes, *item_names: str) -> Attributes:
    """
    Describe an update of an order: the same, with other items.

    :param attributes: The attributes that the order has now. They are not changed.
    :param item_names: Names of the items that it will have. Those that it has already stay as they are.
    :return: the attributes to update the service with
    """
    known = {item["name"]: item for item in attributes["items"]}
    return {**attributes, "items": [known.get(name, {"name": name}) for name in item_names]}


def expected_resources(
    attributes: Attributes,
    *,
    removed: typing.Collection[Attributes] = (),
    deleting: bool = False,
    items_folder: str = "/tmp/items",
    orders_folder: str = "/tmp/orders",
) -> dict[str, bool]:
    """
    List the resources that an order owns.

    :param attributes: the attributes of the order, with all ids
    :param removed: the items that the update in progress has removed
    :param deleting: whether the service is being deleted
    :param items_folder: where the files of the items are
    :param orders_folder: where the folders of the orders are
    :return: for each resource id (without version), whether the resource is purged
    """
    folder = f"{orders_folder}/order-{attributes['service_id']}"
    removed_names = {item["name"] for item in removed}
    items = [*attributes["items"], *removed]
    resources = {f"fs::Directory[localhost,path={folder}]": deleting}
    resources |= {
        f"fs::File[localhost,path={items_folder}/item-{item['service_item_id']}.json]": deleting
        or item["name"] in removed_names
        for item in items
    }
    if not deleting:
        resources[f"fs::Directory[localhost,path={folder}/items]"] = False
        resources[f"fs::File[localhost,path={folder}/{attributes['order_id']}.json]"] = False
        resources |= {
            f"fs::Symlink[localhost,dst={folder}/items/{item['name']}.json]": item["name"] in removed_names for item in items
        }
    return resources
