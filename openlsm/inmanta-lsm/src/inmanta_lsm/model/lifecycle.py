"""The lifecycle of a service entity: its states and the transfers between them."""

from enum import StrEnum
from typing import Any, Literal

from inmanta.data.model import BaseModel
from pydantic import AliasChoices, Field

from inmanta_lsm.const import TransferTrigger

type StateLabel = Literal["info", "success", "warning", "danger"]
"""How a state is shown to people."""

type AttributeSet = Literal["candidate", "active", "rollback"]
"""The short name of one of the three attribute sets of a service instance."""


class AttributeOperation(StrEnum):
    """What a transfer does with the attribute sets of the instance."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    CLEAR_CANDIDATE = "clear candidate"
    CLEAR_ACTIVE = "clear active"
    CLEAR_ROLLBACK = "clear rollback"

    @classmethod
    def _missing_(cls, value: object) -> "AttributeOperation | None":
        """Accept the name next to the value: the protocol client of inmanta-core sends enum arguments by name."""
        return cls.__members__.get(value) if isinstance(value, str) else None


class State(BaseModel):
    """
    A state of a lifecycle.

    :param export_resources: whether the resources of an instance in this state are part of the desired state
    :param validate_self: the attribute set used when the instance itself is validated; None leaves the instance out
    :param validate_others: the attribute set used while another instance is validated; None leaves the instance out
    :param purge_resources: whether the resources of the instance are to be removed
    :param deleted: whether an instance that enters this state is deleted
    :param values: values a model may attach to the state
    :param previous_attr_set_on_validate: the set that embedded entities are compared with in a validation compile
    :param previous_attr_set_on_export: the set that embedded entities are compared with in any other compile
    """

    name: str
    label: StateLabel | None = None
    export_resources: bool
    validate_self: AttributeSet | None = None
    validate_others: AttributeSet | None = None
    purge_resources: bool = False
    deleted: bool = False
    values: dict[str, Any] = Field(default_factory=dict)
    previous_attr_set_on_validate: AttributeSet | None = None
    previous_attr_set_on_export: AttributeSet | None = None
    annotations: dict[str, Any] = Field(default_factory=dict)


class StateTransfer(BaseModel):
    """
    An edge of a lifecycle. The trigger flags are independent of each other.

    :param error: the state entered when the validation or the deployment fails; None if there is no such state
    :param validate_: Whether a compile has to succeed before the target is entered. It is called ``validate`` in JSON.
    :param config_name: the configuration option that can switch off an auto transfer
    :param target_same_desired_state: whether going to the target leaves the desired state as it is
    :param error_same_desired_state: whether going to the error state leaves the desired state as it is
    """

    source: str
    target: str
    error: str | None = None
    on_update: bool = False
    on_delete: bool = False
    api_set_state: bool = False
    resource_based: bool = False
    auto: bool = False
    validate_: bool = Field(
        default=False, validation_alias=AliasChoices("validate", "validate_"), serialization_alias="validate"
    )
    config_name: str | None = None
    description: str | None = None
    target_operation: AttributeOperation | None = None
    error_operation: AttributeOperation | None = None
    target_same_desired_state: bool = False
    error_same_desired_state: bool = False
    annotations: dict[str, Any] = Field(default_factory=dict)

    def has_trigger(self, trigger: TransferTrigger) -> bool:
        """
        Whether this edge is followed when the given trigger fires.

        :param trigger: the trigger
        """
        match trigger:
            case TransferTrigger.AUTO:
                return self.auto
            case TransferTrigger.API_SET_STATE:
                return self.api_set_state
            case TransferTrigger.ON_UPDATE:
                return self.on_update
            case TransferTrigger.ON_DELETE:
                return self.on_delete
            case TransferTrigger.RESOURCE_BASED:
                return self.resource_based


class Lifecycle(BaseModel):
    """
    A state machine that service instances go through.

    :param alternative_initial_states: states in which an instance may be created besides the initial one
    """

    states: list[State]
    transfers: list[StateTransfer]
    initial_state: str
    alternative_initial_states: list[str] = Field(default_factory=list)
    name: str

    def get_state(self, name: str) -> State:
        """
        The state with the given name.

        :param name: the name of the state
        :raises KeyError: the lifecycle has no such state
        """
        for state in self.states:
            if state.name == name:
                return state
        raise KeyError(f"Lifecycle {self.name} has no state {name}.")

    def get_transfer(self, from_state: str, transfer_type: TransferTrigger, target_state: str | None = None) -> StateTransfer:
        """
        The first edge, in the order of the lifecycle, that a trigger follows from a state.

        :param from_state: the name of the state the edge leaves
        :param transfer_type: the trigger
        :param target_state: the name of the state the edge has to lead to, any if None
        :raises KeyError: there is no such edge
        """
        for transfer in self.transfers:
            if (
                transfer.source == from_state
                and transfer.has_trigger(transfer_type)
                and target_state in (None, transfer.target)
            ):
                return transfer
        destination = "" if target_state is None else f" to state {target_state}"
        raise KeyError(f"Lifecycle {self.name} has no {transfer_type} transfer from state {from_state}{destination}.")


LifecycleState = State
"""The other name under which clients know :class:`State`."""

LifecycleTransfer = StateTransfer
"""The other name under which clients know :class:`StateTransfer`."""
