"""
What the LSM adds to the GraphQL of the server: the service instances of a resource, and the resources of a service instance.

A release of inmanta-core that takes contributions (19.0 and later) is needed to import this.
"""

import uuid
from collections.abc import Mapping, Set
from typing import Any

import strawberry
from inmanta.data import sqlalchemy as models
from inmanta.graphql.schema import GraphQLContribution, ResourceFilterABC, StrawberryFilter, is_provided
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased, query_expression, with_expression

from inmanta_lsm.deployment.progress import LIFECYCLE_TRANSFER

_INSTANCES = "service_instances"


@strawberry.type
class ResourceServiceInstance:
    """A service instance that a resource belongs to."""

    id: uuid.UUID = strawberry.field(description="The id of the service instance.")
    service_entity: str = strawberry.field(description="The name of its service entity.")


def _instances(root: "ResourceFields") -> list[ResourceServiceInstance]:
    found: list[Mapping[str, str]] | None = getattr(root, _INSTANCES)
    return [ResourceServiceInstance(id=uuid.UUID(entry["id"]), service_entity=entry["entity"]) for entry in found or []]


class ResourceFields:
    """The fields that a resource gets."""

    service_instances: list[ResourceServiceInstance] = strawberry.field(
        resolver=_instances,
        description="The service instances whose state depends on this resource, among those that it was exported with.",
    )


@strawberry.input
class ResourceServiceFilter(ResourceFilterABC):
    """
    The filters on resources.

    :param service_instance: the service instance whose resources are wanted, its lifecycle transfer included
    """

    service_instance: uuid.UUID | None = strawberry.UNSET

    def apply_filter[*Ts](self, stmt: Select[*Ts]) -> Select[*Ts]:
        """Keep the resources that the instance depends on in the model version of the query."""
        if not is_provided(self.service_instance):
            return stmt
        transfer = aliased(models.Resource)
        version = aliased(models.ResourceSetConfigurationModel)
        listed = exists().where(
            transfer.environment == models.Resource.environment,
            transfer.resource_type == LIFECYCLE_TRANSFER,
            transfer.resource_id_value == str(self.service_instance),
            version.environment == transfer.environment,
            version.resource_set == transfer.resource_set,
            version.model == models.Configurationmodel.version,
            transfer.attributes["resources"].has_key(models.Resource.resource_id),
        )
        own = and_(
            models.Resource.resource_type == LIFECYCLE_TRANSFER,
            models.Resource.resource_id_value == str(self.service_instance),
        )
        return stmt.where(or_(own, listed))


class ResourceContribution(GraphQLContribution):
    """What resources get."""

    @classmethod
    def get_target_model(cls) -> type[models.Base]:
        """Say what it adds to."""
        return models.Resource

    @classmethod
    def get_graphql_output_type_mixin(cls) -> type:
        """Give the fields."""
        return ResourceFields

    @classmethod
    def get_sqlalchemy_columns(cls) -> Mapping[str, object]:
        """Give the columns that the fields come from."""
        return {_INSTANCES: query_expression()}

    @classmethod
    def populate_sqlalchemy_columns[*Ts](
        cls, stmt: Select[*Ts], model: type[models.Base], requested_fields: Set[str]
    ) -> Select[*Ts]:
        """
        Fill the columns that a query asks for.

        :param model: the resources that it selects
        :param requested_fields: names of the fields that it asks for
        """
        if _INSTANCES not in requested_fields:
            return stmt
        return stmt.options(with_expression(getattr(model, _INSTANCES), _instances_of(model)))

    @classmethod
    def get_filter_input_class(cls) -> type[StrawberryFilter]:
        """Give the filters."""
        return ResourceServiceFilter


def _instances_of(model: Any) -> ColumnElement[Any]:
    """The instances of a resource, as JSON. Their transfers are in its resource set, so that few have to be looked at."""
    transfer = aliased(models.Resource)
    instance = func.jsonb_build_object("id", transfer.resource_id_value, "entity", transfer.attributes["service_entity"].astext)
    return (
        select(func.jsonb_agg(instance, type_=JSONB))
        .where(
            transfer.environment == model.environment,
            transfer.resource_set == model.resource_set,
            transfer.resource_type == LIFECYCLE_TRANSFER,
            or_(transfer.resource_id == model.resource_id, transfer.attributes["resources"].has_key(model.resource_id)),
        )
        .correlate(model)
        .scalar_subquery()
    )
