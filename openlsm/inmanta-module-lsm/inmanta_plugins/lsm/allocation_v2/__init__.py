"""Allocation for services with embedded entities; the classes are in :mod:`inmanta_plugins.lsm.allocation_v2.framework`."""

from inmanta.util import dict_path

__all__ = ["dict_path"]
