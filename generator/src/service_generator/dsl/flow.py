"""What is known to have a value while a description is run: inside of a condition, what the condition says."""

from collections.abc import Iterator
from contextlib import contextmanager

from service_generator.model.expressions import Constant, IsDefined, Node, Not, Operation, terms

_assumed: list[frozenset[Node]] = []


def is_assumed(node: Node) -> bool:
    """
    Whether a value is known to be there.

    :param node: the expression that gives the value
    """
    return any(node in known for known in _assumed)


@contextmanager
def assuming(condition: Node, *, holds: bool = True) -> Iterator[None]:
    """
    Run a part of a description that is only reached when a condition holds, or when it does not.

    :param condition: the condition
    :param holds: whether it holds
    """
    _assumed.append(_known(condition, holds))
    try:
        yield
    finally:
        _assumed.pop()


def _known(condition: Node, holds: bool) -> frozenset[Node]:
    match condition, holds:
        case IsDefined(of), True:
            return frozenset({of})
        case Operation("!=", of, Constant(None)), True:
            return frozenset({of})
        case Operation("==", of, Constant(None)), False:
            return frozenset({of})
        case Not(of), _:
            return _known(of, not holds)
        case Operation("and", _, _), True:
            return frozenset().union(*(_known(term, True) for term in terms(condition, "and")))
        case Operation("or", _, _), False:
            return frozenset().union(*(_known(term, False) for term in terms(condition, "or")))
    return frozenset()
