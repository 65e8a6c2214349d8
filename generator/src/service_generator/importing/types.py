"""From the types of a compiled model to those that a description can say."""

from typing import Any

from inmanta.ast import RuntimeException
from inmanta.ast.constraint.expression import (
    And,
    BinaryOperator,
    Equals,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
    Or,
    Regex,
)
from inmanta.ast.statements import ExpressionStatement
from inmanta.ast.statements.call import FunctionCall
from inmanta.ast.type import ConstraintType, LiteralList, NullableType, Type, TypedList
from inmanta.ast.variables import Reference

from service_generator.errors import DescriptionError
from service_generator.importing.names import as_words, class_name
from service_generator.model.names import snake_case
from service_generator.model.types import (
    AnyOf,
    AttributeType,
    Constraint,
    Matches,
    ModelType,
    OneOf,
    Typedef,
    Validated,
    Within,
    is_valid,
)

_OPERATORS: dict[type[BinaryOperator], str] = {
    LessThan: "<",
    LessThanOrEqual: "<=",
    GreaterThan: ">",
    GreaterThanOrEqual: ">=",
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_PRIMITIVES = ("string", "int", "float", "number", "bool", "dict")


class TypeReader:
    """Reads types; what only its own file can say keeps its place there."""

    def __init__(self, namespace: str, kept_in: str, taken: set[str]) -> None:
        """
        :param namespace: the namespace that is imported, whose typedefs are described again
        :param kept_in: the namespace for those that cannot be described
        :param taken: the names of the classes of the description
        """
        self._namespace = namespace
        self._kept_in = kept_in
        self._taken = taken
        self.kept: set[str] = set()
        """The typedefs of the namespace that cannot be described, by full name."""

    def read(self, found: Type, where: str) -> AttributeType:
        """
        The type of an attribute.

        :param found: the type, as declared
        :param where: the attribute, for the message
        :raises DescriptionError: there is nothing like it in a description
        """
        optional = isinstance(found, NullableType)
        if isinstance(found, NullableType):
            found = found.element_type
        is_list = isinstance(found, TypedList) and not isinstance(found, LiteralList)
        if isinstance(found, TypedList) and is_list:
            found = found.element_type
        if isinstance(found, ConstraintType):
            return AttributeType(self._typedef(found), is_list, optional)
        name = str(found.type_string() or found.type_string_internal())
        if name not in _PRIMITIVES:
            raise DescriptionError(f"a description has no type {name}. Give it another one in the model.", where=where)
        return AttributeType(name, is_list, optional)

    def _typedef(self, found: ConstraintType) -> Typedef | ModelType:
        full_name = str(found.type_string())
        namespace, _, name = full_name.rpartition("::")
        own = namespace == self._namespace or namespace.startswith(f"{self._namespace}::")
        described = self._described(found, name) if own else None
        if described is not None:
            return described
        if own:
            self.kept.add(full_name)
            namespace = self._kept_in + namespace.removeprefix(self._namespace)
        return ModelType(name, namespace, _primitive(found))

    def _described(self, found: ConstraintType, name: str) -> Typedef | None:
        base = _primitive(found)
        constraint = _constraint(found.expression, base)
        python_name = class_name(name)
        if isinstance(found.expression, Equals) and isinstance(constraint, OneOf):
            # One value is no enumeration in the catalog, and would be described as one.
            return None
        # In the catalog, an enumeration has the name of its typedef.
        if constraint is None or python_name in self._taken or snake_case(python_name) != name:
            return None
        extends = self._typedef(found.basetype) if isinstance(found.basetype, ConstraintType) else None
        if isinstance(constraint, OneOf) and extends is not None:
            return None
        description = " ".join((found.comment or "").split()) or as_words(name)
        return Typedef(name, self._namespace, base, constraint, description, python_name, extends)


def _primitive(found: ConstraintType) -> str:
    base = found.basetype
    if isinstance(base, ConstraintType):
        return _primitive(base)
    assert base is not None
    return str(base.type_string() or base.type_string_internal())


def _constraint(expression: ExpressionStatement | None, base: str) -> Constraint | None:
    match expression:
        case Or():
            found = [_constraint(child, base) for child in expression.children]
            flat = [one for each in found for one in (each.constraints if isinstance(each, AnyOf) else (each,))]
            known = tuple(one for one in flat if one is not None)
            return AnyOf(known) if len(known) == len(flat) else None
        case Regex() if _is_self(expression.children[0]) and base == "string":
            # Slashes are escaped in the model only, where they would end the expression.
            return Matches(expression.regex.pattern.replace("\\/", "/"))
        case In() if _is_self(expression.children[0]):
            return _values(expression.children[1], base)
        case FunctionCall():
            return _validated(expression)
        case Equals():
            sides = expression.children
            calls = [call for call, other in (sides, sides[::-1]) if constant(other) is True]
            if calls:
                return _validated(calls[0])
            values = [other for side, other in (sides, sides[::-1]) if _is_self(side)]
            return _one(constant(values[0]), base) if values else None
        case BinaryOperator() if base in ("int", "float", "number"):
            bounds = _bounds(expression)
            return None if bounds is None else Within(tuple(bounds.items()))
    return None


def _values(expression: ExpressionStatement, base: str) -> OneOf | None:
    values = constant(expression)
    if not isinstance(values, list) or not values or len(set(map(repr, values))) < len(values):
        return None
    return OneOf(tuple(values)) if all(_one(value, base) is not None for value in values) else None


def _one(value: object, base: str) -> OneOf | None:
    fits = (base == "string" and isinstance(value, str)) or (base == "int" and type(value) is int)
    return OneOf((value,)) if fits else None  # type: ignore[arg-type]  # one of both, as was just found


def _validated(call: ExpressionStatement) -> Validated | None:
    if not isinstance(call, FunctionCall) or str(call.name).removeprefix("std::") != "validate_type" or call.wrapped_kwargs:
        return None
    given = dict(zip(("fq_type_name", "value", "validation_parameters"), call.arguments, strict=False)) | call.kwargs
    name = constant(given.get("fq_type_name"))
    parameters = constant(given["validation_parameters"]) if "validation_parameters" in given else {}
    if not isinstance(name, str) or not _is_self(given.get("value")) or not isinstance(parameters, dict):
        return None
    if not all(key.isidentifier() for key in parameters):
        return None
    constraint = Validated(name, tuple(parameters.items()))
    try:
        is_valid("", constraint)
    except (ValueError, TypeError):
        return None
    return constraint


def _bounds(expression: ExpressionStatement) -> dict[str, int | float] | None:
    if isinstance(expression, And):
        joined: dict[str, int | float] = {}
        for side in expression.children:
            bounds = _bounds(side)
            if bounds is None:
                return None
            for operator, value in bounds.items():
                tightest = min if operator in ("<", "<=") else max
                joined[operator] = tightest(value, joined.get(operator, value))
        return joined
    if not isinstance(expression, BinaryOperator) or type(expression) not in _OPERATORS:
        return None
    operator = _OPERATORS[type(expression)]
    left, right = expression.children
    if _is_self(right):
        operator, left, right = _MIRRORED[operator], right, left
    number = constant(right)
    if not _is_self(left) or not isinstance(number, int | float) or isinstance(number, bool):
        return None
    return {operator: number}


def _is_self(expression: ExpressionStatement | None) -> bool:
    return isinstance(expression, Reference) and expression.name == "self"


def constant(expression: Any) -> Any:
    """
    The value of a constant expression as plain data; None for anything else.

    :param expression: the expression
    """
    try:
        return None if expression is None else plain(expression.as_constant())
    except RuntimeException:
        return None


def plain(value: Any) -> Any:
    """
    A value of the compiler as plain data.

    :param value: the value
    """
    from inmanta.execute.util import NoneValue

    if isinstance(value, NoneValue) or value is None:
        return None
    if isinstance(value, str | int | float | bool):
        return value
    if hasattr(value, "items"):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value]
