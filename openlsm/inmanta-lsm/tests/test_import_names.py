"""The names under which models, clients, test suites and the server import the extension: they stay, wherever the code goes."""

import ast
import importlib
from pathlib import Path

import inmanta_lsm
import pytest

NAMES = {
    "inmanta_lsm.const": {
        "ENV_INSTANCE_ID",
        "ENV_INSTANCE_VERSION",
        "ENV_MODEL_STATE",
        "ENV_NO_INSTANCES",
        "ENV_PARTIAL_COMPILE",
        "LSM_ENV_VARS",
        "TransferTrigger",
    },
    "inmanta_lsm.model": {
        "AttributeOperation",
        "AttributeSetName",
        "Callback",
        "DeploymentProgress",
        "EditOperation",
        "EmbeddedServiceEntity",
        "EventType",
        "InstanceSummary",
        "InterServiceRelation",
        "Lifecycle",
        "LifecycleState",
        "LifecycleTransfer",
        "ModelState",
        "PatchCallEdit",
        "Resource",
        "ResourceState",
        "ServiceAttribute",
        "ServiceEntity",
        "ServiceEntityVersions",
        "ServiceInstance",
        "ServiceInstanceEvent",
        "ServiceInstanceLog",
        "State",
        "StateTransfer",
    },
    "inmanta_lsm.order.model": {
        "CreateWritableServiceOrderItem",
        "DeleteWritableServiceOrderItem",
        "OrderItemAction",
        "OrderItemFailureType",
        "OrderItemState",
        "OrderState",
        "ServiceOrder",
        "ServiceOrderItem",
        "ServiceOrderItemStatus",
        "ServiceOrderStatus",
        "UpdateWritableServiceOrderItem",
        "WritableServiceOrderItemTypes",
    },
    "inmanta_lsm.diagnose.model": {"CompileError", "Failure", "FailureGroup", "FullDiagnosis", "Rejection"},
    "inmanta_lsm.methods": {"lsm_order_create", "lsm_service_catalog_create_entity", "lsm_services_create"},
    "inmanta_ext.lsm.extension": {"register_environment_settings", "setup"},
}


@pytest.mark.parametrize("module", NAMES)
def test_a_documented_module_has_its_names(module: str) -> None:
    assert NAMES[module] - vars(importlib.import_module(module)).keys() == set()


def test_the_server_finds_the_extension_in_a_namespace_that_it_shares() -> None:
    # Another distribution brings its own extension into the same namespace: nobody may own it.
    assert importlib.import_module("inmanta_ext").__file__ is None


def test_no_module_takes_private_names_of_another_one() -> None:
    taken = [
        f"{path.name}: {imported.module}.{alias.name}"
        for path in Path(inmanta_lsm.__path__[0]).rglob("*.py")
        for imported in ast.walk(ast.parse(path.read_text()))
        if isinstance(imported, ast.ImportFrom)
        for alias in imported.names
        if alias.name.startswith("_")
    ]
    assert taken == []
