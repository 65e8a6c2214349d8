"""What the demo asks the orchestrator for."""

import asyncio
import uuid
from typing import Any

import inmanta_lsm.methods  # noqa: F401 it adds the methods of LSM to the client
import pydantic
from inmanta.config import Config
from inmanta.data.model import CompileDetails, CompileReport
from inmanta.protocol import Client
from inmanta.protocol.common import Result
from inmanta_lsm.diagnose.model import FullDiagnosis
from inmanta_lsm.model import PatchCallEdit, ServiceEntity, ServiceInstance, ServiceInstanceLog

from demo.errors import DemoError, explain_compiles

POLL_INTERVAL = 0.25
"""Seconds between two questions of the same kind."""


class Api:
    """One environment of an orchestrator."""

    def __init__(self, host: str, port: int, environment: uuid.UUID) -> None:
        """
        :param host: address of the orchestrator.
        :param port: its port.
        :param environment: id of the environment, which need not exist yet.
        """
        Config.set("client_rest_transport", "host", host)
        Config.set("client_rest_transport", "port", str(port))
        self._client = Client("client")
        self._environment = environment

    async def _call[T](self, returned: type[T], method: str, /, **arguments: Any) -> T:
        """
        Call a method of the API.

        :param returned: what it returns.
        :param method: its name.
        :param arguments: its arguments.
        :raises DemoError: when the orchestrator refuses.
        """
        result: Result[Any] = await getattr(self._client, method)(**arguments)
        content = result.result or {}
        if result.code >= 400:
            raise DemoError(f"The orchestrator refused {method}: {content.get('message', result.code)}")
        return pydantic.TypeAdapter(returned).validate_python(content.get("data"))

    async def create_environment(self, name: str) -> None:
        """
        Create the environment, in a project of the same name.

        :param name: of both.
        """
        project = await self._call(dict[str, Any], "project_create", name=name)
        await self._call(
            dict[str, Any], "environment_create", project_id=project["id"], name=name, environment_id=self._environment
        )

    async def export_catalog(self) -> list[ServiceEntity]:
        """
        Have the orchestrator fill its catalog from the project, and wait for that.

        :return: what is in the catalog then.
        :raises DemoError: when the compile fails; says why.
        """
        await self._call(object, "lsm_export_service_definition", tid=self._environment, force_update=False)
        # The definitions come with a first compile, and a second one follows it.
        while not await self._compiles_are_done():
            await asyncio.sleep(POLL_INTERVAL)
        return await self.catalog()

    async def _compiles_are_done(self) -> bool:
        """
        Whether the orchestrator has nothing to compile.

        :raises DemoError: when a compile failed.
        """
        compiles = await self._call(list[CompileReport], "get_compile_reports", tid=self._environment)
        failed = [compile_.id for compile_ in compiles if compile_.success is False]
        if failed:
            details = [await self._call(CompileDetails, "compile_details", tid=self._environment, id=id_) for id_ in failed]
            raise DemoError(explain_compiles(details))
        return len(compiles) > 1 and all(compile_.completed is not None for compile_ in compiles)

    async def catalog(self) -> list[ServiceEntity]:
        """What is in the catalog."""
        return await self._call(list[ServiceEntity], "lsm_service_catalog_list", tid=self._environment)

    async def create(self, service: str, attributes: dict[str, Any]) -> ServiceInstance:
        """
        Create an instance.

        :param service: its service.
        :param attributes: what the user gives.
        """
        return await self._call(
            ServiceInstance, "lsm_services_create", tid=self._environment, service_entity=service, attributes=attributes
        )

    async def update(self, instance: ServiceInstance, edits: list[PatchCallEdit]) -> None:
        """
        Update an instance.

        :param instance: as it is.
        :param edits: what to change.
        """
        await self._call(
            object,
            "lsm_services_patch",
            tid=self._environment,
            service_entity=instance.service_entity,
            service_id=instance.id,
            current_version=instance.version,
            patch_id=str(uuid.uuid4()),
            edit=edits,
        )

    async def delete(self, instance: ServiceInstance) -> None:
        """
        Delete an instance.

        :param instance: as it is.
        """
        await self._call(
            object,
            "lsm_services_delete",
            tid=self._environment,
            service_entity=instance.service_entity,
            service_id=instance.id,
            current_version=instance.version,
        )

    async def get(self, instance: ServiceInstance) -> ServiceInstance:
        """
        An instance as it is now, with the progress of its deployment.

        :param instance: as it was.
        """
        return await self._call(
            ServiceInstance,
            "lsm_services_get",
            tid=self._environment,
            service_entity=instance.service_entity,
            service_id=str(instance.id),
            include_deployment_progress=True,
        )

    async def instances(self, service: str) -> list[ServiceInstance]:
        """
        The instances of a service.

        :param service: the service.
        """
        return await self._call(list[ServiceInstance], "lsm_services_list", tid=self._environment, service_entity=service)

    async def log(self, instance: ServiceInstance, since: int) -> list[ServiceInstanceLog]:
        """
        The versions that an instance had, in their order.

        :param instance: the instance.
        :param since: the first version to tell.
        """
        return await self._call(
            list[ServiceInstanceLog],
            "lsm_service_log_list",
            tid=self._environment,
            service_entity=instance.service_entity,
            service_id=instance.id,
            sort="version.asc",
            filter={"version": [f"ge:{since}"]},
        )

    async def diagnose(self, instance: ServiceInstance, lookbehind: int) -> FullDiagnosis:
        """
        What went wrong with an instance.

        :param instance: the instance.
        :param lookbehind: how many versions to look at.
        """
        return await self._call(
            FullDiagnosis,
            "lsm_services_diagnose",
            tid=self._environment,
            service_entity=instance.service_entity,
            service_id=instance.id,
            rejection_lookbehind=lookbehind,
            failure_lookbehind=lookbehind,
        )
