"""Python side of the integration_example module."""

from inmanta.plugins import PluginException, plugin

LONGEST_FILE_NAME = 255
"""What the file systems of Linux take, in bytes."""


@plugin
def file_name(name: str) -> str:
    """
    The name of the JSON file for something that users named.

    Some names fit neither a path nor the id of a resource. They are refused while the service that brings them is validated,
    since a compile that they break later would be one of other services as well.

    :param name: what the user called it
    :raises PluginException: there can't be a file with that name
    """
    file = f"{name}.json"
    if "/" in name or "]" in name:
        raise PluginException(f"{name!r} can't be the name of a file: choose a name without / and ].")
    if len(file.encode()) > LONGEST_FILE_NAME:
        raise PluginException(f"{name!r} can't be the name of a file: choose a name of at most {LONGEST_FILE_NAME - 5} bytes.")
    return file
