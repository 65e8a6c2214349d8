"""The inventory that the tests of the compile-time code work with: a server that answers from memory."""

import datetime
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from inmanta.config import Config
from inmanta.protocol.common import Result
from inmanta.util import dict_path
from inmanta_lsm import const
from inmanta_lsm.model import PatchCallEdit, ServiceInstance
from inmanta_plugins.lsm import compile_mode
from inmanta_plugins.lsm.bindings import Binding, State
from inmanta_plugins.lsm.compiled_instance import CompiledInstance
from inmanta_plugins.lsm.instance_lookup import record
from pytest_inmanta_lsm.lsm_project import LsmProject

from inmanta_plugins import lsm


class MemoryServer:
    """
    The calls of the API that the module makes, on instances that are kept in memory.

    :param environment: id of the only environment
    """

    def __init__(self, environment: str) -> None:
        self.environment = environment
        self.instances: dict[str, dict[str, Any]] = {}
        self.definitions: dict[tuple[str, int], dict[str, Any]] = {}
        self.services: set[str] = set()
        self.calls: list[str] = []
        self.writes: list[object] = []
        self.refusal: Result[Any] | None = None

    def add(self, service: str = "service", **fields: Any) -> dict[str, Any]:
        """Add an instance; what is not given is that of an instance that was just created."""
        instance = {
            "id": str(uuid.uuid4()),
            "environment": self.environment,
            "service_entity": service,
            "service_entity_version": 0,
            "version": 1,
            "desired_state_version": 1,
            "state": "start",
            "candidate_attributes": None,
            "active_attributes": None,
            "rollback_attributes": None,
            "deleted": False,
            **fields,
        }
        self.services.add(service)
        self.instances[instance["id"]] = instance
        return instance

    def lsm_services_list(self, tid: str, service_entity: str, include_deleted: bool = False) -> Result[Any]:
        self.calls.append(f"list {service_entity}")
        if service_entity not in self.services:
            return Result(code=404, result={})
        # Deleted instances are listed, as old servers do.
        return self._answer([i for i in self.instances.values() if i["service_entity"] == service_entity])

    def lsm_services_get_by_id(self, tid: str, service_id: str) -> Result[Any]:
        self.calls.append(f"get {service_id}")
        instance = self.instances.get(str(service_id))
        return Result(code=404, result={}) if instance is None else self._answer(instance)

    def lsm_service_catalog_get_entity_version(self, tid: str, service_entity: str, version: int) -> Result[Any]:
        self.calls.append(f"definition {service_entity} {version}")
        definition = self.definitions.get((service_entity, version))
        return Result(code=404, result=None) if definition is None else self._answer(definition)

    def lsm_service_catalog_get_entity(self, tid: str, service_entity: str) -> Result[Any]:
        self.calls.append(f"definition {service_entity}")
        return Result(code=404, result=None)

    def lsm_services_update_attributes(
        self, tid: str, service_entity: str, service_id: str, current_version: int, attributes: dict[str, Any]
    ) -> Result[Any]:
        self.writes.append(attributes)
        return self._answer({})

    def lsm_services_update_attributes_v2(
        self,
        tid: str,
        service_entity: str,
        service_id: str,
        current_version: int,
        patch_id: str,
        edit: list[PatchCallEdit],
        comment: str | None = None,
    ) -> Result[Any]:
        assert all(dict_path.to_path(change.target) for change in edit)
        self.writes.append([(change.operation, change.target, change.value) for change in edit])
        return self._answer({})

    def _answer(self, data: object) -> Result[Any]:
        return self.refusal or Result(code=200, result={"data": data})


@pytest.fixture(autouse=True)
def default_selector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Select as without any service module: those of other tests register a selector for the whole process."""
    monkeypatch.setattr(lsm.global_cache, "_selector_factory", None)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryServer]:
    """A server that stands behind the cache of the module."""
    memory = MemoryServer(str(uuid.uuid4()))
    Config.set("config", "environment", memory.environment)
    lsm.inmanta_reset_state()
    monkeypatch.setattr(lsm.global_cache, "get_client", lambda: memory)
    yield memory
    lsm.inmanta_reset_state()


@pytest.fixture
def resolve(server: MemoryServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., CompiledInstance]:
    """Put an instance into the inventory and get it as the compile that validates it sees it."""

    def resolve_instance(
        strict: bool = True, validate_self: str = "candidate", allocation_spec: str | None = None, **fields: Any
    ) -> CompiledInstance:
        instance = server.add(**fields)
        monkeypatch.setenv(const.ENV_INSTANCE_ID, instance["id"])
        monkeypatch.setenv(const.ENV_MODEL_STATE, "candidate")
        state = State("start", export_resources=False, validate_self=validate_self, previous_attr_set_on_validate="rollback")
        binding = Binding("service", 0, "__config__::Service", strict, allocation_spec, {"start": state})
        found = lsm.global_cache.get_instance(server.environment, None, instance["id"])
        assert found is not None
        return record(compile_mode.current(), found, {0: binding})

    return resolve_instance


@pytest.fixture
def add_instance(lsm_project: LsmProject) -> Callable[..., ServiceInstance]:
    """Put an instance into the inventory of a project; what is not given is that of one that was just created."""

    def add(state: str = "start", **fields: Any) -> ServiceInstance:
        now = datetime.datetime.now()
        described: dict[str, Any] = {
            "id": uuid.uuid4(),
            "environment": uuid.UUID(lsm_project.environment),
            "service_entity": "service",
            "service_entity_version": 0,
            "version": 1,
            "desired_state_version": 1,
            "config": {},
            "state": state,
            "candidate_attributes": None,
            "active_attributes": None,
            "rollback_attributes": None,
            "created_at": now,
            "last_updated": now,
            "callback": [],
            "deleted": state == "terminated",
            "deployment_progress": None,
            "service_identity_attribute_value": None,
            **fields,
        }
        instance = ServiceInstance(**described)
        lsm_project.add_service(instance)
        return instance

    return add
