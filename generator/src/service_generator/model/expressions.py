"""Expressions of the inmanta language, as plain data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

from service_generator.places import Place

type Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Node:
    """Base of all expressions."""


@dataclass(frozen=True)
class Constant(Node):
    """A literal of a primitive type."""

    value: Scalar


@dataclass(frozen=True)
class ListOf(Node):
    """A list with a fixed number of elements."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class DictOf(Node):
    """A dict with fixed keys."""

    items: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Variable(Node):
    """A variable, of the current scope or of a namespace."""

    name: str
    namespace: str | None = None


@dataclass(frozen=True)
class LoopVariable(Node):
    """An element of a list, inside of the loop or comprehension over it; the number tells it from others of its name."""

    name: str
    number: int


@dataclass(frozen=True)
class Get(Node):
    """An attribute or relation of an entity instance."""

    of: Node
    name: str


@dataclass(frozen=True)
class Lookup(Node):
    """An element of a dict, under a key that is known or that an expression gives."""

    of: Node
    key: str | Node


@dataclass(frozen=True)
class Element(Node):
    """An element of a list, by its position."""

    of: Node
    position: Node


@dataclass(frozen=True)
class Slot(Node):
    """A value inside a format string; an exact one keeps its decimals, which interpolation leaves out of whole numbers."""

    value: Node
    spec: str = ""
    exact: bool = False


@dataclass(frozen=True)
class FormatString(Node):
    """A string with values in it."""

    parts: tuple[Constant | Slot, ...]


@dataclass(frozen=True)
class Call(Node):
    """A call of a plugin."""

    plugin: str
    positional: tuple[Node, ...] = ()
    named: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True)
class Construct(Node):
    """The construction of an entity instance."""

    entity: str
    attributes: tuple[tuple[str, Node], ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True)
class IndexLookup(Node):
    """The entity instance that an index finds."""

    entity: str
    attributes: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Operation(Node):
    """Two operands and what is between them: a comparison, ``and``, ``or`` or arithmetic."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Not(Node):
    """The opposite of a condition."""

    of: Node


@dataclass(frozen=True)
class IsDefined(Node):
    """Whether a variable, an attribute, a relation or an element of a dict has a value: not null, and no empty list."""

    of: Node


@dataclass(frozen=True)
class Conditional(Node):
    """One of two values, as a condition decides."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True)
class Comprehension(Node):
    """A list made from the elements of another one."""

    value: Node
    variable: LoopVariable | str
    elements: Node
    guard: Node | None = None


def walk(node: Node) -> Iterator[Node]:
    """
    The node and all nodes below it, depth first.

    :param node: the root of the expression
    """
    yield node
    for member in fields(node):
        yield from _walk_value(getattr(node, member.name))


def _walk_value(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield from walk(value)
    elif isinstance(value, tuple):
        for element in value:
            yield from _walk_value(element)


def terms(node: Node, operator: str) -> tuple[Node, ...]:
    """
    The operands of a chain of one operator: ``a and b and c`` gives a, b and c.

    :param node: the expression to take apart
    :param operator: the operator of the chain
    """
    if isinstance(node, Operation) and node.operator == operator:
        return terms(node.left, operator) + terms(node.right, operator)
    return (node,)


def chain(operator: str, operands: tuple[Node, ...]) -> Node:
    """
    The operands joined by one operator, the inverse of :func:`terms`.

    :param operator: what goes between the operands
    :param operands: at least one expression
    """
    joined, *rest = operands
    for operand in rest:
        joined = Operation(operator, joined, operand)
    return joined


def transform[N: Node](node: N, change: Callable[[Node], Node]) -> N:
    """
    The same expression with every node below it changed, and last the node itself.

    :param node: the root of the expression
    :param change: gives what to put in the place of a node; the node itself where nothing changes
    """
    changed = {member.name: _transform_value(getattr(node, member.name), change) for member in fields(node)}
    return change(replace(node, **changed))  # type: ignore[return-value]  # the root keeps its class by contract


def _transform_value(value: object, change: Callable[[Node], Node]) -> object:
    if isinstance(value, Node):
        return transform(value, change)
    if isinstance(value, tuple):
        return tuple(_transform_value(element, change) for element in value)
    return value


def data_node(value: object) -> Node:
    """
    The expression for plain data, like the default of an attribute.

    :param value: what JSON can hold
    """
    match value:
        case Mapping():
            return DictOf(tuple((str(key), data_node(item)) for key, item in value.items()))
        case list() | tuple():
            return ListOf(tuple(data_node(item) for item in value))
        case str() | int() | float() | bool() | None:
            return Constant(value)
        case _:
            raise TypeError(f"not plain data: {value!r}")
