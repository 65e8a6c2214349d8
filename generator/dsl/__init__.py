"""The language of the descriptions: everything that a file in ``generator/services`` needs."""

from generator.dsl import std
from generator.dsl.allocators import allocate, first_free_integer
from generator.dsl.configuration import ServiceModule
from generator.dsl.expressions import Condition, Reference, choose, count, each
from generator.dsl.fields import owner, parent, r, rw, rw_plus
from generator.dsl.lifecycles import Lifecycle, fsm
from generator.dsl.modules import module
from generator.dsl.parts import Embedded, Service
from generator.dsl.resources import resource, shared
from generator.dsl.typedefs import Enumeration, InstalledType, IntegerEnumeration, bounds, pattern

__all__ = [
    "Condition",
    "Embedded",
    "Enumeration",
    "InstalledType",
    "IntegerEnumeration",
    "Lifecycle",
    "Reference",
    "Service",
    "ServiceModule",
    "allocate",
    "bounds",
    "choose",
    "count",
    "each",
    "first_free_integer",
    "fsm",
    "module",
    "owner",
    "parent",
    "pattern",
    "r",
    "resource",
    "rw",
    "rw_plus",
    "shared",
    "std",
]
