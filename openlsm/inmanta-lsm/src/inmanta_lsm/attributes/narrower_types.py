"""
The narrower types that a definition can name.

A definition comes from outside: its names choose among the types and factories listed here, and nothing else is looked up,
imported or called. A name that is not listed is left to the compiler, which runs the code of the model anyway.
"""

import datetime
import ipaddress
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any

import pydantic

from inmanta_lsm.attributes.pattern import Pattern
from inmanta_lsm.attributes.violation import RuleViolationError, one_line, shown

type Check = Callable[[object], Any]

# What is needed to validate takes no more memory than this allows, and pydantic holds lengths in a machine word.
MAXIMUM_LENGTH = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Factory:
    """
    A function that makes a type of its parameters.

    :param make: the function
    :param parameters: what each of its parameters takes, by name
    """

    make: Callable[..., Any]
    parameters: Mapping[str, Check]


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("an integer")
    return value


def _number(value: object) -> int | float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError("a number")
    return value


def _decimal(value: object) -> Decimal:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        raise ValueError("a number")
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError("a number") from None


def _factor(value: object) -> int | float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise ValueError("a number above 0")
    return value


def _decimal_factor(value: object) -> Decimal:
    number = _decimal(value)
    if not number.is_finite() or number <= 0:
        raise ValueError("a number above 0")
    return number


def _length(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAXIMUM_LENGTH:
        raise ValueError("a length")
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("a boolean")
    return value


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a string")
    return value


def _date(value: object) -> datetime.date:
    try:
        return datetime.date.fromisoformat(_string(value))
    except ValueError:
        raise ValueError("a date") from None


def _bounds(check: Check) -> dict[str, Check]:
    return dict.fromkeys(("gt", "ge", "lt", "le"), check)


def _constr(regex: str | None = None, pattern: str | None = None, **constraints: Any) -> Any:
    """
    A narrower string, as the compiler makes it.

    :param regex: what it has to match, in the syntax of Python
    :param pattern: what it has to match, in the syntax of pydantic
    :param constraints: the other parameters of `pydantic.constr`
    """
    described: Any = pydantic.constr(**constraints)
    for text, python in ((pattern, False), (regex, True)):
        if text is not None:
            described = Annotated[described, Pattern(text, python)]
    return described


_LENGTHS: Mapping[str, Check] = {"min_length": _length, "max_length": _length, "strict": _boolean}

FACTORIES: Mapping[str, Factory] = {
    "pydantic.conint": Factory(pydantic.conint, _bounds(_integer) | {"multiple_of": _factor, "strict": _boolean}),
    "pydantic.confloat": Factory(
        pydantic.confloat, _bounds(_number) | {"multiple_of": _factor, "strict": _boolean, "allow_inf_nan": _boolean}
    ),
    "pydantic.condecimal": Factory(
        pydantic.condecimal,
        _bounds(_decimal)
        | {
            "multiple_of": _decimal_factor,
            "max_digits": _length,
            "decimal_places": _length,
            "strict": _boolean,
            "allow_inf_nan": _boolean,
        },
    ),
    "pydantic.constr": Factory(
        _constr,
        {
            **_LENGTHS,
            "regex": _string,
            "pattern": _string,
            "strip_whitespace": _boolean,
            "to_upper": _boolean,
            "to_lower": _boolean,
        },
    ),
    "pydantic.conbytes": Factory(pydantic.conbytes, _LENGTHS),
    "pydantic.condate": Factory(pydantic.condate, _bounds(_date) | {"strict": _boolean}),
}
"""The functions that make a type of parameters, by the name that a definition has for them."""

TYPES: dict[str, Any] = {
    "datetime.date": datetime.date,
    "datetime.datetime": datetime.datetime,
    "datetime.time": datetime.time,
    "datetime.timedelta": datetime.timedelta,
    "ipaddress.IPv4Address": ipaddress.IPv4Address,
    "ipaddress.IPv4Interface": ipaddress.IPv4Interface,
    "ipaddress.IPv4Network": ipaddress.IPv4Network,
    "ipaddress.IPv6Address": ipaddress.IPv6Address,
    "ipaddress.IPv6Interface": ipaddress.IPv6Interface,
    "ipaddress.IPv6Network": ipaddress.IPv6Network,
    "pydantic.AmqpDsn": pydantic.AmqpDsn,
    "pydantic.AnyHttpUrl": pydantic.AnyHttpUrl,
    "pydantic.AnyUrl": pydantic.AnyUrl,
    "pydantic.AnyWebsocketUrl": pydantic.AnyWebsocketUrl,
    "pydantic.AwareDatetime": pydantic.AwareDatetime,
    "pydantic.Base64Bytes": pydantic.Base64Bytes,
    "pydantic.Base64Str": pydantic.Base64Str,
    "pydantic.Base64UrlBytes": pydantic.Base64UrlBytes,
    "pydantic.Base64UrlStr": pydantic.Base64UrlStr,
    "pydantic.ByteSize": pydantic.ByteSize,
    "pydantic.CockroachDsn": pydantic.CockroachDsn,
    "pydantic.EmailStr": pydantic.EmailStr,
    "pydantic.FileUrl": pydantic.FileUrl,
    "pydantic.FiniteFloat": pydantic.FiniteFloat,
    "pydantic.FtpUrl": pydantic.FtpUrl,
    "pydantic.FutureDate": pydantic.FutureDate,
    "pydantic.FutureDatetime": pydantic.FutureDatetime,
    "pydantic.HttpUrl": pydantic.HttpUrl,
    "pydantic.IPvAnyAddress": pydantic.IPvAnyAddress,
    "pydantic.IPvAnyInterface": pydantic.IPvAnyInterface,
    "pydantic.IPvAnyNetwork": pydantic.IPvAnyNetwork,
    "pydantic.Json": pydantic.Json,
    "pydantic.JsonValue": pydantic.JsonValue,
    "pydantic.KafkaDsn": pydantic.KafkaDsn,
    "pydantic.MariaDBDsn": pydantic.MariaDBDsn,
    "pydantic.MongoDsn": pydantic.MongoDsn,
    "pydantic.MySQLDsn": pydantic.MySQLDsn,
    "pydantic.NaiveDatetime": pydantic.NaiveDatetime,
    "pydantic.NameEmail": pydantic.NameEmail,
    "pydantic.NatsDsn": pydantic.NatsDsn,
    "pydantic.NegativeFloat": pydantic.NegativeFloat,
    "pydantic.NegativeInt": pydantic.NegativeInt,
    "pydantic.NonNegativeFloat": pydantic.NonNegativeFloat,
    "pydantic.NonNegativeInt": pydantic.NonNegativeInt,
    "pydantic.NonPositiveFloat": pydantic.NonPositiveFloat,
    "pydantic.NonPositiveInt": pydantic.NonPositiveInt,
    "pydantic.PastDate": pydantic.PastDate,
    "pydantic.PastDatetime": pydantic.PastDatetime,
    "pydantic.PositiveFloat": pydantic.PositiveFloat,
    "pydantic.PositiveInt": pydantic.PositiveInt,
    "pydantic.PostgresDsn": pydantic.PostgresDsn,
    "pydantic.RedisDsn": pydantic.RedisDsn,
    "pydantic.SecretBytes": pydantic.SecretBytes,
    "pydantic.SecretStr": pydantic.SecretStr,
    "pydantic.StrictBool": pydantic.StrictBool,
    "pydantic.StrictBytes": pydantic.StrictBytes,
    "pydantic.StrictFloat": pydantic.StrictFloat,
    "pydantic.StrictInt": pydantic.StrictInt,
    "pydantic.StrictStr": pydantic.StrictStr,
    "pydantic.UUID1": pydantic.UUID1,
    "pydantic.UUID3": pydantic.UUID3,
    "pydantic.UUID4": pydantic.UUID4,
    "pydantic.UUID5": pydantic.UUID5,
    "pydantic.WebsocketUrl": pydantic.WebsocketUrl,
    "uuid.UUID": uuid.UUID,
}
"""The types without parameters, by the name that a definition has for them."""


@lru_cache(maxsize=4096)
def narrower_type(name: str, parameters: str) -> pydantic.TypeAdapter[object] | None:
    """
    The validator of a narrower type.

    :param name: the name of the type with its module, such as ``pydantic.conint``
    :param parameters: the parameters of the type, as JSON text
    :return: the validator, None for a type that is not known here: the compiler validates it
    :raises RuleViolationError: the parameters do not fit the type
    """
    given = json.loads(parameters)
    try:
        if name in FACTORIES:
            factory = FACTORIES[name]
            return _adapter(factory.make(**_arguments(factory.parameters, given)))
        if name not in TYPES:
            return None
        if given:
            raise ValueError("it has none")
        return _adapter(TYPES[name])
    except Exception as error:
        # Parameters that fit one by one need not fit together, pydantic tells with errors of many kinds.
        reason = f"{name} cannot take the parameters {shown(given)}: {one_line(error)}."
        raise RuleViolationError(f"Validation type {reason}") from None


def _arguments(checks: Mapping[str, Check], given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ValueError("they must be an object")
    arguments: dict[str, Any] = {}
    for parameter, value in given.items():
        if parameter not in checks:
            raise ValueError(f"it has no parameter {parameter!r}, only {', '.join(sorted(checks))}")
        try:
            arguments[parameter] = None if value is None else checks[parameter](value)
        except ValueError as error:
            raise ValueError(f"{parameter} must be {error}, not {shown(value)}") from None
    return arguments


def _adapter(described: Any) -> pydantic.TypeAdapter[object]:
    adapter: pydantic.TypeAdapter[object] = pydantic.TypeAdapter(described)
    adapter.json_schema()
    return adapter
