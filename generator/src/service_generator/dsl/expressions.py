"""
Stand-ins for values that are only known at compile time.

A description is run once, when the model is generated, with these in place of the values of a service. What is done to
them is recorded, and becomes an expression of the inmanta language.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from service_generator.errors import DescriptionError
from service_generator.model.expressions import (
    Call,
    Comprehension,
    Conditional,
    Constant,
    DictOf,
    FormatString,
    ListOf,
    Node,
    Not,
    Operation,
    Slot,
    Variable,
)

_TOKEN = re.compile("\0([0-9]+)\0")
# Values inside f-strings: an f-string is text as soon as Python has built it, so it holds a token for each of them.
_slots: list[Slot] = []


class Reference:
    """A value that is only known at compile time."""

    def __init__(self, node: Node) -> None:
        """:param node: the expression that gives the value in the model"""
        self._node = node

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise DescriptionError(f"a plain value has no attribute {name}. Only services, their parts and resources have.")

    def __format__(self, spec: str) -> str:
        _slots.append(Slot(self._node, spec))
        return f"\0{len(_slots) - 1}\0"

    def __str__(self) -> str:
        return format(self, "")

    def __repr__(self) -> str:
        raise DescriptionError("the value is not known yet when the model is generated, so it has no repr. Take !r away.")

    def __bool__(self) -> bool:
        raise DescriptionError(
            "the value is not known yet when the model is generated, so Python can't decide on it. "
            "Write & | ~ instead of and, or and not, choose(...) instead of if, and when= or unless= for a whole resource."
        )

    def __iter__(self) -> Iterator[Any]:
        raise DescriptionError("the elements are not known yet when the model is generated. Use each(...) or count(...).")

    def __eq__(self, other: object) -> "Condition":  # type: ignore[override]  # a comparison is recorded, not made
        return Condition(Operation("==", self._node, to_node(other)))

    def __ne__(self, other: object) -> "Condition":  # type: ignore[override]  # a comparison is recorded, not made
        return Condition(Operation("!=", self._node, to_node(other)))

    __hash__ = object.__hash__

    def __lt__(self, other: object) -> "Condition":
        return Condition(Operation("<", self._node, to_node(other)))

    def __le__(self, other: object) -> "Condition":
        return Condition(Operation("<=", self._node, to_node(other)))

    def __gt__(self, other: object) -> "Condition":
        return Condition(Operation(">", self._node, to_node(other)))

    def __ge__(self, other: object) -> "Condition":
        return Condition(Operation(">=", self._node, to_node(other)))

    def __add__(self, other: object) -> "Reference":
        return Reference(Operation("+", self._node, to_node(other)))

    def __radd__(self, other: object) -> "Reference":
        return Reference(Operation("+", to_node(other), self._node))

    def __sub__(self, other: object) -> "Reference":
        return Reference(Operation("-", self._node, to_node(other)))

    def __mul__(self, other: object) -> "Reference":
        return Reference(Operation("*", self._node, to_node(other)))

    def __and__(self, other: object) -> "Condition":
        return Condition(Operation("and", self._node, to_node(other)))

    def __rand__(self, other: object) -> "Condition":
        return Condition(Operation("and", to_node(other), self._node))

    def __or__(self, other: object) -> "Condition":
        return Condition(Operation("or", self._node, to_node(other)))

    def __ror__(self, other: object) -> "Condition":
        return Condition(Operation("or", to_node(other), self._node))

    def __invert__(self) -> "Condition":
        return Condition(Not(self._node))


class Condition(Reference):
    """A boolean that is only known at compile time; combine conditions with ``&``, ``|`` and ``~``."""


class Elements(Reference):
    """A list that is only known at compile time, of which it is known what its elements look like."""

    def __init__(self, node: Node, name: str, element: Callable[[Node], Reference]) -> None:
        """
        :param node: the expression that gives the list
        :param name: what to call one element in the model
        :param element: gives the stand-in for an element, from the expression for it
        """
        super().__init__(node)
        self._name = name
        self._element = element

    def collect(self, select: Callable[[Any], object] | None, guard: Callable[[Any], object] | None) -> Node:
        """
        The list of what is selected from each element that the guard lets through.

        :param select: gives the value to collect, from an element; the element itself when left out
        :param guard: decides whether an element counts
        """
        variable = Variable(self._name)
        if select is None and guard is None:
            return self._node
        value = to_node(select(self._element(variable))) if select else variable
        condition = to_node(guard(self._element(variable))) if guard else None
        return Comprehension(value, self._name, self._node, condition)


def node_of(reference: Reference) -> Node:
    """
    The expression behind a stand-in.

    :param reference: the stand-in
    """
    return reference._node


def to_node(value: object) -> Node:
    """
    The expression for a value that a description uses: a stand-in, or plain data that may hold stand-ins.

    :param value: a stand-in, a primitive, a list or tuple, or a dict with string keys
    :raises DescriptionError: the value is something else
    """
    match value:
        case Reference():
            return value._node
        case str():
            return _string(str(value))
        case bool() | int() | float() | None:
            return Constant(value)
        case Mapping():
            return DictOf(tuple((_key(key), to_node(item)) for key, item in value.items()))
        case list() | tuple():
            return ListOf(tuple(to_node(item) for item in value))
    raise DescriptionError(
        f"{value!r} can't be used as a value. Use a string, number, bool, None, list, dict, or a value of the service."
    )


def _key(key: object) -> str:
    if not isinstance(key, str) or _TOKEN.search(key):
        raise DescriptionError(f"the key {key!r} of a dict is not a constant string. Use constant strings as keys.")
    return key


def _string(text: str) -> Node:
    # re.split with one group gives text and numbers of slots in turn.
    pieces = _TOKEN.split(text)
    if len(pieces) == 1:
        return Constant(text)
    if len(pieces) == 3 and not pieces[0] and not pieces[2] and not _slots[int(pieces[1])].spec:
        return FormatString((_slots[int(pieces[1])],))
    parts = [_slots[int(piece)] if index % 2 else Constant(piece) for index, piece in enumerate(pieces)]
    return FormatString(tuple(part for part in parts if part != Constant("")))


def each[T](
    elements: Sequence[T],
    select: Callable[[T], object],
    *,
    when: Callable[[T], object] | None = None,
    unless: Callable[[T], object] | None = None,
) -> list[Any]:
    """
    A list with one value for each element, like a list comprehension.

    :param elements: a list of the service, like ``self.items``
    :param select: gives the value, from an element
    :param when: leave out elements for which this is false
    :param unless: leave out elements for which this is true
    """
    return Reference(_elements(elements).collect(select, _guard(when, unless)))  # type: ignore[return-value]


def count[T](
    elements: Sequence[T],
    *,
    when: Callable[[T], object] | None = None,
    unless: Callable[[T], object] | None = None,
) -> int:
    """
    The number of elements of a list.

    :param elements: a list of the service, like ``self.items``
    :param when: leave out elements for which this is false
    :param unless: leave out elements for which this is true
    """
    listed = _elements(elements).collect(None, _guard(when, unless))
    return Reference(Call("std::count", (listed,)))  # type: ignore[return-value]


def choose(condition: object, then: object, otherwise: object) -> Any:
    """
    One of two values, as a condition decides.

    :param condition: the condition, made of values of the service
    :param then: the value when it holds
    :param otherwise: the value when it doesn't
    """
    return Reference(Conditional(to_node(condition), to_node(then), to_node(otherwise)))


def _elements(value: object) -> Elements:
    if not isinstance(value, Elements):
        raise DescriptionError("each(...) and count(...) need a list of embedded entities, like self.items.")
    return value


def _guard(when: Callable[[Any], object] | None, unless: Callable[[Any], object] | None) -> Callable[[Any], object] | None:
    if when is not None and unless is not None:
        raise DescriptionError("when= and unless= are both given. Give one of them.")
    if unless is not None:
        return lambda element: Condition(Not(to_node(unless(element))))
    return when
