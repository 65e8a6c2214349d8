"""
A catalog and an inventory that are written to the database as they are, for tests of what is read from it.

Nothing here goes through the lifecycle: an instance is in the state and in the version that the test says.
"""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inmanta import const
from inmanta import data as core
from inmanta.protocol import Client
from inmanta_lsm.data import documents
from inmanta_lsm.model import EventType, Lifecycle, ServiceAttribute, ServiceEntity, State, StateTransfer

from .http_request import answer

BEGIN = datetime.datetime(2026, 1, 10, 10, tzinfo=datetime.UTC)
"""The time of the first thing that happens in a test; each next one is a second later."""

LIFECYCLE = Lifecycle(
    name="stored",
    initial_state="start",
    states=[
        State(name="start", export_resources=False, validate_self="candidate"),
        State(name="creating", export_resources=True, validate_self="active", validate_others="active"),
        State(name="up", label="success", export_resources=True, validate_self="active", validate_others="active"),
        State(name="failed", label="danger", export_resources=True, validate_self="active", validate_others="active"),
        State(name="rejected", label="danger", export_resources=False),
        State(name="terminated", export_resources=False, deleted=True),
    ],
    transfers=[
        StateTransfer(source="start", target="creating", error="rejected", auto=True, validate_=True, config_name="auto_start"),
        StateTransfer(source="creating", target="up", error="failed", resource_based=True),
        StateTransfer(source="up", target="up", error="failed", resource_based=True),
        StateTransfer(source="up", target="terminated", on_delete=True),
        StateTransfer(source="failed", target="up", error="failed", resource_based=True),
    ],
)


def service(name: str, **definition: Any) -> ServiceEntity:
    """
    Describe a service that is identified by its name.

    :param definition: fields of the service entity that are different
    """
    fields: dict[str, Any] = {
        "environment": uuid.UUID(int=0),
        "name": name,
        "attributes": [
            ServiceAttribute(name="name", modifier="rw", type="string"),
            ServiceAttribute(name="size", modifier="rw+", type="int", default_value=1, default_value_set=True),
            ServiceAttribute(name="vlan_id", modifier="r", type="int"),
        ],
        "lifecycle": LIFECYCLE,
        "service_identity": "name",
    }
    return ServiceEntity(**(fields | definition))


@dataclass
class StoredInventory:
    """
    The stored catalog and inventory of an environment.

    :param client: a client of the server, for what core stores
    :param moments: the number of seconds that passed since the beginning
    """

    environment: uuid.UUID
    client: Client
    moments: int = 0
    entities: dict[str, ServiceEntity] = field(default_factory=dict)

    def now(self) -> datetime.datetime:
        """The next moment."""
        self.moments += 1
        return BEGIN + datetime.timedelta(seconds=self.moments)

    async def add_service(self, entity: ServiceEntity, *, default: bool = True) -> None:
        """Store a version of a service entity."""
        self.entities[entity.name] = entity
        await documents.ServiceEntity(
            environment=self.environment,
            name=entity.name,
            version=entity.version,
            is_default=default,
            definition=entity.model_dump(
                mode="json", by_alias=True, exclude={"environment", "config", "instance_summary", "owned_entities"}
            ),
        ).insert()

    async def add_instance(self, service_entity: str = "service", name: str | None = None, **fields: Any) -> uuid.UUID:
        """
        Store an instance of a service.

        :param name: the value of the identity attribute, a random one if it is left out
        :param fields: columns that are different from those of an instance that is up
        :return: the id of the instance
        """
        moment = self.now()
        identity = name or f"instance {uuid.uuid4()}"
        columns: dict[str, Any] = {
            "id": uuid.uuid4(),
            "service_entity_version": 0,
            "version": 3,
            "desired_state_version": 3,
            "state": "up",
            "active_attributes": {"name": identity, "size": 1, "vlan_id": 12},
            "created_at": moment,
            "last_updated": moment,
            "service_identity_attribute_value": identity,
            "transfer_context": "stable",
        } | fields
        instance = documents.ServiceInstance(environment=self.environment, service_entity=service_entity, **columns)
        await instance.insert()
        return instance.id

    async def add_instances(self, count: int, service_entity: str = "service") -> None:
        """
        Store many instances, named ``instance 0`` and so on, each created a second after the one before.

        :param count: the number of instances
        """
        moments = [self.now() for _ in range(count)]
        await documents.ServiceInstance.insert_many(
            [
                documents.ServiceInstance(
                    environment=self.environment,
                    id=uuid.uuid4(),
                    service_entity=service_entity,
                    service_entity_version=0,
                    version=3,
                    desired_state_version=3,
                    state="up",
                    active_attributes={"name": f"instance {number}", "size": 1, "vlan_id": 12},
                    created_at=moment,
                    last_updated=moment,
                    service_identity_attribute_value=f"instance {number}",
                    transfer_context="stable",
                )
                for number, moment in enumerate(moments)
            ]
        )

    async def add_log(self, instance: uuid.UUID, version: int, state: str = "up", **fields: Any) -> None:
        """Store what an instance was in a version."""
        moment = self.now()
        columns: dict[str, Any] = {
            "service_entity": "service",
            "service_entity_version": 0,
            "desired_state_version": version,
            "timestamp": moment,
            "config": {},
            "created_at": moment,
            "last_updated": moment,
            "deleted": False,
            "transfer_context": "auto",
        } | fields
        await documents.ServiceInstanceLog(
            environment=self.environment, service_instance_id=instance, version=version, state=state, **columns
        ).insert()

    async def add_event(
        self, instance: uuid.UUID, version: int, message: str = "Something happened", **fields: Any
    ) -> uuid.UUID:
        """
        Store an event that an instance received in a version.

        :return: the id of the event
        """
        columns: dict[str, Any] = {
            "id": uuid.uuid4(),
            "service_desired_state_version": version,
            "timestamp": self.now(),
            "event_correlation_id": uuid.uuid4(),
            "severity": 20,
            "event_type": EventType.AUTO_TRANSITION.value,
        } | fields
        event = documents.ServiceInstanceEvent(
            environment=self.environment,
            service_instance_id=instance,
            service_instance_version=version,
            message=message,
            **columns,
        )
        await event.insert()
        return event.id

    async def add_events(self, instance: uuid.UUID, count: int) -> None:
        """
        Store many events of an instance, each a second after the one before.

        :param count: the number of events
        """
        await documents.ServiceInstanceEvent.insert_many(
            [
                documents.ServiceInstanceEvent(
                    environment=self.environment,
                    id=uuid.uuid4(),
                    service_instance_id=instance,
                    service_instance_version=1,
                    service_desired_state_version=1,
                    timestamp=self.now(),
                    message=f"event {number}",
                    event_correlation_id=uuid.uuid4(),
                    severity=20,
                    event_type=EventType.RESOURCE_EVENT.value,
                )
                for number in range(count)
            ]
        )

    async def add_compile(
        self,
        *,
        success: bool = True,
        errors: Sequence[Mapping[str, Any]] = (),
        error_output: str = "",
        **fields: Any,
    ) -> uuid.UUID:
        """
        Store a compile that has ended, with one stage.

        :param success: whether it succeeded
        :param errors: what the compiler reported
        :param error_output: the error output of its stage
        :param fields: columns that are different from those of a validation
        :return: the id of the compile
        """
        moment = self.now()
        columns: dict[str, Any] = {
            "id": uuid.uuid4(),
            "do_export": False,
            "requested": moment,
            "started": moment,
            "completed": moment,
            "handled": True,
            "compile_data": {"errors": list(errors)},
        } | fields
        run = core.Compile(environment=self.environment, success=success, **columns)
        await run.insert()
        await core.Report(
            id=uuid.uuid4(),
            started=moment,
            completed=moment,
            command="compile",
            name="Recompiling configuration model",
            errstream=error_output,
            returncode=0 if success else 1,
            compile=run.id,
        ).insert()
        return run.id

    async def export(
        self, resources: Mapping[uuid.UUID, Sequence[str]], *, agent: str = "internal", step: int = 0, desired_state: int = 0
    ) -> int:
        """
        Export and release a model in which each instance has its lifecycle transfer.

        :param resources: the names of the resources of each instance
        :param agent: the agent of the lifecycle transfers
        :param step: the number of the version that the transfers lead to, which makes them different
        :param desired_state: the number of the desired state that the transfers lead to
        :return: the version of the model
        """
        # Core would release the version by itself, after the answer.
        await answer(self.client.set_setting(tid=self.environment, id="auto_deploy", value=False))
        version: int = (await answer(self.client.reserve_version(tid=self.environment)))["data"]
        model: list[dict[str, Any]] = []
        sets: dict[str, str | None] = {}
        for instance, names in resources.items():
            listed = [resource_id(name) for name in names]
            transfer = transfer_id(instance, agent)
            requires = [f"{listed_id},v={version}" for listed_id in listed]
            described: list[dict[str, Any]] = [{"id": listed_id, "requires": []} for listed_id in listed]
            described.append(
                {
                    "id": transfer,
                    "requires": requires,
                    "service_entity": "service",
                    "resources": listed,
                    "next_version": step,
                    "next_desired_state_version": desired_state,
                }
            )
            for resource in described:
                sets[resource["id"]] = str(instance)
                model.append(resource | {"id": f"{resource['id']},v={version}", "purged": False, "send_event": True})
        await answer(
            self.client.put_version(
                tid=self.environment, version=version, resources=model, module_version_info={}, resource_sets=sets
            )
        )
        await answer(self.client.release_version(tid=self.environment, id=version))
        return version

    async def process(self, version: int) -> None:
        """Let the scheduler have processed a version: it knows the resources as they are in it."""
        async with core.BaseDocument.get_connection() as connection:
            await connection.execute(
                """
                INSERT INTO public.scheduler (environment, last_processed_model_version) VALUES ($1, $2)
                ON CONFLICT (environment) DO UPDATE SET last_processed_model_version = $2
                """,
                self.environment,
                version,
            )
            await connection.execute(
                """
                UPDATE public.resource_persistent_state AS state
                SET current_intent_attribute_hash = resource.attribute_hash
                FROM public.resource AS resource
                INNER JOIN public.resource_set_configuration_model AS model
                    ON model.environment = resource.environment
                    AND model.resource_set = resource.resource_set
                    AND model.model = $2
                WHERE resource.environment = $1 AND state.environment = $1 AND state.resource_id = resource.resource_id
                """,
                self.environment,
                version,
            )

    async def deploy(self, name: str, status: str, *, version: int | None = None, errors: Sequence[str] = ()) -> None:
        """
        Let a resource have been deployed.

        :param name: the name of the resource, or its id
        :param status: the state in which the deployment left it
        :param version: the model version that was deployed; its log is stored then
        :param errors: the errors in that log
        """
        async with core.BaseDocument.get_connection() as connection:
            await connection.execute(
                """
                UPDATE public.resource_persistent_state
                SET last_non_deploying_status = $3, last_deployed_attribute_hash = current_intent_attribute_hash
                WHERE environment = $1 AND resource_id = $2
                """,
                self.environment,
                resource_id(name),
                status,
            )
        if version is not None:
            moment = self.now()
            await self.add_deployment(name, status, version=version, started=moment, finished=moment, errors=errors)

    async def add_deployment(
        self,
        name: str,
        status: str,
        *,
        version: int,
        started: datetime.datetime,
        finished: datetime.datetime,
        errors: Sequence[str] = (),
    ) -> None:
        """
        Store the log of a deployment.

        :param name: the name of the resource, or its id
        :param status: the state in which it left the resource
        :param version: the model version that was deployed
        :param started: when it began
        :param finished: when it ended
        :param errors: the errors in its log
        """
        await core.ResourceAction(
            environment=self.environment,
            version=version,
            resource_version_ids=[f"{resource_id(name)},v={version}"],
            action_id=uuid.uuid4(),
            action=const.ResourceAction.deploy,
            started=started,
            finished=finished,
            status=const.ResourceState(status),
            messages=[
                {"level": level, "msg": message, "args": [], "kwargs": {}, "timestamp": finished.isoformat()}
                for level, message in [("INFO", "Start run"), *(("ERROR", error) for error in errors), ("INFO", "End run")]
            ],
        ).insert()


def resource_id(name: str) -> str:
    """The id of a resource with the given name, or with the given id."""
    return name if "::" in name else f"test::Resource[agent,name={name}]"


def transfer_id(instance: uuid.UUID, agent: str = "internal") -> str:
    """The id of the lifecycle transfer of an instance."""
    return f"lsm::LifecycleTransfer[{agent},instance_id={instance}]"
