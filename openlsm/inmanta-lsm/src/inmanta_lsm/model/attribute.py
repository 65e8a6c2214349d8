"""Attributes and relations of a service entity: what an attribute set may hold."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from inmanta.data.model import BaseModel
from pydantic import Field

type Modifier = Literal["r", "rw", "rw+"]
"""
Who may write an attribute: ``r`` only the allocation, ``rw`` the user when the instance is created, ``rw+`` the user at
any time.
"""


class ServiceAttribute(BaseModel):
    """
    A plain attribute of a service entity or of an embedded entity.

    :param type: a primitive type of the modelling language with its suffixes, such as ``string``, ``int?`` or ``bool[]``
    :param default_value: the default, meaningful only if ``default_value_set``
    :param validation_type: the name of a narrower type that values have to fit, such as ``pydantic.conint`` or ``enum``
    :param validation_parameters: the parameters of that narrower type
    """

    name: str
    description: str | None = None
    modifier: Modifier
    attribute_annotations: dict[str, Any] = Field(default_factory=dict)
    type: str
    default_value: Any = None
    default_value_set: bool = False
    validation_type: str | None = None
    validation_parameters: dict[str, Any] | None = None

    @property
    def optional(self) -> bool:
        """Whether null is a value of this attribute."""
        return self.type.endswith("?")


class ServiceRelation(BaseModel):
    """
    What a relation to embedded entities and a relation to other services have in common.

    :param lower_limit: the least number of related entities
    :param upper_limit: the greatest number of related entities, None if there is no limit
    """

    name: str
    description: str | None = None
    modifier: Modifier
    lower_limit: int = 0
    upper_limit: int | None = None
    attribute_annotations: dict[str, Any] = Field(default_factory=dict)

    @property
    def single(self) -> bool:
        """Whether the value is one related entity (or null) instead of a list of them."""
        return self.upper_limit == 1

    @property
    def optional(self) -> bool:
        """Whether the relation may be left empty."""
        return self.lower_limit == 0


class InterServiceRelation(ServiceRelation):
    """
    A relation to instances of another service, whose value is the id (or the list of ids) of these instances.

    :param entity_type: the name of the service entity at the other end
    """

    entity_type: str


class ServiceAttributeHolder(BaseModel):
    """What has attributes, embedded entities and relations to other services: a service entity or an embedded entity."""

    attributes: list[ServiceAttribute]
    embedded_entities: list["EmbeddedServiceEntity"] = Field(default_factory=list)
    inter_service_relations: list[InterServiceRelation] = Field(default_factory=list)
    entity_annotations: dict[str, Any] = Field(default_factory=dict)

    @property
    def members(self) -> Sequence["ServiceAttribute | EmbeddedServiceEntity | InterServiceRelation"]:
        """Everything an attribute set may hold: the attributes, the embedded entities and the relations to other services."""
        return (*self.attributes, *self.embedded_entities, *self.inter_service_relations)

    def map_embedded(
        self, attributes: Mapping[str, Any], change: Callable[["EmbeddedServiceEntity", Mapping[str, Any]], dict[str, Any]]
    ) -> dict[str, Any]:
        """
        Give an attribute set in which every embedded entity is replaced. A value that is no embedded entity stays.

        :param attributes: the attribute set, which is not changed
        :param change: gives the new embedded entity for its definition and the old one
        """
        changed: dict[str, Any] = dict(attributes)
        for embedded in self.embedded_entities:
            match changed.get(embedded.name):
                case dict() as value:
                    changed[embedded.name] = change(embedded, value)
                case list() as values:
                    changed[embedded.name] = [change(embedded, value) if isinstance(value, dict) else value for value in values]
        return changed

    def add_defaults(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """
        Complete an attribute set with what its author may leave out.

        An attribute that is missing takes its default. Without default it becomes null if it is optional or if only the
        allocation writes it. A missing relation becomes the empty list if it is an optional list, and null if it is
        optional or if only the allocation writes it. Embedded entities are completed the same way. What is required stays
        missing, what is unknown stays as it is.

        :param attributes: the attribute set, which is not changed
        :return: the completed copy
        """
        completed: dict[str, Any] = copy.deepcopy(dict(attributes))
        for attribute in self.attributes:
            if attribute.name in completed:
                continue
            if attribute.default_value_set:
                completed[attribute.name] = copy.deepcopy(attribute.default_value)
            elif attribute.optional or attribute.modifier == "r":
                completed[attribute.name] = None
        for relation in (*self.embedded_entities, *self.inter_service_relations):
            if relation.name in completed:
                continue
            if relation.optional and not relation.single:
                completed[relation.name] = []
            elif relation.optional or relation.modifier == "r":
                completed[relation.name] = None
        return self.map_embedded(completed, EmbeddedServiceEntity.add_defaults)


class EmbeddedServiceEntity(ServiceAttributeHolder, ServiceRelation):
    """
    An entity that lives inside a service instance, together with the relation that leads to it.

    :param name: the name of the relation
    :param type: the name of the entity
    :param key_attributes: the attributes that tell the embedded entities of one relation apart
    """

    type: str | None = None
    key_attributes: list[str] | None = None


# The reference to what is defined below it has to be resolved before another module inherits from the holder.
ServiceAttributeHolder.model_rebuild()
