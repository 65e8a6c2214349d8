"""What an entity of the model declares: its attributes and relations, with everything that is said about them."""

from collections.abc import Iterator
from typing import Any

from inmanta.ast.attribute import Attribute, RelationAttribute
from inmanta.ast.entity import Entity
from inmanta.execute.proxy import DynamicProxy
from inmanta_lsm.model import ServiceAttribute
from inmanta_plugins.lsm.catalog import docstrings
from inmanta_plugins.lsm.catalog.error import CatalogError
from inmanta_plugins.lsm.catalog.validation_types import catalog_type
from inmanta_plugins.lsm.json_values import to_json

MODIFIERS = ("r", "rw", "rw+")
METADATA = ("__modifier", "__description", "__annotations")

EMBEDDED_ENTITY = "lsm::EmbeddedEntity"
SERVICE_ENTITY = "lsm::ServiceEntity"
INTER_SERVICE_RELATION = "lsm::InterServiceRelation"
RELATION_ANNOTATIONS = "lsm::RelationAnnotations"
RELATIONSHIP_METADATA = "lsm::RelationshipMetadata"


def extends(entity: Entity, name: str) -> bool:
    """
    Whether an entity is, or inherits from, another one.

    :param name: the full name of the other one
    """
    return any(parent.get_full_name() == name for parent in lineage(entity))


def lineage(entity: Entity) -> list[Entity]:
    """An entity and everything it inherits from, the most general entities first and the parents in the order of `extends`."""
    ordered: dict[str, Entity] = {}
    for parent in entity.parent_entities:
        for ancestor in lineage(parent):
            ordered.setdefault(ancestor.get_full_name(), ancestor)
    return [*ordered.values(), entity]


def target(relation: RelationAttribute) -> Entity:
    """The entity a relation leads to."""
    entity = relation.type
    assert isinstance(entity, Entity)
    return entity


def plain_attributes(entity: Entity) -> list[Attribute]:
    """
    The attributes of an entity that are part of a service: inherited ones first, each in its most derived declaration.

    What the base entities declare, private attributes and attributes that say something about another one are left out.
    """
    return [member for member in _members(entity) if not isinstance(member, RelationAttribute)]


def relations(entity: Entity) -> list[RelationAttribute]:
    """The relations of an entity that may be part of a service: as :func:`plain_attributes`."""
    return [member for member in _members(entity) if isinstance(member, RelationAttribute)]


def read_attribute(entity: Entity, attribute: Attribute) -> ServiceAttribute:
    """
    The definition of an attribute in the service catalog.

    :param entity: the entity that has the attribute; it may inherit it
    :raises CatalogError: what the model says about the attribute does not make sense
    """
    name = attribute.name
    where = f"attribute {name} of {entity.get_full_name()}"
    described = catalog_type(attribute.type)
    defaults = entity.get_default_values()
    return ServiceAttribute(
        name=name,
        description=_description(entity, name),
        modifier=check_modifier(constant(entity, f"{name}__modifier", "rw"), where),
        attribute_annotations=check_annotations(constant(entity, f"{name}__annotations", {}), where),
        type=described.name,
        default_value=constant(entity, name, None),
        default_value_set=name in defaults,
        validation_type=described.validation_type,
        validation_parameters=described.validation_parameters,
    )


def entity_description(entity: Entity) -> str | None:
    """What the docstring of an entity says about the entity itself."""
    return docstrings.parse(entity.comment).description


def entity_annotations(entity: Entity) -> dict[str, Any]:
    """
    The annotations of an entity: the default of its attribute `__annotations`.

    :raises CatalogError: the annotations are no dict
    """
    return check_annotations(constant(entity, "__annotations", {}), f"entity {entity.get_full_name()}")


def relation_description(relation: RelationAttribute) -> str | None:
    """The docstring that follows a relation."""
    return docstrings.parse(relation.comment).description


def is_inter_service(relation: RelationAttribute) -> bool:
    """Whether a relation is marked as one between services."""
    return any(extends(annotation._type(), INTER_SERVICE_RELATION) for annotation in _annotations(relation))


def relation_modifier(relation: RelationAttribute) -> str:
    """Who may set a relation and when: `r`, `rw` or `rw+`."""
    for annotation in _annotations(relation):
        if extends(annotation._type(), RELATIONSHIP_METADATA):
            modifier: str = annotation.modifier
            return modifier
    return "rw"


def relation_annotations(relation: RelationAttribute) -> dict[str, Any]:
    """The annotations of a relation, of all its `lsm::RelationAnnotations` together."""
    merged: dict[str, Any] = {}
    for annotation in _annotations(relation):
        if extends(annotation._type(), RELATION_ANNOTATIONS):
            merged |= to_json(annotation.annotations)
    return merged


def constant(entity: Entity, name: str, otherwise: Any) -> Any:
    """
    The default value of an attribute as JSON data.

    :param entity: the entity that has the attribute; it may inherit it
    :param name: the name of the attribute
    :param otherwise: the value when there is no such attribute, or when it has no default
    """
    default = entity.get_default_values().get(name)
    return otherwise if default is None else to_json(default.as_constant())


def check_modifier(modifier: Any, where: str) -> Any:
    """
    Make sure that a modifier is one.

    :param modifier: the value found in the model
    :param where: what has the modifier
    :raises CatalogError: it is no modifier
    """
    if modifier not in MODIFIERS:
        raise CatalogError(f"The modifier of {where} is {modifier!r}: use {', '.join(MODIFIERS[:-1])} or {MODIFIERS[-1]}")
    return modifier


def check_annotations(annotations: Any, where: str) -> dict[str, Any]:
    """
    Make sure that annotations are a dict.

    :param annotations: the value found in the model
    :param where: what has the annotations
    :raises CatalogError: they are something else
    """
    if not isinstance(annotations, dict):
        raise CatalogError(f"The annotations of {where} are {annotations!r}: use a dict")
    return annotations


def _members(entity: Entity) -> Iterator[Attribute]:
    members: dict[str, Attribute] = {}
    of_base_entities: set[str] = set()
    for ancestor in lineage(entity):
        members.update(ancestor.attributes)
        if ancestor.get_full_name().split("::")[0] in ("lsm", "std"):
            of_base_entities.update(ancestor.attributes)
    for name, member in members.items():
        if name not in of_base_entities and not name.startswith("_") and not name.endswith(METADATA):
            yield member


def _description(entity: Entity, name: str) -> str | None:
    """The description of an attribute: the default of `<name>__description`, else what the most derived docstring says."""
    explicit = constant(entity, f"{name}__description", None)
    if explicit is not None:
        return str(explicit)
    for ancestor in reversed(lineage(entity)):
        description = docstrings.parse(ancestor.comment).attributes.get(name)
        if description is not None:
            return description
    return None


def _annotations(relation: RelationAttribute) -> Iterator[Any]:
    # Only one of the two lists is filled, depending on the side of the relation.
    for variable in (*relation.source_annotations, *relation.target_annotations):
        annotation = DynamicProxy.return_value(variable.get_value())
        if isinstance(annotation, DynamicProxy) and isinstance(annotation._type(), Entity):
            yield annotation
