"""What is found out about instances that were rejected or failed."""

import uuid

import pytest
from inmanta_lsm.diagnose.model import FullDiagnosis
from inmanta_lsm.inventory.diagnosis import LinkedCompile, ModelRange, export_errors, last_error, model_ranges

from ..helpers.http_request import Get
from ..helpers.stored_inventory import StoredInventory, resource_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

ERROR = {"category": "runtime_error", "type": "inmanta.ast.AttributeException", "message": "no", "location": None}
ANOTHER_ERROR = {**ERROR, "message": "never"}


async def diagnosis(get: Get, instance: uuid.UUID, query: str = "") -> FullDiagnosis:
    """The diagnosis of an instance."""
    code, body = await get(f"/lsm/v1/service_inventory/service/{instance}/diagnose?{query}")
    assert code == 200, body
    return FullDiagnosis(**body["data"])


def found(diagnosis: FullDiagnosis) -> tuple[list[str], list[int]]:
    """The messages of the failures and the instance versions of the rejections."""
    return (
        [failure.message for group in diagnosis.failures for failure in group.failures],
        [rejection.instance_version for rejection in diagnosis.rejections],
    )


async def test_a_rejection_is_found_in_the_version_that_it_led_to(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(version=2, state="rejected")
    run = await inventory.add_compile(success=False, errors=[ERROR, ANOTHER_ERROR], error_output="trace of it")
    await inventory.add_event(instance, 1, id_compile_report=run)

    result = await diagnosis(get, instance, "version=2&rejection_lookbehind=0&failure_lookbehind=1")

    assert result.failures == []
    [rejection] = result.rejections
    assert rejection.model_dump(mode="json") == {
        "instance_version": 2,
        "model_version": None,
        "compile_id": str(run),
        "error": ERROR,
        "errors": [ERROR, ANOTHER_ERROR],
        "trace": "trace of it",
    }


async def test_a_rejection_is_answered_with_its_first_error_for_those_who_show_one(
    inventory: StoredInventory, get: Get
) -> None:
    instance = await inventory.add_instance(version=2, state="rejected")
    run = await inventory.add_compile(success=False, errors=[ERROR, ANOTHER_ERROR])
    await inventory.add_event(instance, 1, id_compile_report=run)

    _, body = await get(f"/lsm/v1/service_inventory/service/{instance}/diagnose?rejection_lookbehind=0&failure_lookbehind=1")

    [rejection] = body["data"]["rejections"]
    assert (rejection["error"], rejection["errors"]) == (ERROR, [ERROR, ANOTHER_ERROR])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [3, 2]),
        ("rejection_lookbehind=0", [3]),
        ("rejection_lookbehind=2", [3, 2, 1]),
        ("rejection_lookbehind=1000000000000", [3, 2, 1]),
        ("rejection_lookbehind=0&failure_lookbehind=9", [3]),
        ("version=2", [2, 1]),
        ("version=2&rejection_lookbehind=0", [2]),
        ("version=1&rejection_lookbehind=5", [1]),
    ],
)
async def test_the_rejections_of_earlier_versions_are_found_as_far_as_asked_for(
    inventory: StoredInventory, get: Get, query: str, expected: list[int]
) -> None:
    instance = await inventory.add_instance(version=3)
    for version in (0, 1, 2):
        await inventory.add_event(instance, version, id_compile_report=await inventory.add_compile(success=False))

    assert found(await diagnosis(get, instance, query)) == ([], expected)


async def test_a_failed_validation_that_led_nowhere_belongs_to_the_version_in_which_it_failed(
    inventory: StoredInventory, get: Get
) -> None:
    instance = await inventory.add_instance(version=3)
    await inventory.add_event(instance, 3, id_compile_report=await inventory.add_compile(success=False))

    assert found(await diagnosis(get, instance, "rejection_lookbehind=0")) == ([], [3])
    assert found(await diagnosis(get, instance, "version=2")) == ([], [])


async def test_a_validation_that_succeeded_or_still_runs_is_no_rejection(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(version=3)
    await inventory.add_event(instance, 2, id_compile_report=await inventory.add_compile(success=True))
    running = await inventory.add_compile(success=False, completed=None)
    await inventory.add_event(instance, 2, id_compile_report=running)

    assert found(await diagnosis(get, instance)) == ([], [])


async def test_the_result_of_a_merged_compile_is_that_of_its_substitute(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(version=2)
    executed = await inventory.add_compile(success=False, errors=[ERROR], error_output="trace")
    merged = await inventory.add_compile(substitute_compile_id=executed)
    await inventory.add_event(instance, 1, id_compile_report=merged)

    [rejection] = (await diagnosis(get, instance)).rejections

    assert (rejection.compile_id, rejection.trace, len(rejection.errors)) == (merged, "trace", 1)


async def test_an_export_that_failed_is_shown_with_the_last_line_of_its_output(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(version=2)
    run = await inventory.add_compile(success=False, do_export=True, error_output="EXPORT FAILURE\n\nFailed to commit\n")
    await inventory.add_event(instance, 1, id_compile_report=run)

    [rejection] = (await diagnosis(get, instance)).rejections

    assert [(error.type, error.message) for error in rejection.errors] == [("export", "Failed to commit")]


async def test_a_compile_that_failed_without_output_has_an_error_all_the_same() -> None:
    assert [error.message for error in export_errors(None)] == ["The compile failed without any output."]


async def deploy_failure(inventory: StoredInventory) -> tuple[uuid.UUID, int]:
    """An instance that failed in version 3 because a resource that was exported in version 2 failed; and that model."""
    instance = await inventory.add_instance(version=3, state="failed")
    version = await inventory.export({instance: ["good", "bad"]})
    await inventory.process(version)
    await inventory.add_event(instance, 1, id_compile_report=await inventory.add_compile(do_export=True, version=version))
    await inventory.deploy("good", "deployed", version=version, errors=["overcome"])
    await inventory.deploy("bad", "failed", version=version, errors=["first", "second"])
    return instance, version


async def test_a_failure_is_found_in_the_version_for_which_the_resource_was_deployed(
    inventory: StoredInventory, get: Get
) -> None:
    instance, version = await deploy_failure(inventory)

    result = await diagnosis(get, instance, "version=3&rejection_lookbehind=0&failure_lookbehind=1")

    assert result.rejections == []
    [group] = result.failures
    assert group.resource_id == f"{resource_id('bad')},v={version}"
    [failure] = group.failures
    assert (failure.resource_id, failure.instance_version, failure.model_version, failure.message) == (
        group.resource_id,
        2,
        version,
        "second",
    )


async def test_a_failure_of_an_earlier_version_is_found_as_far_as_asked_for(inventory: StoredInventory, get: Get) -> None:
    instance, _ = await deploy_failure(inventory)

    assert found(await diagnosis(get, instance, "failure_lookbehind=0")) == ([], [])
    assert found(await diagnosis(get, instance, "failure_lookbehind=0&version=2")) == (["second"], [])
    assert found(await diagnosis(get, instance)) == (["second"], [])


async def test_a_failure_in_a_later_model_belongs_to_the_version_until_the_next_one_is_exported(
    inventory: StoredInventory, get: Get
) -> None:
    instance, _ = await deploy_failure(inventory)
    later = await inventory.export({instance: ["good", "bad"], await inventory.add_instance(): ["other"]})
    await inventory.deploy("bad", "failed", version=later, errors=["third"])

    await_next = found(await diagnosis(get, instance, "version=2&failure_lookbehind=0"))
    await inventory.add_event(instance, 2, id_compile_report=await inventory.add_compile(do_export=True, version=later))

    assert await_next == (["third", "second"], [])
    assert found(await diagnosis(get, instance, "version=2&failure_lookbehind=0")) == (["second"], [])
    assert found(await diagnosis(get, instance, "version=3&failure_lookbehind=0")) == (["third"], [])


async def test_a_healthy_instance_has_nothing_to_report(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance()
    version = await inventory.export({instance: ["a"]})
    await inventory.process(version)
    await inventory.deploy("a", "deployed", version=version)
    await inventory.add_event(instance, 1, id_compile_report=await inventory.add_compile())
    await inventory.add_event(instance, 1, id_compile_report=await inventory.add_compile(do_export=True, version=version))

    assert found(await diagnosis(get, instance, "rejection_lookbehind=3&failure_lookbehind=3")) == ([], [])


@pytest.mark.parametrize(
    ("query", "code"),
    [("version=4", 404), ("version=0", 404), ("rejection_lookbehind=-1", 400), ("failure_lookbehind=-1", 400)],
)
async def test_a_version_that_does_not_exist_cannot_be_diagnosed(
    inventory: StoredInventory, get: Get, query: str, code: int
) -> None:
    instance = await inventory.add_instance(version=3)

    assert (await get(f"/lsm/v1/service_inventory/service/{instance}/diagnose?{query}"))[0] == code


async def test_the_model_versions_of_an_instance_version_end_before_those_of_the_next_one() -> None:
    def linked(instance_version: int, model_version: int | None) -> LinkedCompile:
        run = uuid.uuid4()
        return LinkedCompile(instance_version, run, run, False, model_version, [])

    assert model_ranges([linked(4, 9), linked(2, 5), linked(3, None), linked(2, None)]) == [
        ModelRange(4, 9, None),
        ModelRange(2, 5, 9),
    ]
    # Two versions that were exported together share the model: it is that of the newer one.
    assert model_ranges([linked(3, 5), linked(2, 5)]) == [ModelRange(3, 5, None)]


async def test_only_errors_count_in_the_log_of_a_deployment() -> None:
    levels = ["ERROR", "CRITICAL", "WARNING"]

    assert last_error([{"level": level, "msg": f"some {level}"} for level in levels]) == "some CRITICAL"
    assert last_error([{"level": "INFO", "msg": "a"}]) is None
