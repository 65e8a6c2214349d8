"""What descriptions do with stand-ins: it is recorded, and becomes an expression of the inmanta language."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any, Never

from service_generator.dsl.unknown import Unknown, kind_of, to_node
from service_generator.errors import DescriptionError
from service_generator.kinds import ANY, BOOL, DICT, INT, NUMBER, STRING, Kind, common
from service_generator.model.expressions import (
    Call,
    Conditional,
    Constant,
    Element,
    Get,
    IsDefined,
    ListOf,
    Lookup,
    LoopVariable,
    Node,
    Not,
    Operation,
    Variable,
)

_METHODS: dict[str, tuple[str, Kind]] = {
    "upper": ("std::upper", STRING),
    "lower": ("std::lower", STRING),
    "capitalize": ("std::capitalize", STRING),
    "replace": ("std::replace", STRING),
    "split": ("std::split", Kind("string", many=True)),
}


def _refusing(operator: str) -> Callable[..., Any]:
    def refuse(*_: object) -> Never:
        raise DescriptionError(
            f"{operator} is not known to the inmanta language. "
            "There are + - * / % ** for numbers; for others, use a plugin of a module."
        )

    return refuse


class Reference(Unknown):
    """A value that is only known at compile time, as descriptions use it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _METHODS and self._kind in (STRING, ANY):
            return partial(_method, self, name)
        if name in ("keys", "get") and self._kind in (DICT, ANY):
            return partial(_keys if name == "keys" else _get, self)
        known = ", ".join(f"{method}(...)" for method in (*_METHODS, "keys", "get"))
        raise DescriptionError(
            f"a plain value has no attribute {name}. Only services, their parts and resources have. "
            f"Of strings and dicts, {known} are known; for others, use a plugin of a module."
        )

    # A class that compares has no hash, unless it says so.
    __hash__ = Unknown.__hash__

    def __eq__(self, other: object) -> "Condition":  # type: ignore[override]  # a comparison is recorded, not made
        return Condition(Not(_defined(self))) if other is None else _compared("==", self, other)

    def __ne__(self, other: object) -> "Condition":  # type: ignore[override]  # a comparison is recorded, not made
        return Condition(_defined(self)) if other is None else _compared("!=", self, other)

    def __lt__(self, other: object) -> "Condition":
        return _ordered("<", self, other)

    def __le__(self, other: object) -> "Condition":
        return _ordered("<=", self, other)

    def __gt__(self, other: object) -> "Condition":
        return _ordered(">", self, other)

    def __ge__(self, other: object) -> "Condition":
        return _ordered(">=", self, other)

    def __add__(self, other: object) -> "Reference":
        return _added(self, other)

    def __radd__(self, other: object) -> "Reference":
        return _added(other, self)

    def __sub__(self, other: object) -> "Reference":
        return _calculated("-", self, other)

    def __rsub__(self, other: object) -> "Reference":
        return _calculated("-", other, self)

    def __mul__(self, other: object) -> "Reference":
        return _calculated("*", self, other)

    def __rmul__(self, other: object) -> "Reference":
        return _calculated("*", other, self)

    def __truediv__(self, other: object) -> "Reference":
        return _calculated("/", self, other)

    def __rtruediv__(self, other: object) -> "Reference":
        return _calculated("/", other, self)

    def __mod__(self, other: object) -> "Reference":
        return _calculated("%", self, other)

    def __rmod__(self, other: object) -> "Reference":
        return _calculated("%", other, self)

    def __pow__(self, other: object) -> "Reference":
        return _calculated("**", self, other)

    def __rpow__(self, other: object) -> "Reference":
        return _calculated("**", other, self)

    def __neg__(self) -> "Reference":
        return _calculated("-", 0, self)

    # Python has these, and the inmanta language does not.
    __floordiv__ = __rfloordiv__ = _refusing("//")
    __divmod__ = __rdivmod__ = _refusing("divmod")
    __lshift__ = __rlshift__ = _refusing("<<")
    __rshift__ = __rrshift__ = _refusing(">>")
    __xor__ = __rxor__ = _refusing("^")
    __matmul__ = __rmatmul__ = _refusing("@")
    __abs__ = _refusing("abs")

    def __and__(self, other: object) -> "Condition":
        return _bitwise("&", self, other)

    def __rand__(self, other: object) -> "Condition":
        return _bitwise("&", other, self)

    def __or__(self, other: object) -> "Condition":
        return _bitwise("|", self, other)

    def __ror__(self, other: object) -> "Condition":
        return _bitwise("|", other, self)

    def __invert__(self) -> "Condition":
        return opposite(self)

    def __getitem__(self, key: object) -> Any:
        return _item(self, key)


class Condition(Reference):
    """A boolean that is only known at compile time; it is combined with ``and``, ``or`` and ``not``."""

    def __init__(self, node: Node) -> None:
        """:param node: the expression that gives the boolean in the model"""
        super().__init__(node, BOOL)


class Elements(Reference):
    """A list that is only known at compile time, of which it is known what its elements look like."""

    def __init__(self, node: Node, name: str, element: Callable[[Node], Reference], item: str = "any") -> None:
        """
        :param node: the expression that gives the list
        :param name: what to call one element in the model
        :param element: gives the stand-in for an element, from the expression for it
        :param item: the entity that the elements are instances of
        """
        super().__init__(node, Kind(item, many=True))
        self._name = name
        self._element = element


_numbers = itertools.count()


def element_of(elements: Reference, name: str = "") -> tuple[LoopVariable, Reference]:
    """
    A variable for the elements of a list, and the stand-in for what it holds.

    :param elements: the list
    :param name: what the description calls an element
    :raises DescriptionError: it is no list
    """
    kind = kind_of(elements)
    if kind.optional:
        raise DescriptionError("it may be null, and null has no elements. Decide with `if ... is not None` first.")
    if not kind.many and not kind.is_unknown:
        raise DescriptionError(f"only lists have elements, and this is {kind}. For a dict, go over its keys().")
    if isinstance(elements, Elements):
        variable = LoopVariable(name or elements._name, next(_numbers))
        return variable, elements._element(variable)
    variable = LoopVariable(name or "element", next(_numbers))
    return variable, Reference(variable, kind.one())


def _defined(value: Reference) -> Node:
    kind = value._kind
    if not kind.optional and not kind.is_unknown:
        raise DescriptionError("it always has a value, so comparing it with None decides nothing. Take the comparison away.")
    if kind.many or not isinstance(value._node, Get | Variable):
        return Operation("!=", value._node, Constant(None))
    return IsDefined(value._node)


def defined(value: Reference) -> Condition:
    """
    Whether a value is there: not null, and for a relation that something is related.

    :param value: something optional
    :raises DescriptionError: it is never missing
    """
    return Condition(_defined(value))


def _compared(operator: str, left: object, right: object) -> Condition:
    first, second = kind_of(left), kind_of(right)
    if first.is_entity != second.is_entity and not (first.is_unknown or second.is_unknown):
        raise DescriptionError(
            "an entity is compared with a plain value, which is never equal. Compare with one of its attributes, or with None."
        )
    return Condition(Operation(operator, to_node(left), to_node(right)))


def _ordered(operator: str, left: object, right: object) -> Condition:
    _need_numbers(operator, left, right)
    return Condition(Operation(operator, to_node(left), to_node(right)))


def _calculated(operator: str, left: object, right: object) -> Reference:
    first, second = _need_numbers(operator, left, right)
    kind = NUMBER if first != INT or second != INT or operator in ("/", "**") else INT
    return Reference(Operation(operator, to_node(left), to_node(right)), kind)


def _need_numbers(operator: str, *operands: object) -> list[Kind]:
    kinds = [kind_of(operand) for operand in operands]
    for kind in kinds:
        if not kind.is_unknown and (not kind.is_number or kind.optional):
            raise DescriptionError(f"{operator} needs two numbers, and this is {kind}. Use numbers that are always there.")
    return kinds


def _added(left: object, right: object) -> Reference:
    first, second = kind_of(left), kind_of(right)
    if first.many and second.many and not first.optional and not second.optional:
        # The language makes one list of a list of lists.
        return Reference(ListOf((to_node(left), to_node(right))), common(first, second))
    if STRING in (first, second):
        if not {first, second} <= {STRING, ANY}:
            raise DescriptionError(f"+ joins two strings, and this is {first} and {second}. Write an f-string.")
        return Reference(Operation("+", to_node(left), to_node(right)), STRING)
    return _calculated("+", left, right)


def _bitwise(operator: str, left: object, right: object) -> Condition:
    kinds = [kind_of(left), kind_of(right)]
    if not all(kind in (BOOL, ANY) for kind in kinds):
        raise DescriptionError(
            f"{operator} joins two conditions, and this is {kinds[0]} and {kinds[1]}. For numbers and dicts, use a plugin of a "
            "module."
        )
    return both(left, right) if operator == "&" else either(left, right)


def _need_condition(value: object) -> Node:
    kind = kind_of(value)
    if kind not in (BOOL, ANY):
        raise DescriptionError(
            f"{kind} is used as a condition, and only booleans are. Write a comparison, like value != '' or value is not None."
        )
    return to_node(value)


def both(left: object, right: object) -> Condition:
    """
    Whether two conditions hold.

    :param left: one condition
    :param right: the other
    """
    return Condition(Operation("and", _need_condition(left), _need_condition(right)))


def either(left: object, right: object) -> Condition:
    """
    Whether one of two conditions holds.

    :param left: one condition
    :param right: the other
    """
    return Condition(Operation("or", _need_condition(left), _need_condition(right)))


def opposite(value: object) -> Condition:
    """
    Whether a condition does not hold.

    :param value: the condition
    """
    node = _need_condition(value)
    return Condition(node.of if isinstance(node, Not) else Not(node))


def within(item: object, container: object) -> Condition:
    """
    Whether a value is in a list, or a key in a dict.

    :param item: the value or key
    :param container: the list or dict
    """
    kind = kind_of(container)
    if kind == STRING or kind.optional:
        raise DescriptionError(f"`in` looks into lists and dicts, and this is {kind}. Use a list or dict that is always there.")
    return Condition(Operation("in", to_node(item), to_node(container)))


def _item(of: Reference, key: object) -> Any:
    kind = kind_of(of)
    if kind.optional:
        raise DescriptionError("it may be null, and null has no elements. Decide with `if ... is not None` first.")
    if isinstance(key, slice):
        raise DescriptionError("slices are not known to the inmanta language. Use a list comprehension with a condition.")
    if kind.many:
        if kind_of(key) not in (INT, ANY):
            raise DescriptionError(f"a list has numbered elements, and the key is {kind_of(key)}. Use an integer.")
        element = Element(of._node, to_node(key))
        return of._element(element) if isinstance(of, Elements) else Reference(element, kind.one())
    if kind not in (DICT, ANY) or kind_of(key) not in (STRING, ANY):
        raise DescriptionError(
            f"{kind} is looked up with {kind_of(key)}. Only lists have numbered elements, and only dicts have named ones."
        )
    return Reference(Lookup(of._node, str(key) if isinstance(key, str) else to_node(key)))


_WANTED = {"upper": 0, "lower": 0, "capitalize": 0, "replace": 2, "split": 1}
"""How many arguments the methods have in the inmanta language."""


def _method(value: Reference, name: str, *arguments: object, **named: object) -> Reference:
    if name == "split" and len(arguments) != 1:
        raise DescriptionError("split() without a separator is not known to the inmanta language. Name one, like split(',').")
    if named or len(arguments) != _WANTED[name]:
        raise DescriptionError(
            f"in the inmanta language, {name}(...) has {_WANTED[name]} arguments, without names. "
            "Give these, or use a plugin of a module."
        )
    plugin, kind = _METHODS[name]
    return Reference(Call(plugin, (value._node, *map(to_node, arguments))), kind)


def _keys(value: Reference) -> Reference:
    return Reference(Call("std::dict_keys", (value._node,)), Kind("string", many=True))


def _get(value: Reference, key: object, default: object = None) -> Reference:
    chosen = Conditional(to_node(within(key, value)), to_node(value[key]), to_node(default))
    return Reference(chosen, Kind("any", optional=default is None))
