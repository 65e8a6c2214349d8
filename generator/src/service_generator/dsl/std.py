"""
The ``std`` module: its types, for annotations, and its entities, plugins and variables, for resources.

``name: std.ascii_word`` is an attribute of a type of std; ``std.Host(...)`` and ``std.json_dumps(...)`` are what
``module("std")`` gives. What there is is read from the module that is installed; ``std.pyi`` tells type checkers.
"""

from typing import Annotated, Any

from service_generator.dsl.modules import Module
from service_generator.dsl.typedefs import InstalledType
from service_generator.installed import primitive_of, read_module

_std = Module("std")
_PYTHON: dict[str, Any] = {"string": str, "int": int, "float": float, "number": float, "bool": bool, "dict": dict[str, Any]}


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    full_name = f"std::{name}"
    if full_name in read_module("std").typedefs:
        return Annotated[_PYTHON[primitive_of(full_name)], InstalledType(full_name)]
    return getattr(_std, name)
