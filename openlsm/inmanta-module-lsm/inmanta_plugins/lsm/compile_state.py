"""What the module remembers while one compile runs."""

from dataclasses import dataclass, field
from typing import Any

from inmanta_plugins.lsm.bindings import Lifecycles, Ownership
from inmanta_plugins.lsm.cache import global_cache
from inmanta_plugins.lsm.compiled_instance import CompiledInstance


@dataclass
class CompileState:
    """
    Everything that a compile has found out or done so far; what the server answered is in the cache.

    :param instances: the instances that take part, or that an entity of the model stands for, by id
    :param lifecycles: the states of the lifecycles that were read: `lsm::all` and others ask for them again and again
    :param ownership: who owns whom, by service and version; empty until a partial compile asks
    :param allocated: ids of the instances whose allocation specification ran: `lsm::all` may be called more than once.
    :param without_value: instance ids and paths for which an allocator returned null: it is not run a second time
    :param handed_out: the integers that were allocated, by pool: the used values of several calls may be as old as the first
    :param used_values: the used values by service and path, until something is written. Models ask for them once per instance:
        to look through all instances each time would make the time of a compile quadratic.
    """

    instances: dict[str, CompiledInstance] = field(default_factory=dict)
    lifecycles: Lifecycles = field(default_factory=dict)
    ownership: dict[tuple[str, int], Ownership] = field(default_factory=dict)
    allocated: set[str] = field(default_factory=set)
    without_value: set[tuple[str, str]] = field(default_factory=set)
    handed_out: dict[tuple[str, ...], set[int]] = field(default_factory=dict)
    used_values: dict[tuple[str, str], list[Any]] = field(default_factory=dict)


_current = CompileState()


def current() -> CompileState:
    """The state of the running compile."""
    return _current


def begin() -> None:
    """Forget the compile before. What belongs to the process stays: the client, the selector, the allocation specifications."""
    global _current
    global_cache.reset()
    _current = CompileState()
