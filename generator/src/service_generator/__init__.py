"""
The language of the descriptions: everything that a file of descriptions needs.

The stages of the compiler, each of which only imports the ones before it: the language (``service_generator.dsl``) is what
descriptions are written in; they are read (``service_generator.read``) into an intermediate model
(``service_generator.model``), which is checked and handed to the emitters (``service_generator.emit``); the writer puts their
text on disk and the command line (``service_generator.cli``) ties it all together.
"""

from service_generator.dsl import std, web
from service_generator.dsl.allocators import allocate, by_spec, first_free_integer
from service_generator.dsl.choices import choose, count, each
from service_generator.dsl.configuration import ServiceModule
from service_generator.dsl.expressions import Condition, Reference
from service_generator.dsl.fields import owner, parent, r, rw, rw_plus
from service_generator.dsl.lifecycles import Lifecycle, fsm, state
from service_generator.dsl.modules import module
from service_generator.dsl.own import OwnEntity, OwnResource, attribute, related
from service_generator.dsl.parts import Embedded, InstalledService, Service
from service_generator.dsl.resources import action, helper, resource, shared
from service_generator.dsl.typedefs import (
    Enumeration,
    InstalledType,
    IntegerEnumeration,
    any_of,
    bounds,
    one_of,
    pattern,
    validated,
)
from service_generator.model.lifecycles import State, StateMachine, Transfer

__all__ = [
    "Condition",
    "Embedded",
    "Enumeration",
    "InstalledService",
    "InstalledType",
    "IntegerEnumeration",
    "Lifecycle",
    "OwnEntity",
    "OwnResource",
    "Reference",
    "Service",
    "ServiceModule",
    "State",
    "StateMachine",
    "Transfer",
    "action",
    "allocate",
    "any_of",
    "attribute",
    "bounds",
    "by_spec",
    "choose",
    "count",
    "each",
    "first_free_integer",
    "fsm",
    "helper",
    "module",
    "one_of",
    "owner",
    "parent",
    "pattern",
    "r",
    "related",
    "resource",
    "rw",
    "rw_plus",
    "shared",
    "state",
    "std",
    "validated",
    "web",
]
