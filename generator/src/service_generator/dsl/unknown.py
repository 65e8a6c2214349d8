"""
Stand-ins for values that are only known at compile time.

A description is run once, when the model is generated, with these in place of the values of a service. Each way in which
Python could decide on such a value, or turn it into text, is refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Never

from service_generator.dsl.flow import is_assumed
from service_generator.errors import DescriptionError
from service_generator.kinds import ANY, BOOL, DICT, FLOAT, INT, STRING, Kind, common
from service_generator.model.expressions import Constant, DictOf, ListOf, Node
from service_generator.model.types import is_text


class Unknown:
    """A value that is only known at compile time."""

    def __init__(self, node: Node, kind: Kind = ANY) -> None:
        """
        :param node: the expression that gives the value in the model
        :param kind: what is known about the value
        """
        self._node = node
        self._kind = kind

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_"):
            self._refuse_change(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._refuse_change(name)

    def __setitem__(self, key: object, value: object) -> None:
        self._refuse_change("an element")

    def __delitem__(self, key: object) -> None:
        self._refuse_change("an element")

    def _refuse_change(self, what: str) -> Never:
        raise DescriptionError(
            f"{what} is assigned, but what is described does not change. Give a resource all its attributes where it is made, "
            "and use variables of your own for other values."
        )

    def __format__(self, spec: str) -> str:
        self._refuse_text()

    def __str__(self) -> str:
        self._refuse_text()

    def __repr__(self) -> str:
        self._refuse_text()

    def _refuse_text(self) -> Never:
        raise DescriptionError(
            "the value is not known yet when the model is generated, so Python cannot make text of it. "
            'Write an f-string, like f"{self.name}-{self.number:04d}", in a method or function of a description file.'
        )

    def __bool__(self) -> bool:
        raise DescriptionError(
            "the value is not known yet when the model is generated, so Python cannot decide on it. "
            "Write `a if condition else b` for one of two values, when= or unless= for a whole resource, and for resources "
            "that depend on it an if around a yield that assigns nothing."
        )

    def __iter__(self) -> Iterator[Any]:
        raise DescriptionError(
            "the elements are not known yet when the model is generated. Write a list comprehension, or for a resource per "
            "element a for around a yield."
        )

    def __hash__(self) -> int:
        raise DescriptionError(
            "the value is not known yet when the model is generated, so it cannot be in a set or the key of a dict. "
            "Use a list, and constant strings as keys."
        )

    def __len__(self) -> int:
        self._refuse_number()

    def __int__(self) -> int:
        self._refuse_number()

    def __index__(self) -> int:
        self._refuse_number()

    def __float__(self) -> float:
        self._refuse_number()

    def _refuse_number(self) -> Never:
        raise DescriptionError(
            "the value is not known yet when the model is generated, so Python cannot count with it. "
            "Use len(...) and arithmetic in a method or function of a description file."
        )

    def __contains__(self, item: object) -> bool:
        self.__bool__()
        return False


def node_of(value: Unknown) -> Node:
    """
    The expression behind a stand-in.

    :param value: the stand-in
    """
    return value._node


def kind_of(value: object) -> Kind:
    """
    What is known about a value that a description uses.

    :param value: a stand-in, or plain data
    """
    match value:
        case Unknown():
            return value._kind.sure() if is_assumed(value._node) else value._kind
        case None:
            return Kind("any", optional=True)
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case str():
            return STRING
        case Mapping():
            return DICT
        case list() | tuple():
            kinds = [kind_of(item) for item in value]
            item = kinds[0] if kinds else ANY
            for kind in kinds[1:]:
                item = common(item, kind)
            return Kind(item.item, many=True)
    return ANY


def to_node(value: object) -> Node:
    """
    The expression for a value that a description uses: a stand-in, or plain data that may hold stand-ins.

    :param value: a stand-in, a primitive, a list or tuple, or a dict with string keys
    :raises DescriptionError: the value is something else
    """
    match value:
        case Unknown():
            return value._node
        case str():
            if not is_text(value):
                raise DescriptionError(f"the text {value!r} has NUL or half a character in it. Take it out.")
            return Constant(str(value))
        case bool() | int() | float() | None:
            return Constant(value)
        case Mapping():
            return DictOf(tuple((_key(key), to_node(item)) for key, item in value.items()))
        case list() | tuple():
            if any(kind_of(item).many for item in value):
                raise DescriptionError(
                    "a list holds another list, and the inmanta language makes one list of both. "
                    "Put the inner one in a dict, or join the two with +."
                )
            return ListOf(tuple(to_node(item) for item in value))
    raise DescriptionError(
        f"{value!r} cannot be used as a value. Use a string, number, bool, None, list, dict, or a value of the service."
    )


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise DescriptionError(f"the key {key!r} of a dict is not a constant string. Use constant strings as keys.")
    return str(key)
