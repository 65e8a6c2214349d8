"""ImportantCustomerService: a folder per order, and a file and a symlink per item of the order."""

from pathlib import PurePath
from typing import Any

from service_generator import (
    Embedded,
    Enumeration,
    Reference,
    Service,
    allocate,
    count,
    first_free_integer,
    fsm,
    module,
    parent,
    r,
    resource,
    rw,
    rw_plus,
    shared,
    std,
)

from generator.services import config, integration_example

fs = module("fs")
mitogen = module("mitogen")
plugins = integration_example.plugins
settings = config.important_customer_service


class ItemPriority(Enumeration):
    """How urgent an item is, from the most to the least urgent."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    NORMAL = "NORMAL"
    LOW = "LOW"


def directory(path: str | PurePath, requires: list[Reference]) -> Reference:
    """A directory on the orchestrator, with the rights that all directories of this service have."""
    return fs.Directory(host=localhost, path=path, mode=755, owner=settings.owner, group=settings.group, requires=requires)


def json_file(path: str, content: dict[str, Any], requires: list[Reference]) -> Reference:
    """A file on the orchestrator that holds JSON, with the rights that all files of this service have."""
    return fs.File(
        host=localhost,
        path=path,
        mode=644,
        owner=settings.owner,
        group=settings.group,
        content=std.json_dumps(content),
        requires=requires,
    )


# What all orders share: made once, the same in every compile, part of no service instance.


@shared
def localhost() -> Reference:
    """The orchestrator itself, reached through a local mitogen context."""
    return std.Host(name="localhost", os=std.linux, via=mitogen.Local())


@shared
def localhost_agent() -> Reference:
    """The agent of the orchestrator itself, started by the orchestrator."""
    return std.AgentConfig(agentname=localhost.name, autostart=True)


@shared
def orders_folder() -> Reference:
    """The folder that holds a folder for each order."""
    return directory(settings.orders_folder, requires=[])


@shared
def items_folder() -> Reference:
    """The folder that holds the files of the items of all orders."""
    return directory(settings.items_folder, requires=[])


class ServiceDocumentation(Embedded):
    """What is known about the customer and the order."""

    service: "ImportantCustomerService" = parent()

    customer_reference: str = rw("Reference of the customer in the inventory of customers.")
    description: str | None = rw_plus("Free text about the order.", default=None)
    customer_info: dict[str, Any] | None = r(
        "What the inventory of customers knows about the customer.",
        allocator=allocate("resolve_customer_info", customer_reference=customer_reference),
    )


class ServiceItem(Embedded):
    """One item of an order: a file, and a symlink to it in the folder of the order. Both go when an update removes the item."""

    service: "ImportantCustomerService" = parent()

    name: std.ascii_word = rw("Name of the item, unique within its order.", key=True)
    priority: ItemPriority = rw_plus("How urgent the item is.", default=ItemPriority.NORMAL)
    description: str | None = rw_plus("Free text about the item.", default=None)
    service_item_id: int | None = r(
        "Number of the item, unique among the items of all orders.",
        allocator=first_free_integer(settings.service_item_id_range),
    )

    @resource
    def file(self) -> Reference:
        """The item itself."""
        return json_file(
            f"{items_folder.path}/item-{self.service_item_id}.json",
            {
                "name": self.name,
                "priority": self.priority,
                "description": self.description,
                "service_item_id": self.service_item_id,
            },
            requires=[items_folder],
        )

    @resource(unless=lambda self: self.deleting)
    def symlink(self) -> Reference:
        """The link to the item in the folder of the order; when that folder is purged, the link is gone with it."""
        return fs.Symlink(
            host=localhost,
            src=self.file.path,
            dst=f"{self.service.order_items_folder.path}/{plugins.file_name(self.name)}",
            requires=[self.file, self.service.order_items_folder],
        )


class ImportantCustomerService(Service):
    """An order of an important customer: a folder with the order and links to its items."""

    identity = "order_id"
    lifecycle = fsm.simple

    order_id: std.ascii_word = rw("Name of the order, unique among all orders.")
    service_id: int | None = r(
        "Number of the order, unique among all orders.", allocator=first_free_integer(settings.service_id_range)
    )
    documentation: ServiceDocumentation = rw_plus("What is known about the customer and the order.")
    items: list[ServiceItem] = rw_plus("The items of the order.")

    @resource
    def order_folder(self) -> Reference:
        """The folder of the order; purging it removes all that is inside."""
        return directory(f"{orders_folder.path}/order-{self.service_id}", requires=[orders_folder])

    @resource(unless=lambda self: self.deleting)
    def order_items_folder(self) -> Reference:
        """The folder with the links to the items of the order."""
        return directory(f"{self.order_folder.path}/items", requires=[self.order_folder])

    @resource(unless=lambda self: self.deleting)
    def order_file(self) -> Reference:
        """The order itself."""
        return json_file(
            f"{self.order_folder.path}/{plugins.file_name(self.order_id)}",
            {
                "order_id": self.order_id,
                "service_id": self.service_id,
                "documentation": {
                    "customer_reference": self.documentation.customer_reference,
                    "description": self.documentation.description,
                    "customer_info": self.documentation.customer_info,
                },
                "itemsCount": count(self.items, unless=lambda item: item.removed),
            },
            requires=[self.order_folder],
        )
