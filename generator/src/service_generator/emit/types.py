"""Types, typedefs and attributes, as elements of inmanta-module-factory."""

from inmanta_module_factory.inmanta.attribute import Attribute
from inmanta_module_factory.inmanta.typedef import TypeDef
from inmanta_module_factory.inmanta.types import InmantaAdvancedType, InmantaBaseType, InmantaListType, InmantaType

from service_generator.emit.expressions import constant, inline
from service_generator.emit.text import wrap
from service_generator.model import services as model
from service_generator.model.expressions import Constant, DictOf, ListOf, Node
from service_generator.model.types import AttributeType, Matches, OneOf, Typedef, Within


def typedef_element(typedef: Typedef) -> TypeDef:
    """
    A typedef.

    :param typedef: the type, as described
    """
    match typedef.constraint:
        case OneOf(values):
            constraint = f"self in [{', '.join(constant(value) for value in values)}]"
        case Matches(regex):
            constraint = "/" + regex.replace("/", "\\/") + "/"
        case Within(bounds):
            constraint = " and ".join(f"self {operator} {constant(value)}" for operator, value in bounds)
    path = typedef.namespace.split("::")
    return TypeDef(typedef.name, path, InmantaBaseType(typedef.base), constraint, wrap(typedef.description or ""))


def attribute_element(attribute: model.Attribute) -> Attribute:
    """
    An attribute.

    :param attribute: the attribute, as described
    """
    return Attribute(
        attribute.name,
        _inmanta_type(attribute.type),
        optional=attribute.type.optional,
        default=inline(_default(attribute.default), "") if attribute.has_default else None,
        description=wrap(attribute.description, prefix=f":attr {attribute.name}: "),
    )


def _default(value: object) -> Node:
    match value:
        case dict():
            return DictOf(tuple((key, _default(item)) for key, item in value.items()))
        case list():
            return ListOf(tuple(_default(item) for item in value))
        case str() | int() | float() | bool() | None:
            return Constant(value)
        case _:
            raise TypeError(f"no default of an attribute: {value!r}")


def _inmanta_type(kind: AttributeType) -> InmantaType:
    if kind.item == "dict":
        return InmantaAdvancedType("dict") if not kind.is_list else InmantaListType(InmantaBaseType("dict"))
    item: InmantaBaseType
    if isinstance(kind.item, str):
        item = InmantaBaseType(kind.item)
    else:
        item = TypeDef(kind.item.name, kind.item.namespace.split("::"), InmantaBaseType(kind.item.base), "")
    return InmantaListType(item) if kind.is_list else item
