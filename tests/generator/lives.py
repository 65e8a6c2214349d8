"""What tests that take instances of generated modules through their lives look at, and do."""

from typing import Any

from inmanta_lsm.model import ServiceInstance
from pytest_inmanta_lsm.lsm_project import LsmProject


def required(resource: Any) -> set[str]:
    """The names of what a resource comes after."""
    return {str(other.attribute_value) for other in resource.requires}


def active(lsm: LsmProject, instance: ServiceInstance) -> dict[str, Any]:
    """The attributes that are deployed."""
    attributes = lsm.get_service(instance.id).active_attributes
    assert attributes is not None
    return attributes


def set_state(lsm: LsmProject, instance: ServiceInstance, state: str) -> None:
    """Put an instance in a state, as the orchestrator does after a deployment."""
    lsm.get_service(instance.id).state = state
