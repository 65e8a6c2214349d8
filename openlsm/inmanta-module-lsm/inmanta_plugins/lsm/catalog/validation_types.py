"""From the type of an attribute to the type and the validation that the service catalog knows."""

from collections.abc import Iterator
from dataclasses import dataclass
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
    Regex,
)
from inmanta.ast.statements import ExpressionStatement
from inmanta.ast.statements.call import FunctionCall
from inmanta.ast.type import ConstraintType, LiteralList, NullableType, Type, TypedList
from inmanta.ast.variables import Reference
from inmanta_plugins.lsm.json_values import to_json

COMPARISONS: dict[type[BinaryOperator], str] = {
    LessThan: "lt",
    LessThanOrEqual: "le",
    GreaterThan: "gt",
    GreaterThanOrEqual: "ge",
}
MIRRORED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
NUMBERS = {"int": "pydantic.conint", "number": "pydantic.confloat", "float": "pydantic.confloat"}


@dataclass(frozen=True)
class CatalogType:
    """
    The type of an attribute in the service catalog.

    :param name: the primitive type with its suffixes, like `string[]?`
    :param validation_type: the name of the narrower type values have to fit, with the same suffixes; None for no other than
        the primitive one
    :param validation_parameters: the parameters of that narrower type
    """

    name: str
    validation_type: str | None
    validation_parameters: dict[str, Any] | None


@dataclass(frozen=True)
class Validation:
    """A narrower type without suffixes."""

    type: str
    parameters: dict[str, Any] | None


def catalog_type(attribute_type: Type) -> CatalogType:
    """
    The type of an attribute in the service catalog.

    A typedef becomes the primitive type it is based on, together with its constraint. The catalog knows calls to
    `std::validate_type`, regular expressions, comparisons with numbers and enumerations; any other constraint is left to the
    compiler. When a typedef is based on another one, the outermost constraint that the catalog knows counts.

    :param attribute_type: the type as it is declared
    """
    optional = multiple = False
    if isinstance(attribute_type, NullableType):
        optional, attribute_type = True, attribute_type.element_type
    # A list without element type is a primitive type, of which the name has no suffix.
    if isinstance(attribute_type, TypedList) and not isinstance(attribute_type, LiteralList):
        multiple, attribute_type = True, attribute_type.element_type
    suffix = ("[]" if multiple else "") + ("?" if optional else "")
    typedefs = list(_typedefs(attribute_type))
    primitive = (typedefs[-1].basetype if typedefs else attribute_type) or attribute_type
    name = primitive.type_string() or primitive.type_string_internal()
    for typedef in typedefs:
        validation = _validation(typedef, name)
        if validation is not None:
            return CatalogType(name + suffix, validation.type + suffix, validation.parameters)
    return CatalogType(name + suffix, None, None)


def _typedefs(attribute_type: Type | None) -> Iterator[ConstraintType]:
    while isinstance(attribute_type, ConstraintType):
        yield attribute_type
        attribute_type = attribute_type.basetype


def _validation(typedef: ConstraintType, primitive: str) -> Validation | None:
    expression = typedef.expression
    match expression:
        case Regex() if _is_self(expression.children[0]):
            return Validation("pydantic.constr", {"regex": expression.regex.pattern})
        case In() if _is_self(expression.children[0]):
            return _enumeration(typedef.name, expression.children[1])
        case Equals():
            calls = [call for call, other in (expression.children, reversed(expression.children)) if _constant(other) is True]
            return _validate_type(calls[0]) if calls else None
        case FunctionCall():
            return _validate_type(expression)
        case BinaryOperator() if primitive in NUMBERS:
            bounds = _bounds(expression)
            return None if bounds is None else Validation(NUMBERS[primitive], bounds)
        case _:
            return None


def _validate_type(call: ExpressionStatement) -> Validation | None:
    """`std::validate_type("<type>", self, {...})`"""
    if not isinstance(call, FunctionCall) or str(call.name).removeprefix("std::") != "validate_type":
        return None
    if call.wrapped_kwargs or len(call.arguments) + len(call.kwargs) not in (2, 3):
        return None
    arguments = dict(zip(("fq_type_name", "value", "validation_parameters"), call.arguments, strict=False)) | call.kwargs
    name = _constant(arguments.get("fq_type_name"))
    if not isinstance(name, str) or not _is_self(arguments.get("value")):
        return None
    parameters = _constant(arguments["validation_parameters"]) if "validation_parameters" in arguments else None
    if parameters is not None and not isinstance(parameters, dict):
        return None
    return Validation(name, parameters)


def _enumeration(typedef: str, values: ExpressionStatement) -> Validation | None:
    constants = _constant(values)
    if not isinstance(constants, list) or not all(
        isinstance(value, str | int | float) and not isinstance(value, bool) for value in constants
    ):
        return None
    return Validation("enum", {"value": typedef, "names": {str(value): value for value in constants}})


def _bounds(expression: ExpressionStatement) -> dict[str, int | float] | None:
    """Comparisons of the value with numbers, joined by `and`; None when there is anything else in the expression."""
    if isinstance(expression, And):
        left, right = (_bounds(side) for side in expression.children)
        if left is None or right is None:
            return None
        bounds = dict(left)
        for key, value in right.items():
            tightest = min if key in ("lt", "le") else max
            bounds[key] = tightest(value, bounds.get(key, value))
        return bounds
    if not isinstance(expression, BinaryOperator) or type(expression) not in COMPARISONS:
        return None
    comparison = COMPARISONS[type(expression)]
    left_side, right_side = expression.children
    if _is_self(right_side):
        comparison, left_side, right_side = MIRRORED[comparison], right_side, left_side
    number = _constant(right_side)
    if not _is_self(left_side) or not isinstance(number, int | float) or isinstance(number, bool):
        return None
    return {comparison: number}


def _is_self(expression: ExpressionStatement | None) -> bool:
    return isinstance(expression, Reference) and expression.name == "self"


def _constant(expression: ExpressionStatement | None) -> Any:
    """The value of a constant expression as JSON data, None for anything else."""
    try:
        return None if expression is None else to_json(expression.as_constant())
    except RuntimeException:
        return None
