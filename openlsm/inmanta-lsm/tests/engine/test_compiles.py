"""Which compiles the engine requests, and with what."""

import datetime
import uuid
from typing import Any

import pytest
import pytest_asyncio
from inmanta import data as core
from inmanta.const import INMANTA_REMOVED_SET_ID
from inmanta_lsm.const import ENV_INSTANCE_ID, ENV_INSTANCE_VERSION, ENV_MODEL_STATE, ENV_PARTIAL_COMPILE
from inmanta_lsm.engine.validation_listener import ValidationListener
from inmanta_lsm.model import InterServiceRelation, Lifecycle, State, StateTransfer

from ..helpers.service_lab import ServiceLab, eventually
from ..helpers.simple_lifecycle import service

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Every call makes an instance export.
EXPORTING = Lifecycle(
    name="exporting",
    initial_state="on",
    states=[
        State(name="on", export_resources=True),
        State(name="same", export_resources=True),
        State(name="off", export_resources=False, deleted=True),
    ],
    transfers=[
        StateTransfer(source="on", target="on", on_update=True),
        StateTransfer(source="on", target="off", on_delete=True),
        StateTransfer(source="on", target="same", api_set_state=True, target_same_desired_state=True),
        StateTransfer(source="same", target="on", resource_based=True, target_same_desired_state=True),
    ],
)


@pytest_asyncio.fixture(loop_scope="session")
async def exporting(lab: ServiceLab) -> ServiceLab:
    """A service whose instances export at once, in an environment that does not compile: the requests stay as they are."""
    await lab.export(service("exporting", EXPORTING))
    await lab.client.halt_environment(tid=lab.environment)
    return lab


async def set_settings(lab: ServiceLab, *names: str) -> None:
    """Switch environment settings on."""
    for name in names:
        await lab.client.set_setting(tid=lab.environment, id=name, value=True)


async def add_model_version(lab: ServiceLab) -> None:
    """Make as if a version of the desired state was exported."""
    version = core.ConfigurationModel(
        environment=lab.environment,
        version=1,
        date=datetime.datetime.now(datetime.UTC),
        total=0,
        version_info={},
        is_suitable_for_partial_compiles=True,
    )
    await version.insert()


async def requested(lab: ServiceLab) -> list[core.Compile]:
    """Give the compiles of the engine, without those that a setting made the server request."""
    return [compiling for compiling in await lab.compiles() if (compiling.metadata or {}).get("type", "").startswith("lsm")]


async def test_a_validation_compile_is_about_one_instance_in_one_version(lab: ServiceLab) -> None:
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    validation, _ = await requested(lab)
    correlation_id = uuid.uuid3(instance, "1/AUTO")

    assert validation.remote_id == correlation_id
    assert (validation.do_export, validation.partial, validation.notify_failed_compile) == (False, False, False)
    assert validation.requested_environment_variables == {
        ENV_INSTANCE_ID: str(instance),
        ENV_INSTANCE_VERSION: "1",
        ENV_MODEL_STATE: "candidate",
        ENV_PARTIAL_COMPILE: "False",
    }
    assert validation.mergeable_environment_variables == {}
    assert validation.metadata is not None
    transfer = validation.metadata.pop("transfer")
    assert (transfer["source"], transfer["target"], transfer["validate"]) == ("start", "acknowledged", True)
    assert validation.metadata == {
        "type": "lsm",
        "message": "Recompile model to validate state transition from start to acknowledged",
        "trigger": "AUTO",
        "event_type": "AUTO_TRANSITION",
        "service_entity": "vlan",
        "instance_id": str(instance),
        "from_state": "start",
        "to_state": "acknowledged",
        "error_state": "rejected",
        "from_instance_version": "1",
        "event_correlation_id": str(correlation_id),
    }


async def test_a_full_export_names_no_instance(exporting: ServiceLab) -> None:
    instance = await exporting.create()
    await exporting.on_instance("lsm_services_update", instance, current_version=1, attributes={"size": 2})
    _, export = await requested(exporting)
    [trigger, queued, executed] = await exporting.events(instance, version=1)

    assert (export.do_export, export.partial, export.soft_delete) == (True, False, False)
    assert export.requested_environment_variables == {ENV_MODEL_STATE: "active"}
    assert export.mergeable_environment_variables == {}
    assert export.links == {"instances": [f"/lsm/v1/service_inventory/exporting/{instance}"]}
    assert str(export.remote_id) == trigger["event_correlation_id"]
    assert queued["id_compile_report"] == str(export.id)
    assert "validat" not in queued["message"]
    assert export.metadata == {
        "type": "lsm_export",
        "message": "Recompile model because of state transition from on to on",
        "event_type": "ON_UPDATE_TRANSITION",
        "event_correlation_id": executed["event_correlation_id"],
    }


async def test_the_first_export_is_full_and_the_next_ones_are_partial(exporting: ServiceLab) -> None:
    await set_settings(exporting, "lsm_partial_compile")
    await exporting.create("a")
    await add_model_version(exporting)
    instance = await exporting.create("b")
    full, partial = await requested(exporting)

    assert (full.partial, partial.partial, partial.soft_delete) == (False, True, True)
    assert full.requested_environment_variables == {ENV_MODEL_STATE: "active"}
    assert partial.requested_environment_variables == {
        ENV_MODEL_STATE: "active",
        ENV_PARTIAL_COMPILE: "True",
        ENV_INSTANCE_ID: str(instance),
    }


async def test_validations_are_partial_when_partial_compiles_are_on(lab: ServiceLab) -> None:
    await set_settings(lab, "lsm_partial_compile")
    await lab.reaches(await lab.create(), "creating")
    validation, _ = await requested(lab)
    assert validation.partial
    assert validation.requested_environment_variables[ENV_PARTIAL_COMPILE] == "True"


async def test_batched_partial_exports_are_mergeable(exporting: ServiceLab) -> None:
    await set_settings(exporting, "lsm_partial_compile", "enable_batched_partial_compiles")
    await add_model_version(exporting)
    first, second = await exporting.create("a"), await exporting.create("b")
    await exporting.on_instance("lsm_services_delete", second, current_version=1)
    exports = await requested(exporting)

    assert {tuple(export.requested_environment_variables.items()) for export in exports} == {
        ((ENV_MODEL_STATE, "active"), (ENV_PARTIAL_COMPILE, "True"))
    }
    assert [export.mergeable_environment_variables for export in exports] == [
        {ENV_INSTANCE_ID: str(first)},
        {ENV_INSTANCE_ID: str(second)},
        {ENV_INSTANCE_ID: str(second), INMANTA_REMOVED_SET_ID: str(second)},
    ]


async def test_the_resource_set_of_a_deleted_instance_is_removed_unless_it_belongs_to_an_owner(exporting: ServiceLab) -> None:
    await set_settings(exporting, "lsm_partial_compile")
    await add_model_version(exporting)
    owner = await exporting.create("owner")
    relation = InterServiceRelation(name="owner", entity_type="exporting", modifier="rw", lower_limit=1, upper_limit=1)
    await exporting.export(
        service("owned", EXPORTING, owner="exporting", relation_to_owner="owner", inter_service_relations=[relation])
    )
    owned = await exporting.create(attributes={"name": "owned", "owner": str(owner)})
    await exporting.on_instance("lsm_services_delete", owned, current_version=1)
    exporting.entity = service("exporting", EXPORTING)
    await exporting.on_instance("lsm_services_delete", owner, current_version=1)
    of_owned, of_owner = (await requested(exporting))[2:]

    assert INMANTA_REMOVED_SET_ID not in of_owned.requested_environment_variables
    assert of_owner.requested_environment_variables[INMANTA_REMOVED_SET_ID] == str(owner)


@pytest.mark.parametrize(("optimize", "exports"), [(False, 3), (True, 1)])
async def test_transfers_that_keep_the_desired_state_are_not_exported_with_transfer_optimization(
    exporting: ServiceLab, optimize: bool, exports: int
) -> None:
    if optimize:
        await set_settings(exporting, "enable_lsm_transfer_optimization")
    instance = await exporting.create()
    await exporting.on_instance("lsm_services_set_state", instance, current_version=1, target_state="same", message="m")
    await exporting.send_report(instance, 2 if optimize else 3, 2)
    found = await exporting.get(instance)

    assert (found["state"], found["version"], found["desired_state_version"]) == ("on", 3, 1)
    assert len(await requested(exporting)) == exports


async def test_switching_transfer_optimization_recompiles(lab: ServiceLab) -> None:
    before = len(await lab.compiles())
    await set_settings(lab, "enable_lsm_transfer_optimization")
    assert len(await lab.compiles()) == before + 1


async def test_without_server_compile_transfers_are_executed_and_nothing_is_exported(exporting: ServiceLab) -> None:
    await exporting.client.set_setting(tid=exporting.environment, id="server_compile", value=False)
    instance = await exporting.create()
    await exporting.on_instance("lsm_services_update", instance, current_version=1, attributes={"size": 2})

    assert (await exporting.get(instance))["version"] == 2
    assert await requested(exporting) == []


async def test_a_halted_environment_takes_calls_and_goes_on_when_it_is_resumed(lab: ServiceLab) -> None:
    await lab.client.halt_environment(tid=lab.environment)
    instance = await lab.create()

    async def states() -> list[Any]:
        return [row["state"] for row in await lab.log(instance)]

    while_halted = await states()
    await lab.client.resume_environment(tid=lab.environment)
    await lab.reaches(instance, "creating")
    assert (while_halted, await states()) == (["start"], ["start", "acknowledged", "creating"])


async def test_a_result_that_is_told_again_changes_nothing(lab: ServiceLab) -> None:
    instance = await lab.up()
    await lab.idle()
    before = (await lab.get(instance), await lab.events(instance), len(await lab.compiles()))
    for compiling in await lab.compiles():
        for listener in lab.compile_listeners():
            await listener.compile_done(compiling)
    assert (await lab.get(instance), await lab.events(instance), len(await lab.compiles())) == before


async def test_the_next_compile_sees_the_state_that_the_result_of_the_one_before_led_to(lab: ServiceLab) -> None:
    seen: list[str] = []

    async def look_at_the_instances(request: core.Compile) -> bool:
        if not request.do_export:
            listed = await lab.call("lsm_services_list", service_entity="vlan", sort="created_at.asc")
            seen.append(listed[0]["state"])
        return True

    lab.compiler.scripts[lab.environment] = look_at_the_instances
    await lab.client.halt_environment(tid=lab.environment)
    await lab.create("a")
    second = await lab.create("b")

    async def both_are_requested() -> bool:
        return len(await lab.compiles()) == 2

    await eventually(both_are_requested, "both validations are requested")
    await lab.client.resume_environment(tid=lab.environment)
    await lab.reaches(second, "creating")
    assert seen == ["start", "creating"]


async def test_transfers_are_validated_in_the_order_of_the_calls_that_started_them(lab: ServiceLab) -> None:
    await lab.client.halt_environment(tid=lab.environment)
    created = [await lab.create(f"instance {number}") for number in range(30)]

    async def all_are_requested() -> bool:
        return len(await lab.compiles()) == len(created)

    await eventually(all_are_requested, "all validations are requested")
    requested = [uuid.UUID((compiling.metadata or {})["instance_id"]) for compiling in await lab.compiles()]
    assert requested == created


async def test_the_next_compile_waits_until_the_result_of_a_validation_is_handled(lab: ServiceLab) -> None:
    listeners = [listener for listener in lab.compile_listeners() if isinstance(listener, ValidationListener)]
    assert [listener.is_blocking() for listener in listeners] == [True]
