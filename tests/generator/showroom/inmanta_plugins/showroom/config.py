"""The configuration of a module that is only made by a test."""

from collections.abc import Mapping

from inmanta.plugins import plugin


@plugin
def get_config() -> Mapping[str, object]:
    """The configuration; the test has no file."""
    return {"vlans": {"start": 100, "end": 199}, "folder": "/tmp/showroom", "operator": None}
