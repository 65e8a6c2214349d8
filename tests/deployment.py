"""
The orchestrator's own file system, seen from a test: what the services put there, and what stands in their way.

Everything goes through a shell on the orchestrator, so that it does not matter where that is.
"""

import dataclasses
import json
import pathlib
import shlex
import typing

from pytest_inmanta_lsm import remote_orchestrator as remote_orchestrator_module

from tests import orders


@dataclasses.dataclass(frozen=True)
class Entry:
    """
    Something in the file system.

    :param kind: ``directory``, ``regular file``, ``regular empty file`` or ``symbolic link``
    :param mode: the permissions, in octal
    :param owner: number of the user that it belongs to: not every user has a name
    :param group: number of its group
    :param target: where it points to, if it is a link
    """

    kind: str
    mode: str
    owner: str
    group: str
    target: str | None = None


class Deployment:
    """
    A folder on the orchestrator in which the orders and items of a test are deployed.

    :param orchestrator: the orchestrator
    :param folder: The folder, an absolute path. It is made by :meth:`prepare`.
    """

    def __init__(self, orchestrator: remote_orchestrator_module.RemoteOrchestrator, folder: pathlib.PurePosixPath) -> None:
        self.orchestrator = orchestrator
        self.folder = folder
        self.orders_folder = folder / "orders"
        self.items_folder = folder / "items"
        self.first_item_id = 100
        self.owner = self.shell("id --user").strip()
        self.group = self.shell("id --group").strip()

    def shell(self, command: str) -> str:
        """
        Run a command on the orchestrator, as the user that deploys.

        :param command: the command, for a shell
        :return: what it printed
        """
        return self.orchestrator.run_command([command], shell=True)

    def prepare(self) -> None:
        """Make the folder."""
        self.shell(f"mkdir --parents {shlex.quote(str(self.folder))}")

    def clean_up(self) -> None:
        """Remove the folder and all that is in it."""
        self.clear(self.folder)

    def item_file(self, number: int = 0) -> pathlib.PurePosixPath:
        """
        :param number: which of the items, in the order in which they get their ids
        :return: where its file goes
        """
        return self.items_folder / f"item-{self.first_item_id + number}.json"

    def obstruct(self, path: pathlib.PurePosixPath) -> None:
        """
        Put something in the way of a file: a folder that is not empty, which no deployment of a file can replace.

        :param path: Where the file should go. What is there is removed.
        """
        self.clear(path)
        self.shell(f"mkdir --parents {shlex.quote(str(path / 'in-the-way'))}")

    def clear(self, path: pathlib.PurePosixPath) -> None:
        """
        Remove whatever is in the way of a file, or the file itself.

        :param path: where the file goes
        """
        self.shell(f"rm --recursive --force {shlex.quote(str(path))}")

    def configuration(self) -> dict[str, object]:
        """:return: the configuration of the module that makes it deploy in this folder"""
        return {
            "important_customer_service": {
                "items_folder": self.items_folder.as_uri(),
                "orders_folder": self.orders_folder.as_uri(),
                # Apart from those of the orders, so that a test knows which id the next item gets.
                "service_item_id_range": {"start": self.first_item_id, "end": self.first_item_id + 99},
            }
        }

    def entries(self) -> dict[str, Entry]:
        """:return: all that is in the folder, by path relative to it"""
        listing = self.shell(f"find {shlex.quote(str(self.folder))} -mindepth 1 -printf '%P\\t%y\\t%m\\t%U\\t%G\\t%l\\n'")
        kinds = {"d": "directory", "f": "regular file", "l": "symbolic link"}
        entries = {}
        for line in listing.splitlines():
            path, kind, mode, owner, group, target = line.split("\t")
            entries[path] = Entry(kinds.get(kind, kind), mode, owner, group, target or None)
        return entries

    def content(self, path: str) -> typing.Any:
        """
        :param path: path of a file that holds JSON, relative to the folder
        :return: what it holds
        """
        return json.loads(self.shell(f"cat {shlex.quote(str(self.folder / path))}"))

    def expected_entries(self, *services: orders.Attributes) -> dict[str, Entry]:
        """
        List what has to be in the folder, no more and no less, once services are deployed.

        :param services: the attributes of the orders, with all ids
        :return: the entries by path relative to the folder
        """
        directory = Entry("directory", "755", self.owner, self.group)
        file = Entry("regular file", "644", self.owner, self.group)
        expected = {"orders": directory, "items": directory}
        for service in services:
            order = f"orders/order-{service['service_id']}"
            expected |= {order: directory, f"{order}/items": directory, f"{order}/{service['order_id']}.json": file}
            for item in service["items"]:
                item_file = f"items/item-{item['service_item_id']}.json"
                expected[item_file] = file
                expected[f"{order}/items/{item['name']}.json"] = Entry(
                    "symbolic link", "777", self.owner, self.group, str(self.folder / item_file)
                )
        return expected

    def assert_deployed(self, *services: orders.Attributes) -> None:
        """
        Check that what is in the folder is exactly what services deploy.

        :param services: the attributes of the orders, with all ids
        """
        assert self.entries() == self.expected_entries(*services)
        for service in services:
            assert self.content(f"orders/order-{service['service_id']}/{service['order_id']}.json") == {
                "order_id": service["order_id"],
                "service_id": service["service_id"],
                "documentation": service["documentation"],
                "itemsCount": len(service["items"]),
            }
            for item in service["items"]:
                assert self.content(f"items/item-{item['service_item_id']}.json") == item
