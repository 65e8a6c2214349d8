"""What the body of a class lists: its attributes and relations, and nothing that would be lost without a word."""

from collections.abc import Callable

from service_generator.dsl.fields import Field, Way, field_of
from service_generator.dsl.own import OwnEntity, Relation
from service_generator.dsl.parts import Part
from service_generator.dsl.resources import ActionField, ResourceField
from service_generator.errors import DescriptionError
from service_generator.installed import close_match
from service_generator.read.annotations import hints_of

_LANGUAGE = (Part.__module__, OwnEntity.__module__)


def at[T](where: str, read: Callable[[], T]) -> T:
    """
    Read something, and name it in the messages that come of it.

    :param where: what it is
    :param read: what reads it
    """
    try:
        return read()
    except DescriptionError as error:
        raise error.within(where) from error


def fields_of(part: type[Part]) -> list[tuple[str, Field, object]]:
    """
    The attributes and relations of a class, with their types, without those of an abstract base.

    :param part: the class
    :raises DescriptionError: something in the class is described half
    """
    hints = at(part.__name__, lambda: hints_of(part))
    found: list[tuple[str, Field, object]] = []
    for name, hint in hints.items():
        value = getattr(part, name, None)
        if isinstance(value, Relation):
            continue
        if isinstance(value, ResourceField):
            raise DescriptionError("the name is used for an attribute and for a resource.", where=f"{part.__name__}.{name}")
        field = field_of(value)
        if field is None:
            given = "it has a type only" if value is None else f"{value!r} does not say who may set it"
            raise DescriptionError(f"{given}. Write = rw(...), rw_plus(...) or r(...).", where=f"{part.__name__}.{name}")
        if not _is_inherited(part, name):
            found.append((name, field, hint))
    for name in dir(part):
        if field_of(getattr(part, name, None)) is not None and name not in hints:
            raise DescriptionError("it has no type. Write <name>: <type> = ...", where=f"{part.__name__}.{name}")
    _check_options(part)
    return found


def _is_inherited(part: type[Part], name: str) -> bool:
    for base in part.__mro__:
        if name in vars(base):
            return base is not part and bool(vars(base).get("is_abstract"))
    return False


def _check_options(part: type[Part]) -> None:
    known = {name for base in part.__mro__ if base.__module__ in _LANGUAGE for name in (*vars(base), *base.__annotations__)}
    for base in part.__mro__:
        if base.__module__ in _LANGUAGE or not issubclass(base, Part):
            continue
        for name, value in vars(base).items():
            is_described = isinstance(
                value, Field | Way | Relation | ResourceField | ActionField | property | classmethod | staticmethod
            ) or callable(value)
            if is_described or name.startswith("_") or name.isupper() or name in known:
                continue
            raise DescriptionError(
                f"{name} is no option of the class. {close_match(name, (n for n in known if not n.startswith('_')))} "
                "Write constants in capitals.",
                where=f"{base.__name__}.{name}",
            )
