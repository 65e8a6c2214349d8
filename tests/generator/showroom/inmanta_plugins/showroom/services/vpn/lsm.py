"""Allocators of a module that is only made by a test."""

from inmanta_plugins.lsm.allocation_helpers import allocator


@allocator()
def make_target(
    service: "lsm::ServiceEntity",  # type: ignore[valid-type]  # noqa: F722
    attribute_path: "string",  # type: ignore[name-defined]  # noqa: F821
    *,
    vrf: "int?",  # type: ignore[valid-type]  # noqa: F722
    prefix: "string",  # type: ignore[name-defined]  # noqa: F821
) -> "string":  # type: ignore[name-defined]  # noqa: F821
    """A route target, from the number of the routing table."""
    return f"{prefix}:{vrf}"


@allocator()
def make_key(
    service: "lsm::ServiceEntity",  # type: ignore[valid-type]  # noqa: F722
    attribute_path: "string",  # type: ignore[name-defined]  # noqa: F821
    *,
    vpn: "string?",  # type: ignore[valid-type]  # noqa: F722
    address: "string",  # type: ignore[name-defined]  # noqa: F821
    router: "string",  # type: ignore[name-defined]  # noqa: F821
) -> "string":  # type: ignore[name-defined]  # noqa: F821
    """A key that two neighbours share."""
    return f"{vpn}/{address}/{router}"
