"""
The read side of the service inventory.
"""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from inmanta.data import Environment
from inmanta.protocol import handle
from inmanta.protocol.common import ReturnValue
from inmanta.protocol.exceptions import BadRequest, Conflict, NotFound

from inmanta_lsm import data, methods
from inmanta_lsm.diagnose.model import FullDiagnosis
from inmanta_lsm.diagnosis import diagnose
from inmanta_lsm.events import EventView
from inmanta_lsm.listing import InstanceView
from inmanta_lsm.log import LogView
from inmanta_lsm.model import (
    AttributeSetName,
    Resource,
    ServiceAttributeHolder,
    ServiceInstance,
    ServiceInstanceEvent,
    ServiceInstanceLog,
)
from inmanta_lsm.paging import bad_query_is_bad_request
from inmanta_lsm.progress import deployment_progress, resources_of
from inmanta_lsm.read_only import without_read_only
from inmanta_lsm.records import to_instance
from inmanta_lsm.references import referring_instances, relation_paths


class InventoryReads:
    """
    Answers the calls that read the inventory, for the slice of the inventory to inherit from.
    """

    @handle(methods.lsm_services_list, env="tid")
    async def list_instances(
        self,
        env: Environment,
        service_entity: str,
        include_deleted: bool,
        include_deployment_progress: bool,
        limit: int | None,
        first_id: uuid.UUID | None,
        last_id: uuid.UUID | None,
        start: str | None,
        end: str | None,
        filter: dict[str, list[str]] | None,  # noqa: A002 the name is part of the API
        sort: str,
    ) -> ReturnValue[Sequence[ServiceInstance]]:
        """
        List the instances of a service entity.
        """
        return await InstanceView(
            env.id,
            service_entity,
            await self._service_identity(env, service_entity),
            include_deleted=include_deleted,
            include_deployment_progress=include_deployment_progress,
            sort=sort,
            limit=limit,
            first_id=first_id,
            last_id=last_id,
            start=start,
            end=end,
            filter=filter,
        ).execute()

    @handle(methods.lsm_services_get_by_id, env="tid")
    async def get_instance_by_id(self, env: Environment, service_id: uuid.UUID, **include: bool) -> ServiceInstance:
        """
        Get an instance of any service.
        """
        record = await data.ServiceInstance.get_one(environment=env.id, id=service_id)
        if record is None:
            raise NotFound(f"there is no service instance {service_id} in environment {env.name}({env.id})")
        return await self._complete(record, **include)

    @handle(methods.lsm_services_get, env="tid")
    async def get_instance(
        self, env: Environment, service_entity: str, service_id: str, current_version: int | None, **include: bool
    ) -> ServiceInstance:
        """
        Get an instance by its id or by its identity.
        """
        record = await self._find(env, service_entity, service_id)
        self._check_version(env, record, current_version)
        return await self._complete(record, **include)

    @handle(methods.lsm_services_get_config, env="tid")
    async def get_instance_config(self, env: Environment, service_entity: str, service_id: uuid.UUID) -> dict[str, bool]:
        """
        Get the options that were set for an instance.
        """
        return (await self._get(env, service_entity, service_id)).config

    @handle(methods.lsm_service_log_list, env="tid")
    async def list_log(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        limit: int | None,
        start: int | None,
        end: int | None,
        sort: str,
        filter: dict[str, list[str]] | None,  # noqa: A002 the name is part of the API
    ) -> ReturnValue[Sequence[ServiceInstanceLog]]:
        """
        List what an instance was in each version.
        """
        await self._get(env, service_entity, service_id)
        return await LogView(
            env.id, service_entity, service_id, sort=sort, limit=limit, start=start, end=end, filter=filter
        ).execute()

    @handle(methods.lsm_services_events_list, env="tid")
    async def list_events(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        limit: int | None,
        first_id: uuid.UUID | None,
        last_id: uuid.UUID | None,
        start: datetime.datetime | None,
        end: datetime.datetime | None,
        filter: dict[str, list[str]] | None,  # noqa: A002 the name is part of the API
        sort: str,
    ) -> ReturnValue[Sequence[ServiceInstanceEvent]]:
        """
        List what happened to an instance.
        """
        await self._get(env, service_entity, service_id)
        return await EventView(
            env.id,
            service_entity,
            service_id,
            sort=sort,
            limit=limit,
            first_id=first_id,
            last_id=last_id,
            start=start,
            end=end,
            filter=filter,
        ).execute()

    @handle(methods.lsm_services_resources_list, env="tid")
    async def list_resources(
        self, env: Environment, service_entity: str, service_id: uuid.UUID, current_version: int
    ) -> list[Resource]:
        """
        List the resources on which the state of an instance depends.
        """
        record = await self._get(env, service_entity, service_id)
        self._check_version(env, record, current_version)
        return await resources_of(env.id, service_id)

    @handle(methods.lsm_services_diagnose, env="tid")
    async def diagnose_instance(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        version: int | None,
        rejection_lookbehind: int,
        failure_lookbehind: int,
    ) -> FullDiagnosis:
        """
        Find out why an instance was rejected or failed.
        """
        for name, lookbehind in {"rejection": rejection_lookbehind, "failure": failure_lookbehind}.items():
            if lookbehind < 0:
                raise BadRequest(f"{name}_lookbehind is a number of versions, {lookbehind} is less than 0")
        record = await self._get(env, service_entity, service_id)
        if version is not None and not 1 <= version <= record.version:
            raise NotFound(f"service instance {service_id} has versions 1 to {record.version}, there is no version {version}")
        return await diagnose(
            env.id,
            service_id,
            version=record.version if version is None else version,
            current_version=record.version,
            rejection_lookbehind=rejection_lookbehind,
            failure_lookbehind=failure_lookbehind,
        )

    async def _service_identity(self, env: Environment, service_entity: str) -> str | None:
        """
        Read which attribute identifies the instances of a service entity.

        :raises NotFound: There is no such service entity.
        """
        query = f"""
            SELECT definition->>'service_identity' AS service_identity
            FROM {data.ServiceEntity.table_name()}
            WHERE environment = $1 AND name = $2 AND is_default
        """
        with bad_query_is_bad_request():
            records = await data.ServiceEntity.select_query(query, [env.id, service_entity], no_obj=True)
        if not records:
            raise NotFound(f"there is no service entity {service_entity} in environment {env.name}({env.id})")
        identity: str | None = records[0]["service_identity"]
        return identity

    async def _get(self, env: Environment, service_entity: str, service_id: uuid.UUID) -> data.ServiceInstance:
        """
        Read an instance of a service entity, also a deleted one.

        :raises NotFound: There is no such service entity or no such instance.
        """
        record = await data.ServiceInstance.get_one(environment=env.id, id=service_id)
        if record is None or record.service_entity != service_entity:
            await self._service_identity(env, service_entity)
            raise NotFound(
                f"there is no service instance {service_id} of service entity {service_entity}"
                f" in environment {env.name}({env.id})"
            )
        return record

    async def _find(self, env: Environment, service_entity: str, id_or_identity: str) -> data.ServiceInstance:
        """
        Read an instance by its id, or by ``<service identity>=<value>`` if it is not deleted.

        :raises BadRequest: What is given is neither of the two.
        :raises NotFound: There is no such service entity or no such instance.
        """
        attribute, is_identity, value = id_or_identity.partition("=")
        if not is_identity:
            try:
                return await self._get(env, service_entity, uuid.UUID(id_or_identity))
            except ValueError as error:
                raise BadRequest(
                    f"{id_or_identity!r} is no id of a service instance, give a uuid or <service identity>=<value>"
                ) from error
        identity = await self._service_identity(env, service_entity)
        if attribute != identity:
            raise BadRequest(f"{attribute} is not the service identity of service entity {service_entity}, that is {identity}")
        with bad_query_is_bad_request():
            record = await data.ServiceInstance.get_one(
                environment=env.id, service_entity=service_entity, service_identity_attribute_value=value, deleted=False
            )
        if record is None:
            raise NotFound(
                f"there is no service instance of service entity {service_entity} with {attribute} {value!r}"
                f" in environment {env.name}({env.id})"
            )
        return record

    def _check_version(self, env: Environment, record: data.ServiceInstance, current_version: int | None) -> None:
        """
        Compare the version a client expects with the one an instance has.

        :raises Conflict: They differ.
        """
        if current_version is not None and current_version != record.version:
            raise Conflict(
                f"The given current version ({current_version}) doesn't match the actual current version ({record.version})"
                f" of service instance {record.id} in environment {env.name}({env.id})"
            )

    async def _complete(
        self,
        record: data.ServiceInstance,
        *,
        include_deployment_progress: bool,
        exclude_read_only_attributes: bool,
        include_referenced_by: bool,
        include_metadata: bool,
    ) -> ServiceInstance:
        """
        Make the instance with what was asked for besides its row.
        """
        instance = to_instance(record.to_dict())
        if include_deployment_progress:
            instance.deployment_progress = (await deployment_progress(record.environment, [record.id])).get(record.id)
        if exclude_read_only_attributes:
            holder = await self._holder(record)
            for name in AttributeSetName:
                attributes = getattr(instance, name)
                if attributes is not None:
                    setattr(instance, name, without_read_only(holder, attributes))
        if include_referenced_by:
            instance.referenced_by = await self._referring_instances(record)
        if include_metadata:
            stored = await data.ServiceInstanceMetadata.get_list(
                environment=record.environment, service_instance_id=record.id, order_by_column="key"
            )
            instance.metadata = {metadata.key: metadata.value for metadata in stored}
        return instance

    async def _holder(self, record: data.ServiceInstance) -> ServiceAttributeHolder:
        """
        Read what an attribute set of an instance may hold.
        """
        entity = await data.ServiceEntity.get_one(
            environment=record.environment, name=record.service_entity, version=record.service_entity_version
        )
        assert entity is not None, "an instance refers to its service entity with a foreign key"
        return ServiceAttributeHolder(**entity.definition)

    async def _referring_instances(self, record: data.ServiceInstance) -> list[uuid.UUID]:
        """
        Find the instances that refer to an instance.
        """
        entities: Sequence[Any] = await data.ServiceEntity.get_list(environment=record.environment)
        paths = {
            (entity.name, entity.version): list(
                relation_paths(ServiceAttributeHolder(**entity.definition), record.service_entity)
            )
            for entity in entities
        }
        return await referring_instances(record.environment, paths, record.id)
