"""An allocator of a module that is only made by a test."""

from inmanta_plugins.lsm.allocation_helpers import allocator


@allocator()
def look_up(
    service: "lsm::ServiceEntity",  # type: ignore[valid-type]  # noqa: F722
    attribute_path: "string",  # type: ignore[name-defined]  # noqa: F821
    *,
    name: "string",  # type: ignore[name-defined]  # noqa: F821
    region: "string",  # type: ignore[name-defined]  # noqa: F821
    depth: "int" = 1,
) -> "dict":  # type: ignore[type-arg]
    """What an inventory would know about a network."""
    return {"key": f"{region}/{name}", "depth": depth}
