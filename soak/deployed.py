"""The files of important customers: those that have to be there, by the inventory, and those that are."""

import json
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

from demo import files


def expected(instances: Iterable[Mapping[str, Any]], folder: pathlib.Path) -> dict[pathlib.Path, str]:
    """
    What has to be in the folder, but for directories.

    :param instances: the active attributes of the instances that there are
    :param folder: where everything is deployed
    :return: by path relative to the folder: what a link leads to; of an item its name, of an order the number of its items
    """
    entries: dict[pathlib.Path, str] = {}
    for attributes in instances:
        order = pathlib.Path("orders", f"order-{attributes['service_id']}")
        entries[order / f"{attributes['order_id']}.json"] = str(len(attributes["items"]))
        for item in attributes["items"]:
            file = pathlib.Path("items", f"item-{item['service_item_id']}.json")
            entries[file] = item["name"]
            entries[order / "items" / f"{item['name']}.json"] = str(folder / file)
    return entries


def found(folder: pathlib.Path) -> dict[pathlib.Path, str]:
    """
    What is in the folder, as :func:`expected` tells it.

    :param folder: where everything is deployed
    """
    return {path: _essence(entry) for path, entry in files.look(folder).items() if entry.kind != "directory"}


def _essence(entry: files.Entry) -> str:
    if entry.kind == "link":
        return entry.text
    try:
        content = json.loads(entry.text)
    except ValueError:
        return f"no JSON: {entry.text!r}"
    return str(content["name"] if "name" in content else content["itemsCount"])


def wrong(instances: Iterable[Mapping[str, Any]], folder: pathlib.Path) -> list[str]:
    """
    Name what is missing, too much or different in the folder.

    :param instances: the active attributes of the instances that there are
    :param folder: where everything is deployed
    """
    wanted, present = expected(instances, folder), found(folder)
    return sorted(str(path) for path in wanted.keys() | present.keys() if wanted.get(path) != present.get(path))
