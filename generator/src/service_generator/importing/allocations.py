"""Which allocators a hand-written model fills read-only attributes with, where it makes entities of the inventory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inmanta.ast.statements import Statement
from inmanta.ast.statements.call import FunctionCall
from inmanta.ast.statements.generator import Constructor, For

from service_generator.importing.model_text import ModelText, inside
from service_generator.importing.types import constant
from service_generator.model.expressions import Constant
from service_generator.model.services import FreeInteger

_FREE_INTEGER = "lsm::allocators::get_first_free_integer"
_MODULES = ("lsm", "std")


@dataclass(frozen=True)
class Allocations:
    """
    What fills read-only attributes, by the full name of the entity and the name of the attribute.

    :param free_integers: those that take the first free integer of a range
    :param plugins: those that a plugin fills, with its full name
    """

    free_integers: Mapping[tuple[str, str], FreeInteger]
    plugins: Mapping[tuple[str, str], str]


def read_allocations(texts: Sequence[ModelText], types: Mapping[str, Any]) -> Allocations:
    """
    Read the loops that go through the inventory.

    :param texts: the files of the module
    :param types: all types, by full name
    """
    free_integers: dict[tuple[str, str], FreeInteger] = {}
    plugins: dict[tuple[str, str], str] = {}
    for text in texts:
        for made in _made(text):
            entity = text.full_name(str(made.class_type), types.__contains__)
            for name, value in made.attributes.items():
                if not isinstance(value, FunctionCall):
                    continue
                plugin = text.full_name(str(value.name), types.__contains__)
                if plugin == _FREE_INTEGER:
                    if (found := _free_integer(value)) is not None:
                        free_integers[entity, name] = found
                elif plugin.split("::")[0] not in _MODULES:
                    plugins[entity, name] = plugin
    return Allocations(free_integers, plugins)


def _made(text: ModelText) -> Iterator[Constructor]:
    statements: list[Statement] = [one for piece in text.pieces for one in piece.statements if isinstance(one, For)]
    for statement in statements:
        yield from (node for node in inside(statement) if isinstance(node, Constructor))


def _free_integer(call: FunctionCall) -> FreeInteger | None:
    bounds = [constant(call.kwargs.get(name)) for name in ("range_start", "range_end")]
    pool = constant(call.kwargs["pool"]) if "pool" in call.kwargs else None
    first, last = bounds
    if type(first) is not int or type(last) is not int or first > last or not (pool is None or isinstance(pool, str)):
        return None
    return FreeInteger(Constant(first), Constant(last), pool)
