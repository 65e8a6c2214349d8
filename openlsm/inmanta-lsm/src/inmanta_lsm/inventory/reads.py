"""The calls that read the service inventory."""

import datetime
import uuid
from collections.abc import Sequence

from inmanta.data import Environment
from inmanta.protocol import handle
from inmanta.protocol.common import ReturnValue
from inmanta.protocol.exceptions import BadRequest, NotFound

from inmanta_lsm import methods
from inmanta_lsm.deployment.progress import resources_of
from inmanta_lsm.inventory.details import detailed_instance
from inmanta_lsm.inventory.diagnosis import diagnose
from inmanta_lsm.inventory.event_view import EventView
from inmanta_lsm.inventory.instance_view import InstanceView
from inmanta_lsm.inventory.log_view import LogView
from inmanta_lsm.inventory.lookup import instance_by_id, instance_by_id_or_identity, service_identity
from inmanta_lsm.model import Resource, ServiceInstance, ServiceInstanceEvent, ServiceInstanceLog
from inmanta_lsm.model.diagnosis import FullDiagnosis
from inmanta_lsm.protocol.paging import Page
from inmanta_lsm.protocol.refusals import check_version


class InventoryReads:
    """Answers the calls that read the inventory, for the slice of the inventory to inherit from."""

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
        """List the instances of a service entity."""
        return await InstanceView(
            env.id,
            service_entity,
            await service_identity(env, service_entity),
            Page(sort, limit, first_id, last_id, start, end, filter),
            include_deleted=include_deleted,
            include_deployment_progress=include_deployment_progress,
        ).execute()

    @handle(methods.lsm_services_get_by_id, env="tid")
    async def get_instance_by_id(self, env: Environment, service_id: uuid.UUID, **include: bool) -> ServiceInstance:
        """Get an instance of any service."""
        return await detailed_instance(await instance_by_id(env, service_id), **include)

    @handle(methods.lsm_services_get, env="tid")
    async def get_instance(
        self, env: Environment, service_entity: str, service_id: str, current_version: int | None, **include: bool
    ) -> ServiceInstance:
        """Get an instance by its id or by its identity."""
        record = await instance_by_id_or_identity(env, service_entity, service_id)
        check_version(env, record.id, record.version, current_version)
        return await detailed_instance(record, **include)

    @handle(methods.lsm_services_get_config, env="tid")
    async def get_instance_config(self, env: Environment, service_entity: str, service_id: uuid.UUID) -> dict[str, bool]:
        """Get the options that were set for an instance."""
        return (await instance_by_id(env, service_id, service_entity)).config

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
        """List what an instance was in each version."""
        await instance_by_id(env, service_id, service_entity)
        return await LogView(
            env.id, service_entity, service_id, Page(sort, limit, start=start, end=end, filter=filter)
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
        """List what happened to an instance."""
        await instance_by_id(env, service_id, service_entity)
        return await EventView(
            env.id, service_entity, service_id, Page(sort, limit, first_id, last_id, start, end, filter)
        ).execute()

    @handle(methods.lsm_services_resources_list, env="tid")
    async def list_resources(
        self, env: Environment, service_entity: str, service_id: uuid.UUID, current_version: int
    ) -> list[Resource]:
        """List the resources on which the state of an instance depends."""
        record = await instance_by_id(env, service_id, service_entity)
        check_version(env, record.id, record.version, current_version)
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
        """Find out why an instance was rejected or failed."""
        for name, lookbehind in {"rejection": rejection_lookbehind, "failure": failure_lookbehind}.items():
            if lookbehind < 0:
                raise BadRequest(f"{name}_lookbehind is a number of versions, {lookbehind} is less than 0")
        record = await instance_by_id(env, service_id, service_entity)
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
