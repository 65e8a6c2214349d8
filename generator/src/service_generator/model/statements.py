"""Statements of the inmanta language, as plain data; each knows the place in the description that it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass

from service_generator.model.expressions import LoopVariable, Node
from service_generator.places import Place


@dataclass(frozen=True)
class Statement:
    """Base of all statements."""

    place: Place | None


@dataclass(frozen=True)
class Assign(Statement):
    """A variable gets a value, which may be constructed on the spot; the comment stands above it."""

    name: LoopVariable | str
    value: Node
    comment: str = ""


@dataclass(frozen=True)
class SetMember(Statement):
    """An attribute or relation of an entity instance gets a value."""

    of: Node
    name: str
    value: Node


@dataclass(frozen=True)
class AddMember(Statement):
    """A relation of an entity instance gets one more value, or more."""

    of: Node
    name: str
    value: Node


@dataclass(frozen=True)
class Evaluate(Statement):
    """A call whose result nobody needs."""

    value: Node


@dataclass(frozen=True)
class Loop(Statement):
    """Statements for each element of a list."""

    variable: LoopVariable | str
    elements: Node
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class If(Statement):
    """Statements that a condition decides on; the condition may be that something is defined."""

    condition: Node
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Gap(Statement):
    """An empty line, between statements that do not belong together."""


def expressions(statements: tuple[Statement, ...]) -> Iterator[Node]:
    """
    All expressions in statements, and in those inside of them.

    :param statements: the statements
    """
    for statement in statements:
        match statement:
            case Assign(value=value) | Evaluate(value=value):
                yield value
            case SetMember(of=of, value=value) | AddMember(of=of, value=value):
                yield of
                yield value
            case Loop(elements=elements, body=body):
                yield elements
                yield from expressions(body)
            case If(condition=condition, body=body, otherwise=otherwise):
                yield condition
                yield from expressions(body + otherwise)
