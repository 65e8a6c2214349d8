"""Types, typedefs and attributes, as elements of inmanta-module-factory."""

from inmanta_module_factory.inmanta.attribute import Attribute
from inmanta_module_factory.inmanta.typedef import TypeDef
from inmanta_module_factory.inmanta.types import InmantaAdvancedType, InmantaBaseType, InmantaListType, InmantaType

from service_generator.emit.expressions import constant, inline, literal, quote
from service_generator.emit.text import wrap
from service_generator.model import services as model
from service_generator.model.expressions import Constant, data_node, walk
from service_generator.model.types import AnyOf, AttributeType, Constraint, Matches, OneOf, Typedef, Validated, Within


def typedef_element(typedef: Typedef) -> TypeDef:
    """
    A typedef.

    :param typedef: the type, as described
    """
    path = typedef.namespace.split("::")
    return TypeDef(typedef.name, path, _base(typedef), _constraint(typedef.constraint), wrap(typedef.description or ""))


def _base(typedef: Typedef) -> InmantaBaseType:
    if typedef.extends is None:
        return InmantaBaseType(typedef.base)
    return TypeDef(typedef.extends.name, typedef.extends.namespace.split("::"), InmantaBaseType(typedef.extends.base), "")


def _constraint(constraint: Constraint, *, nested: bool = False) -> str:
    match constraint:
        case OneOf(values):
            return f"self in [{', '.join(constant(value) for value in values)}]"
        case Matches(regex):
            if nested:
                # A regular expression stands alone in the language.
                return f'std::validate_type("pydantic.constr", self, {{"regex": {quote(regex)}, "strict": true}})'
            return "/" + regex.replace("/", "\\/") + "/"
        case Within(bounds):
            return " and ".join(f"self {operator} {constant(value)}" for operator, value in bounds)
        case Validated(name, parameters):
            given = f", {inline(data_node(dict(parameters)), '')}" if parameters else ""
            return f"std::validate_type({quote(name)}, self{given})"
        case AnyOf(constraints):
            return " or ".join(f"({_constraint(one, nested=True)})" for one in constraints)


class DescribedAttribute(Attribute):
    """An attribute that has a default when it is given one, and only then."""

    def __str__(self) -> str:
        if self.optional and self.default is None:
            return super().__str__().removesuffix(" = null\n") + "\n"
        return super().__str__()


def _as_written(attribute: model.Attribute) -> object:
    # The language tells 1 from 1.0, and Python does not mind.
    if attribute.type.primitive != "float" or attribute.default is None:
        return attribute.default
    if isinstance(attribute.default, list):
        return [float(item) for item in attribute.default]
    assert isinstance(attribute.default, int | float)
    return float(attribute.default)


def attribute_element(attribute: model.Attribute) -> Attribute:
    """
    An attribute.

    :param attribute: the attribute, as described
    """
    if attribute.has_default:
        _check_default(attribute.default)
    return DescribedAttribute(
        attribute.name,
        _inmanta_type(attribute.type),
        optional=attribute.type.optional,
        default=inline(data_node(_as_written(attribute)), "") if attribute.has_default else None,
        description=wrap(attribute.description, prefix=f":attr {attribute.name}: ") or None,
    )


def _check_default(value: object) -> None:
    # The default of an attribute is a constant, and not a sum of literals.
    for node in walk(data_node(value)):
        if isinstance(node, Constant) and isinstance(node.value, str):
            literal(node.value)


def _inmanta_type(kind: AttributeType) -> InmantaType:
    if kind.item == "dict":
        return InmantaAdvancedType("dict") if not kind.is_list else InmantaListType(InmantaBaseType("dict"))
    item: InmantaBaseType
    if isinstance(kind.item, str):
        item = InmantaBaseType(kind.item)
    else:
        item = TypeDef(kind.item.name, kind.item.namespace.split("::"), InmantaBaseType(kind.item.base), "")
    return InmantaListType(item) if kind.is_list else item
