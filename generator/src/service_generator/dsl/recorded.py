"""
What the syntax of Python becomes in description files.

Python lets a class decide what ``a + b`` does, but not ``a and b``, ``a if b else c``, f-strings or comprehensions. When a
description file is read, each of these is replaced by a call of a function below (see
:mod:`service_generator.read.rewriting`). For plain values they do what Python does; for values of a service they record an
expression.
"""

import builtins
import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

from service_generator.dsl import blocks
from service_generator.dsl.choices import all_of, any_of, decided, length, listing
from service_generator.dsl.expressions import Reference, both, defined, either, element_of, opposite, within
from service_generator.dsl.flow import assuming
from service_generator.dsl.texts import Piece
from service_generator.dsl.texts import text as text_of
from service_generator.dsl.unknown import Unknown, kind_of, to_node
from service_generator.errors import DescriptionError
from service_generator.kinds import INT, STRING, Kind, common
from service_generator.model.expressions import Call, ListOf
from service_generator.model.names import RUNTIME

type Late = Callable[[], object]


def text(*pieces: Piece) -> object:
    """``f"..."``"""
    return text_of(pieces)


def conjunction(*terms: Late) -> object:
    """``a and b``"""
    value: object = True
    for index, term in enumerate(terms):
        if isinstance(value, Reference):
            with assuming(to_node(value)):
                return both(value, conjunction(*terms[index:]))
        if not value:
            return value
        value = term()
    return value


def disjunction(*terms: Late) -> object:
    """``a or b``"""
    value: object = False
    for index, term in enumerate(terms):
        if isinstance(value, Reference):
            with assuming(to_node(value), holds=False):
                return either(value, disjunction(*terms[index:]))
        if value:
            return value
        value = term()
    return value


def negation(value: object) -> object:
    """``not a``"""
    return opposite(value) if isinstance(value, Reference) else not value


def choice(condition: object, then: Late, otherwise: Late) -> object:
    """``a if condition else b``"""
    if isinstance(condition, Reference):
        return decided(condition, then, otherwise)
    return then() if condition else otherwise()


def is_none(value: object) -> object:
    """``a is None``"""
    return opposite(defined(value)) if isinstance(value, Reference) else value is None


def same(left: object, right: object) -> object:
    """``a is b``"""
    if isinstance(left, Reference) or isinstance(right, Reference):
        raise DescriptionError("`is` compares values that are not known yet when the model is generated. Use ==, or `is None`.")
    return left is right


def contained(item: object, container: Any) -> object:
    """``a in b``"""
    if isinstance(item, Reference) or isinstance(container, Reference):
        return within(item, list(container) if isinstance(container, set | frozenset) else container)
    return item in container


def comprehension(
    elements: Any, select: Callable[[Any], object], guard: Callable[[Any], object] | None, name: str, flat: bool
) -> object:
    """``[a for x in elements if b]``; a flat one joins the lists that its value gives, for a ``for`` that follows the first"""
    if isinstance(elements, Reference):
        listed = listing(elements, select, guard, name)
        if not flat:
            _refuse_lists(listed, select, elements, name)
        return listed
    values = [select(element) for element in elements if guard is None or _plain(guard(element))]
    if not flat:
        return values
    if any(isinstance(value, Reference) for value in values):
        lists = ListOf(tuple(to_node(value) for value in values))
        return Reference(lists, Kind(kind_of(values[0]).item, many=True))
    return [item for value in values for item in value]  # type: ignore[attr-defined]


def spread(*pieces: tuple[bool, Any]) -> object:
    """``[*a, b]``; each piece says whether it is a list to be taken apart"""
    if not any(taken_apart and isinstance(value, Reference) for taken_apart, value in pieces):
        return [item for taken_apart, value in pieces for item in (value if taken_apart else [value])]
    kinds: list[Kind] = []
    for taken_apart, value in pieces:
        kind = kind_of(value)
        if kind.optional or kind.many != taken_apart:
            raise DescriptionError(f"{kind} is {'taken apart' if taken_apart else 'put'} into a list. Use * for lists only.")
        kinds.append(kind.one())
    item = functools.reduce(common, kinds)
    # The language makes one list of a list of lists.
    return Reference(ListOf(tuple(to_node(value) for _, value in pieces)), Kind(item.item, many=True))


def _refuse_lists(listed: Reference, select: Callable[[Any], object], elements: Reference, name: str) -> None:
    if kind_of(select(element_of(elements, name)[1])).many:
        raise DescriptionError(
            "the comprehension gives a list of lists, of which the inmanta language makes one list. "
            "Write [... for a in b for c in a.d], or put the inner list in a dict."
        )


def _plain(value: object) -> object:
    if isinstance(value, Reference):
        raise DescriptionError(
            "the condition of a comprehension is not known yet when the model is generated, but its list is made by Python. "
            "Go through a list of the service, or put the condition in the value."
        )
    return value


def loop(elements: Any, name: str, rebound: tuple[str, ...], leaves: bool) -> Iterator[Any]:
    """``for x in elements`` in a method that yields resources"""
    if not isinstance(elements, Reference):
        yield from elements
        return
    if leaves:
        raise DescriptionError(
            "a loop over elements that are not known yet when the model is generated goes through all of them, and "
            "cannot be left with break or return. Put an if around the yield."
        )
    if rebound:
        raise DescriptionError(
            f"{rebound[0]} gets another value in a loop over elements that are not known yet when the model is generated. "
            "Use a comprehension, len(...), or another name."
        )
    with blocks.loop(elements, name) as element:
        yield element


def when(condition: object) -> Iterator[None]:
    """``if a`` in a method that yields resources"""
    if isinstance(condition, Reference):
        with blocks.condition(condition, holds=True):
            yield
    elif condition:
        yield


def otherwise(condition: object) -> Iterator[None]:
    """``else`` in a method that yields resources"""
    if isinstance(condition, Reference):
        with blocks.condition(condition, holds=False):
            yield
    elif not condition:
        yield


def call(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """``len(a)`` and other calls of what Python brings along"""
    if function is str and len(arguments) == 1 and not named:
        return text_of([(arguments[0], -1, "")])
    if not any(isinstance(argument, Reference) for argument in (*arguments, *named.values())):
        return function(*arguments, **named)
    if function in _RECORDED and not named:
        return _RECORDED[function](*arguments)
    if getattr(builtins, getattr(function, "__name__", ""), None) is function:
        raise DescriptionError(
            f"Python's {function.__name__} does not know values of a service. It is known for "
            f"{', '.join(sorted(known.__name__ for known in _RECORDED))}; for others, use a plugin of a module."
        )
    return function(*arguments, **named)


def special(value: Any, name: str) -> Any:
    """``a.__class__`` and the like"""
    if isinstance(value, Unknown):
        raise DescriptionError(
            f"{name} is of what stands for the value while the model is generated, and not of the value. Use a constant."
        )
    return getattr(value, name)


def caught() -> None:
    """What an ``except`` starts with: what the generator refuses is not for the description to deal with."""
    error = sys.exception()
    if isinstance(error, DescriptionError):
        raise error


def joined(separator: Any, *arguments: Any) -> Any:
    """``",".join(a)``"""
    if len(arguments) == 1 and isinstance(separator, str | Reference):
        (values,) = arguments
        if isinstance(values, Reference) or isinstance(separator, Reference):
            return _join(separator, values)
        values = list(values)
        if any(isinstance(value, Reference) for value in values):
            return text_of([piece for value in values for piece in (separator, (value, -1, ""))][1:])
        return separator.join(values)
    return separator.join(*arguments)


def _join(separator: object, values: object) -> Reference:
    kind = kind_of(values)
    if not kind.many and not kind.is_unknown:
        raise DescriptionError(f"join(...) needs a list of strings, and this is {kind}.")
    if kind.item not in ("string", "any"):
        raise DescriptionError(f"join(...) needs a list of strings, and this is {kind}. Write [f'{{x}}' for x in ...].")
    return Reference(Call(f"{RUNTIME}::join", (to_node(separator), to_node(values))), STRING)


def _sorted(values: Reference) -> Reference:
    kind = kind_of(values)
    if kind.is_entity or kind.item in ("dict", "bool"):
        raise DescriptionError(f"sorted(...) needs a list of strings or numbers, and this is {kind}.")
    return Reference(Call(f"{RUNTIME}::in_order", (to_node(values),)), kind)


def _sequence(*bounds: object) -> Reference:
    if len(bounds) > 2:
        raise DescriptionError("range(...) with a step is not known to the inmanta language. Multiply in the comprehension.")
    start, end = bounds if len(bounds) == 2 else (0, bounds[0])
    size = end if start == 0 and not isinstance(start, Reference) else end - start  # type: ignore[operator]
    call = Call("std::sequence", (to_node(size),), (("start", to_node(start)),) if len(bounds) == 2 else ())
    return Reference(call, Kind(INT.item, many=True))


def _list(values: Reference) -> Reference:
    if not kind_of(values).many:
        raise DescriptionError(f"list(...) needs a list, and this is {kind_of(values)}.")
    return values


_RECORDED: dict[Callable[..., Any], Callable[..., object]] = {
    len: length,
    any: any_of,
    all: all_of,
    sorted: _sorted,
    list: _list,
    range: _sequence,
}
WATCHED = frozenset(
    {"len", "any", "all", "sorted", "str", "list", "range", "isinstance", "issubclass", "type", "hasattr", "getattr", "id"}
    | {"callable", "int", "float", "bool", "tuple", "set", "frozenset", "dict", "min", "max", "sum", "abs", "round", "repr"}
    | {"ascii", "format", "enumerate", "zip", "reversed", "map", "filter", "iter", "next", "hash", "print", "vars", "divmod"}
    | {"chr", "ord", "bytes", "pow", "slice"}
)
"""The functions of Python that are called through :func:`call`."""
