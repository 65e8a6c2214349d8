"""Allocation of attributes of a service by a specification."""

import dataclasses
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta.plugins import PluginException
from inmanta_plugins.lsm import allocation_spec, inmanta_reset_state
from inmanta_plugins.lsm.allocation import (
    AllocationContext,
    AllocationSpec,
    Allocator,
    AllocatorWrapper,
    AnyUniqueInt,
    ExternalAllocator,
    ExternalAttributeAllocator,
    ExternalServiceIdAllocator,
    LSM_Allocator,
    T,
)
from inmanta_plugins.lsm.allocation_spec import allocate
from inmanta_plugins.lsm.compiled_instance import CompiledInstance

Resolve = Callable[..., CompiledInstance]


@pytest.fixture(autouse=True)
def own_specifications(monkeypatch: pytest.MonkeyPatch) -> None:
    """No specification of one test is known in the next."""
    monkeypatch.setattr(allocation_spec, "_specs", {})


class Fixed(Allocator):
    """Finds a value that was given to it, and logs what is asked of it. Does not call the constructor of its parent."""

    def __init__(self, attribute: str, value: object, log: list[str] | None = None) -> None:
        self.attribute = attribute
        self.value = value
        self.log = [] if log is None else log

    def get_attributes(self) -> list[str]:
        return [self.attribute]

    def needs_allocation(self, ctx: AllocationContext, instance: dict[str, Any]) -> bool:
        self.log.append(f"needs {self.attribute}")
        return super().needs_allocation(ctx, instance)

    def allocate_for(self, ctx: AllocationContext, instance: dict[str, Any]) -> dict[str, Any]:
        self.log.append(f"allocate {self.attribute}")
        if isinstance(self.value, Exception):
            raise self.value
        return {self.attribute: self.value}

    def pre_allocate(self) -> None:
        self.log.append(f"open {self.attribute}")

    def post_allocate(self) -> None:
        self.log.append(f"close {self.attribute}")


class ById(ExternalServiceIdAllocator[str]):
    def allocate_for_id(self, serviceid: uuid.UUID) -> str:
        return f"id of {serviceid}"


class ByName(ExternalAttributeAllocator[T]):
    def allocate_for_attribute(self, id_attribute_value: Any) -> Any:
        return f"{id_attribute_value} by {self.id_attribute}"


class Pair(ExternalAllocator):
    """Finds two values at once, the second from a value that was found before."""

    def get_attributes(self) -> list[str]:
        return ["one", "two"]

    def allocate_for(self, ctx: AllocationContext, instance: dict[str, Any]) -> dict[str, Any]:
        return {"one": ctx.service_entity_name, "two": instance["attributes"]["by_name"]}


def test_all_kinds_of_allocators_write_their_values_in_one_go(server: Any, resolve: Resolve) -> None:
    AllocationSpec("spec", ById("by_id"), ByName[str]("by_name", id_attribute="name"), Pair())
    resolved = resolve(strict=False, allocation_spec="spec", candidate_attributes={"name": "a", "by_id": None})
    allocate(resolved)
    written = {"by_id": f"id of {resolved.id}", "by_name": "a by name", "one": "service", "two": "a by name"}
    assert server.writes == [written]
    assert resolved.chosen == {"name": "a", **written}


def test_an_external_allocator_works_outside_a_compile() -> None:
    assert ById("by_id").allocate_for_id(uuid.UUID(int=1)) == "id of 00000000-0000-0000-0000-000000000001"


def test_what_is_set_is_not_allocated_again(server: Any, resolve: Resolve) -> None:
    AllocationSpec("spec", Fixed("vlan", 5), Fixed("port", 7))
    allocate(resolve(strict=False, allocation_spec="spec", candidate_attributes={"vlan": 4, "port": None}))
    assert server.writes == [{"port": 7}]


def test_a_specification_runs_once_per_compile(server: Any, resolve: Resolve) -> None:
    log: list[str] = []
    AllocationSpec("spec", Fixed("vlan", None, log))
    resolved = resolve(allocation_spec="spec", candidate_attributes={})
    allocate(resolved)
    allocate(resolved)
    assert log.count("allocate vlan") == 1
    inmanta_reset_state()
    allocate(resolved)
    assert log.count("allocate vlan") == 2


def test_only_the_instance_that_is_validated_is_allocated(server: Any, resolve: Resolve) -> None:
    AllocationSpec("spec", Fixed("vlan", 5))
    other = resolve(allocation_spec="spec", candidate_attributes={})
    allocate(dataclasses.replace(other, validated=False))
    assert server.writes == []


def test_a_failing_specification_saves_nothing_but_ends_properly(server: Any, resolve: Resolve) -> None:
    log: list[str] = []
    AllocationSpec("spec", Fixed("vlan", 5, log), Fixed("port", ValueError("no port"), log), Fixed("never", 1, log))
    with pytest.raises(ValueError, match="no port"):
        allocate(resolve(allocation_spec="spec", candidate_attributes={}))
    assert server.writes == []
    calls = ("open", "needs", "allocate", "close")
    assert log == [f"{call} {attribute}" for attribute in ("vlan", "port") for call in calls]


def test_inside_a_wrapper_what_succeeded_is_saved(server: Any, resolve: Resolve) -> None:
    AllocationSpec("spec", Fixed("before", 1), AllocatorWrapper(Fixed("vlan", 5), Fixed("port", ValueError("no port"))))
    resolved = resolve(strict=False, allocation_spec="spec", candidate_attributes={})
    with pytest.raises(ValueError, match="no port"):
        allocate(resolved)
    assert server.writes == [{"vlan": 5}]
    assert resolved.chosen == {"vlan": 5}


def test_a_wrapper_that_succeeds_is_written_with_the_rest(server: Any, resolve: Resolve) -> None:
    log: list[str] = []
    wrapper = AllocatorWrapper(Fixed("vlan", 5, log), Fixed("port", 7, log))
    AllocationSpec("spec", Fixed("before", 1), wrapper)
    allocate(resolve(strict=False, allocation_spec="spec", candidate_attributes={"vlan": 4}))
    assert wrapper.get_attributes() == ["vlan", "port"]
    assert server.writes == [{"before": 1, "port": 7}]
    assert (log[:2], log[-2:]) == (["open vlan", "open port"], ["close port", "close vlan"])


def test_a_wrapper_ends_what_it_could_start(server: Any, resolve: Resolve, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    broken = Fixed("port", 7, log)

    def fail() -> None:
        raise ConnectionError("no inventory")

    monkeypatch.setattr(broken, "pre_allocate", fail)
    AllocationSpec("spec", AllocatorWrapper(Fixed("vlan", 5, log), broken))
    with pytest.raises(ConnectionError, match="no inventory"):
        allocate(resolve(allocation_spec="spec", candidate_attributes={}))
    assert log == ["open vlan", "close vlan"]


def test_a_wrapper_ends_all_allocators_even_if_one_can_not(
    server: Any, resolve: Resolve, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []
    broken = Fixed("port", 7, log)

    def fail() -> None:
        raise ConnectionError("lost")

    monkeypatch.setattr(broken, "post_allocate", fail)
    AllocationSpec("spec", AllocatorWrapper(Fixed("vlan", 5, log), broken))
    with pytest.raises(ConnectionError, match="lost"):
        allocate(resolve(allocation_spec="spec", candidate_attributes={}))
    assert log[-1] == "close vlan"


def test_a_later_specification_replaces_one_of_the_same_name(server: Any, resolve: Resolve) -> None:
    AllocationSpec("spec", Fixed("vlan", 5))
    AllocationSpec("spec", Fixed("vlan", 6))
    allocate(resolve(strict=False, allocation_spec="spec", candidate_attributes={}))
    assert server.writes == [{"vlan": 6}]


def test_an_unknown_specification_is_an_error(server: Any, resolve: Resolve) -> None:
    with pytest.raises(PluginException, match="Service service has the allocation_spec 'nothing', which does not exist"):
        allocate(resolve(allocation_spec="nothing", candidate_attributes={}))


def test_a_unique_number_is_in_no_set_of_any_instance(server: Any, resolve: Resolve) -> None:
    server.add(candidate_attributes={"vlan": 1}, active_attributes={"vlan": 2}, rollback_attributes={"vlan": 3})
    server.add(active_attributes={"vlan": 4}, deleted=True)
    AllocationSpec("spec", LSM_Allocator(attribute="vlan", strategy=AnyUniqueInt(lower=1, upper=4)))
    allocate(resolve(strict=False, allocation_spec="spec", candidate_attributes={}))
    assert server.writes == [{"vlan": 4}]


def test_a_range_without_free_number_is_an_error(server: Any, resolve: Resolve) -> None:
    server.add(active_attributes={"vlan": 1})
    AllocationSpec("spec", LSM_Allocator(attribute="vlan", strategy=AnyUniqueInt(lower=1, upper=1)))
    resolved = resolve(allocation_spec="spec", candidate_attributes={})
    with pytest.raises(PluginException, match=f"from 1 to 1 is free for vlan of service instance {resolved.id}"):
        allocate(resolved)


@given(lower=st.integers(-5, 5), size=st.integers(0, 12), taken=st.sets(st.integers(-10, 20)))
def test_a_unique_number_is_any_free_one(lower: int, size: int, taken: set[int]) -> None:
    free = set(range(lower, lower + size)) - taken
    value = AnyUniqueInt(lower, lower + size - 1).select([*taken, "text"])
    assert value in free if free else value is None
