"""
Lifecycles: those that the lsm module comes with, ``lifecycle = fsm.simple``, and any other one,
``lifecycle = Lifecycle("module::fsm::name")``.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lifecycle:
    """A lifecycle, by the full name of the variable that holds it in the model."""

    variable: str


class fsm:  # noqa: N801  # reads like the namespace lsm::fsm that it stands for
    """The lifecycles of ``lsm::fsm``."""

    simple = Lifecycle("lsm::fsm::simple")
    simple_with_delete_validate = Lifecycle("lsm::fsm::simple_with_delete_validate")
    simple_with_deallocation = Lifecycle("lsm::fsm::simple_with_deallocation")
    simple_with_deallocation_v2 = Lifecycle("lsm::fsm::simple_with_deallocation_v2")
    simple_with_deallocation_v2_and_delete_validate = Lifecycle("lsm::fsm::simple_with_deallocation_v2_and_delete_validate")
    service = Lifecycle("lsm::fsm::service")
    service_with_delete_validate = Lifecycle("lsm::fsm::service_with_delete_validate")
    service_with_deallocation = Lifecycle("lsm::fsm::service_with_deallocation")
    service_with_deallocation_and_delete_validate = Lifecycle("lsm::fsm::service_with_deallocation_and_delete_validate")
