"""From type hints to the types of the intermediate model."""

import enum
import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any, TypeAliasType, get_args, get_origin

from service_generator.dsl.expressions import Reference
from service_generator.dsl.modules import Entity
from service_generator.dsl.own import OwnEntity, OwnResource
from service_generator.dsl.parts import Embedded, InstalledService, Part, Service
from service_generator.dsl.resources import describe
from service_generator.dsl.typedefs import Bounds, InstalledType, Pattern, Union, Valid, Values
from service_generator.errors import DescriptionError
from service_generator.installed import primitive_of
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
from service_generator.read.failures import failure
from service_generator.read.packages import Package

_PRIMITIVES: dict[object, str] = {str: "string", int: "int", float: "float", bool: "bool", dict: "dict"}
_OFFERED = (
    "str, int, float, int | float, bool, dict[str, Any], an enumeration, a type alias with pattern(...) or bounds(...), "
    "a type of std, any of them in list[...] or with | None, or a class that is embedded or a service"
)


@dataclass(frozen=True)
class Hint:
    """What a type hint says."""

    target: type[Part] | AttributeType
    is_list: bool
    optional: bool


def read_hint(hint: object, package: Package) -> Hint:
    """
    Understand a type hint.

    :param hint: the hint, without forward references
    :param package: where descriptions live, for the namespaces of typedefs
    :raises DescriptionError: there is nothing like it in the inmanta language
    """
    hint, optional = _without_none(hint)
    is_list = get_origin(hint) is list
    if is_list:
        (hint,) = get_args(hint)
        if _without_none(hint)[1]:
            raise DescriptionError("a list cannot hold None. Take | None out of the brackets.")
    if isinstance(hint, type) and issubclass(hint, Part):
        if is_list and optional:
            raise DescriptionError("a list of parts or services is never None. An empty list says the same.")
        return Hint(hint, is_list, optional)
    return Hint(AttributeType(_read_item(hint, package), is_list, optional), is_list, optional)


def _without_none(hint: object) -> tuple[object, bool]:
    if get_origin(hint) not in (typing.Union, types.UnionType):
        return hint, False
    arguments = get_args(hint)
    others = tuple(argument for argument in arguments if argument is not types.NoneType)
    return (others[0] if len(others) == 1 else typing.Union[others]), len(others) < len(arguments)  # noqa: UP007  # made at run time


def _read_item(hint: object, package: Package) -> str | Typedef | ModelType:
    if isinstance(hint, TypeAliasType):
        return _read_alias(hint, package)
    if get_origin(hint) is Annotated:
        return _read_installed(hint)
    if get_origin(hint) in (typing.Union, types.UnionType) and set(get_args(hint)) == {int, float}:
        return "number"
    if isinstance(hint, type) and issubclass(hint, enum.StrEnum | enum.IntEnum):
        return _read_enumeration(hint, package)
    if get_origin(hint) is dict and get_args(hint) not in ((str, Any), (str, object)):
        raise DescriptionError("a dict of the model has string keys and any values. Write dict[str, Any].")
    primitive = None if isinstance(hint, Reference) else _PRIMITIVES.get(get_origin(hint) or hint)
    if primitive is None:
        raise DescriptionError(f"there is no type like {_name(hint)} in the model. There are: {_OFFERED}.")
    return primitive


def _name(hint: object) -> str:
    if isinstance(hint, Reference | Entity):
        return "this, which is no type of its module,"
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "")


def _read_enumeration(hint: type[enum.StrEnum] | type[enum.IntEnum], package: Package) -> Typedef:
    values = tuple(member.value for member in hint)
    namespace = package.namespace_of(hint.__module__, f"the enumeration {hint.__name__}")
    if not values:
        raise DescriptionError(f"the enumeration {hint.__name__} has no members.")
    if len(hint.__members__) > len(values):
        raise DescriptionError(f"two members of the enumeration {hint.__name__} have the same value. Leave one of them out.")
    return Typedef(
        name=snake_case(hint.__name__),
        namespace=namespace,
        base="string" if issubclass(hint, str) else "int",
        constraint=OneOf(values),
        description=describe(hint.__doc__, hint.__name__),
        python_name=hint.__name__,
    )


def _read_alias(alias: TypeAliasType, package: Package) -> Typedef:
    try:
        hint = alias.__value__
    except DescriptionError:
        raise
    except Exception as error:
        # Aliases are evaluated late, so this is where whatever is wrong with them comes up.
        raise DescriptionError(f"the type alias {alias.__name__} is wrong: {failure(error).rule}") from error
    described = hint.__metadata__[-1] if get_origin(hint) is Annotated else None
    extends = _extended(hint, package) if described is not None else None
    base = _base(hint, extends) if described is not None else ""
    found = _constraint(described, base)
    if found is None:
        raise DescriptionError(
            f"the type alias {alias.__name__} has no constraint that fits its type. "
            "Write Annotated[str, pattern(...)], Annotated[int, bounds(...)] or Annotated[float, bounds(...)]."
        )
    assert isinstance(described, Pattern | Bounds | Valid | Union)
    description = described.description
    namespace = package.namespace_of(alias.__module__ or "", f"the type alias {alias.__name__}")
    text = describe(description, alias.__name__)
    return Typedef(snake_case(alias.__name__), namespace, base, found, text, alias.__name__, extends)


def _extended(hint: Any, package: Package) -> Typedef | ModelType | None:
    if isinstance(hint.__origin__, TypeAliasType):
        return _read_alias(hint.__origin__, package)
    if isinstance(hint.__metadata__[0], InstalledType) and len(hint.__metadata__) > 1:
        return _installed(hint.__metadata__[0])
    return None


def _base(hint: Any, extends: Typedef | ModelType | None) -> str:
    if extends is not None:
        return extends.base
    if get_origin(hint.__origin__) in (typing.Union, types.UnionType) and set(get_args(hint.__origin__)) == {int, float}:
        return "number"
    return _PRIMITIVES.get(hint.__origin__, "")


def _constraint(described: object, base: str) -> Constraint | None:
    match described:
        case Pattern(regex) if base == "string":
            return Matches(regex)
        case Bounds(bounds) if base in ("int", "float", "number"):
            return Within(bounds)
        case Valid(name, parameters) if base:
            constraint = Validated(name, parameters)
            try:
                is_valid("", constraint)
            except (ValueError, TypeError) as error:
                raise DescriptionError(f"{name} is no type with these parameters: {error}. Correct them.") from error
            return constraint
        case Values(values) if values and all(isinstance(value, str if base == "string" else int) for value in values):
            return OneOf(values)
        case Union(constraints):
            found = [_constraint(one, base) for one in constraints]
            flat = tuple(one for one in found if one is not None and not isinstance(one, AnyOf))
            return AnyOf(flat) if len(flat) == len(found) else None
    return None


def _read_installed(hint: Any) -> ModelType:
    constraint = hint.__metadata__[-1]
    if isinstance(constraint, Pattern | Bounds | Valid | Union):
        raise DescriptionError("a type with pattern(...) or bounds(...) needs a name. Write: type <Name> = Annotated[...].")
    if not isinstance(constraint, InstalledType):
        raise DescriptionError(f"Annotated[...] holds {constraint!r}. Use pattern(...), bounds(...) or InstalledType(...).")
    return _installed(constraint)


def _installed(constraint: InstalledType) -> ModelType:
    namespace, _, name = constraint.name.rpartition("::")
    return ModelType(name, namespace, primitive_of(constraint.name))


def hints_of(part: type[Part]) -> dict[str, object]:
    """
    The type hints of a part, inherited ones included, with forward references resolved.

    :param part: the class
    :raises DescriptionError: a hint names something that doesn't exist
    """
    try:
        hints = typing.get_type_hints(part, include_extras=True)
    except NameError as error:
        raise DescriptionError(f"a type hint names {error.name}, which is not defined in this file.") from error
    except Exception as error:
        # Hints between quotes are Python that is only run here.
        raise failure(error, part.__name__) from error
    bases = (Part, Embedded, Service, InstalledService, OwnEntity, OwnResource)
    known = {name for base in bases if issubclass(part, base) for name in base.__annotations__}
    return {name: hint for name, hint in hints.items() if name not in known}
