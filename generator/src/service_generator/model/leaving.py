"""What a condition leaves out of the model while a service is deleted: nothing purges it then, unless it is in what is."""

from collections.abc import Callable

from service_generator.model.expressions import (
    Constant,
    FormatString,
    Get,
    Node,
    Not,
    Operation,
    Slot,
    Variable,
    transform,
    walk,
)

DELETING = "purge_resources"
SELF = Variable("self")

type Parts = frozenset[Node]
"""The elements of loops that are parts of the service."""


def is_deleting(node: Node, parts: Parts = frozenset()) -> bool:
    """
    Whether an expression asks for the end of the service that is described.

    :param node: the expression
    """
    match node:
        case Get(of, name) if name == DELETING:
            return of in parts or _is_within(of)
    return False


def _is_within(node: Node) -> bool:
    # What a part is in has a private name; other names lead to other services.
    match node:
        case Get(of, name):
            return name.startswith("_") and _is_within(of)
    return node == SELF


def rules_out(condition: Node, asks: Callable[[Node], bool], *, holds: bool = True) -> bool:
    """
    Whether something can be there until something happens, and not be there from then on.

    :param condition: when it is there
    :param asks: whether an expression asks for what happens
    :param holds: whether it is there when the condition holds, or when it does not
    """
    match condition:
        case Not(of):
            return rules_out(of, asks, holds=not holds)
        case Operation("and" | "or", left, right):
            return rules_out(left, asks, holds=holds) or rules_out(right, asks, holds=holds)
    return not holds if asks(condition) else any(asks(node) for node in walk(condition))


def while_kept(condition: Node, parts: Parts = frozenset()) -> Node | None:
    """
    What a condition says as long as the service is not deleted.

    :param condition: the condition
    :return: nothing when it holds then
    """

    def change(node: Node) -> Node:
        match node:
            case Not(Constant(value)):
                return Constant(not value)
            case Operation("and", Constant(True), other) | Operation("and", other, Constant(True)):
                return other
            case Operation("or", Constant(False), other) | Operation("or", other, Constant(False)):
                return other
            case Operation("and", Constant(False), _) | Operation("and", _, Constant(False)):
                return Constant(False)
            case Operation("or", Constant(True), _) | Operation("or", _, Constant(True)):
                return Constant(True)
        return Constant(False) if is_deleting(node, parts) else node

    left = transform(condition, change)
    return None if left == Constant(True) else left


def container(identity: Node) -> Node | None:
    """
    The thing of the same service that something is in: what its path or name begins with.

    :param identity: the path or name
    """
    match identity:
        case FormatString((Slot(Get(of, _)), *_)) | Operation("+", Get(of, _), _):
            return of if isinstance(of, Get) and _is_within(of.of) else None
        case Operation("+", left, _):
            return container(left)
    return None
