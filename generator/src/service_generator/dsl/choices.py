"""Decisions and lists: one of two values, a value per element, and what is asked of a list as a whole."""

from collections.abc import Callable, Sequence
from typing import Any

from service_generator.dsl.expressions import Condition, Reference, element_of, opposite
from service_generator.dsl.flow import assuming
from service_generator.dsl.unknown import kind_of, to_node
from service_generator.errors import DescriptionError
from service_generator.kinds import BOOL, INT, Kind, common
from service_generator.model.expressions import Call, Comprehension, Conditional, Constant, Node, Operation

type Select = Callable[[Any], object]


def choose(condition: object, then: object, otherwise: object) -> Any:
    """
    One of two values, as a condition decides; short for ``then if condition else otherwise``.

    :param condition: the condition, made of values of the service
    :param then: the value when it holds
    :param otherwise: the value when it does not
    """
    if not isinstance(condition, Reference):
        raise DescriptionError(
            f"the condition is {condition!r} whatever the service, so there is nothing to choose. Use a value of the service."
        )
    return decided(condition, lambda: then, lambda: otherwise)


def decided(condition: Reference, then: Callable[[], object], otherwise: Callable[[], object]) -> Reference:
    """
    One of two values, of which the one that is not wanted is not looked at.

    :param condition: the condition
    :param then: gives the value when it holds
    :param otherwise: gives the value when it does not
    """
    if kind_of(condition) not in (BOOL, Kind()):
        raise DescriptionError(f"a condition is a boolean, and this is {kind_of(condition)}. Write a comparison.")
    node = to_node(condition)
    with assuming(node):
        first = then()
        then_node, then_kind = to_node(first), kind_of(first)
    with assuming(node, holds=False):
        second = otherwise()
        otherwise_node, otherwise_kind = to_node(second), kind_of(second)
    kind = then_kind if second is None else otherwise_kind if first is None else common(then_kind, otherwise_kind)
    if first is None or second is None:
        kind = Kind(kind.item, kind.many, optional=True)
    return Reference(Conditional(node, then_node, otherwise_node), kind)


def listing(elements: Reference, select: Select | None, guard: Select | None = None, name: str = "") -> Reference:
    """
    A list with one value for each element.

    :param elements: the list that is gone through
    :param select: gives the value, from an element; the element itself when left out
    :param guard: decides whether an element counts
    :param name: what the description calls an element
    """
    variable, element = element_of(elements, name)
    if select is None and guard is None:
        return elements
    condition: Node | None = None
    if guard is not None:
        condition = _condition(guard(element))
        with assuming(condition):
            value = select(element) if select else element
            return _listed(value, variable, elements, condition)
    return _listed(select(element) if select else element, variable, elements, None)


def _listed(value: object, variable: Any, elements: Reference, condition: Node | None) -> Reference:
    kind = kind_of(value)
    return Reference(Comprehension(to_node(value), variable, to_node(elements), condition), Kind(kind.item, many=True))


def _condition(value: object) -> Node:
    return to_node(opposite(opposite(value)) if not isinstance(value, Reference) else value)


def each[T](
    elements: Sequence[T],
    select: Callable[[T], object],
    *,
    when: Callable[[T], object] | None = None,
    unless: Callable[[T], object] | None = None,
) -> list[Any]:
    """
    A list with one value for each element; short for a list comprehension.

    :param elements: a list of the service, like ``self.items``
    :param select: gives the value, from an element
    :param when: leave out elements for which this is false
    :param unless: leave out elements for which this is true
    """
    return listing(_elements(elements), select, _guard(when, unless))  # type: ignore[return-value]


def count[T](
    elements: Sequence[T],
    *,
    when: Callable[[T], object] | None = None,
    unless: Callable[[T], object] | None = None,
) -> int:
    """
    The number of elements of a list; short for ``len([...])``.

    :param elements: a list of the service, like ``self.items``
    :param when: leave out elements for which this is false
    :param unless: leave out elements for which this is true
    """
    return length(listing(_elements(elements), None, _guard(when, unless)))  # type: ignore[return-value]


def length(value: Reference) -> Reference:
    """
    The number of elements of a list, or of characters of a string.

    :param value: the list or string
    """
    kind = kind_of(value)
    if kind == Kind("string"):
        return Reference(Call("std::length", (to_node(value),)), INT)
    if not kind.many or kind.optional:
        raise DescriptionError(f"only lists and strings that are always there have a length, and this is {kind}.")
    return Reference(Call("std::count", (to_node(value),)), INT)


def any_of(values: Reference) -> Condition:
    """
    Whether one of several conditions holds.

    :param values: a list of conditions
    """
    _need_conditions(values)
    return Condition(Operation("in", Constant(True), to_node(values)))


def all_of(values: Reference) -> Condition:
    """
    Whether all of several conditions hold.

    :param values: a list of conditions
    """
    _need_conditions(values)
    return opposite(Condition(Operation("in", Constant(False), to_node(values))))


def _need_conditions(values: Reference) -> None:
    kind = kind_of(values)
    if kind.item not in ("bool", "any") or kind.optional:
        raise DescriptionError(
            f"any(...) and all(...) need a list of conditions, and this is {kind}. "
            "Write a comparison, like any(x != '' for x in ...)."
        )


def _elements(value: object) -> Reference:
    if not isinstance(value, Reference):
        raise DescriptionError("each(...) and count(...) need a list of the service, like self.items.")
    return value


def _guard(when: Callable[[Any], object] | None, unless: Callable[[Any], object] | None) -> Callable[[Any], object] | None:
    if when is not None and unless is not None:
        raise DescriptionError("when= and unless= are both given. Give one of them.")
    if unless is not None:
        return lambda element: opposite(unless(element))
    return when
