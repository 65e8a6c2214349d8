"""The names that modules with services and test suites import from the module: they stay, wherever the code goes."""

import ast
import importlib
from pathlib import Path

import pytest

from inmanta_plugins import lsm

NAMES = {
    "inmanta_plugins.lsm": {
        "CacheManager",
        "Lifecycle",
        "LifecycleState",
        "LifecycleTransfer",
        "do_export_service_entities",
        "global_cache",
        "inmanta_reset_state",
    },
    "inmanta_plugins.lsm.allocation": {
        "AllocationContext",
        "AllocationSpec",
        "AllocationSpecV2",
        "Allocator",
        "AllocatorWrapper",
        "AnyUniqueInt",
        "ExternalAttributeAllocator",
        "ExternalServiceIdAllocator",
        "LSM_Allocator",
    },
    "inmanta_plugins.lsm.allocation_helpers": {"allocator"},
    "inmanta_plugins.lsm.allocation_v2": {"dict_path"},
    "inmanta_plugins.lsm.allocation_v2.framework": {
        "AllocatorV2",
        "ContextV2",
        "ContextV2Wrapper",
        "ForEach",
        "SetSensitiveForEach",
    },
    "inmanta_plugins.lsm.allocators": {"get_first_free_integer", "get_used_values"},
    "inmanta_plugins.lsm.partial": {"AbstractSelector", "SelectorAPI", "TreeSelector"},
}


@pytest.mark.parametrize("module", NAMES)
def test_a_documented_module_has_its_names(module: str) -> None:
    assert NAMES[module] - vars(importlib.import_module(module)).keys() == set()


def test_no_module_takes_private_names_of_another_one() -> None:
    taken = [
        f"{path.name}: {imported.module}.{alias.name}"
        for path in Path(lsm.__path__[0]).rglob("*.py")
        for imported in ast.walk(ast.parse(path.read_text()))
        if isinstance(imported, ast.ImportFrom)
        for alias in imported.names
        if alias.name.startswith("_")
    ]
    assert taken == []
