"""What the lifecycle decides, as plain data: the instance afterwards, the events to write and the compiles to request."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.lifecycle.edges import Branch
from inmanta_lsm.lifecycle.instance import Instance
from inmanta_lsm.model import EventType, StateTransfer


@dataclass(frozen=True, slots=True)
class Flow:
    """
    A trigger and everything that follows from it.

    :param correlation_id: shared by all events of the flow
    :param event_type: of all events of the flow
    :param announcement: message of the event that logs the arrival of the trigger; None when that is in the log already
    """

    correlation_id: uuid.UUID
    event_type: EventType
    announcement: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """
    An event to write. It belongs to the version of the instance before the decision.

    :param compile_id: the compile that the event is about
    :param outcome: whether this is the last event of its flow
    """

    flow: Flow
    message: str
    source: str | None = None
    destination: str | None = None
    severity: int = logging.INFO
    compile_id: uuid.UUID | None = None
    is_error: bool = False
    ignored: bool = False
    outcome: bool = False


@dataclass(frozen=True, slots=True)
class CompileQueued:
    """The place of the event that tells the id of the requested compile, which only exists once it is requested."""

    flow: Flow
    validation: bool
    source: str | None = None
    destination: str | None = None
    is_error: bool = False

    def event(self, compile_id: uuid.UUID) -> Event:
        """
        Give the event.

        :param compile_id: the id of the compile that was requested
        """
        # The web console takes a compile for a validation by the word in the message: it may not be used for an export.
        kind = "Validation compile" if self.validation else "compile"
        return Event(
            self.flow,
            f"{kind} request queued with id {compile_id}",
            self.source,
            self.destination,
            compile_id=compile_id,
            is_error=self.is_error,
        )


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """
    An export compile to request.

    :param flow: the flow that needs it
    :param source: state of the instance before; None for a new one
    :param destination: state of the instance after
    """

    flow: Flow
    source: str | None
    destination: str


@dataclass(frozen=True, slots=True)
class ValidationRequest:
    """
    A validation compile to request.

    :param flow: the flow that waits for its result
    :param trigger: what asked for the transfer
    :param edge: the edge to follow then
    """

    flow: Flow
    trigger: TransferTrigger
    edge: StateTransfer


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    A transfer that is attempted.

    :param branch: the branch of the edge to follow
    :param flow: the flow that it belongs to
    """

    branch: Branch
    flow: Flow


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What is to be done, all of it or nothing.

    :param before: the instance that was decided on
    :param after: the instance afterwards
    :param events: to write, in this order
    :param compile: to request
    :param attempt: What is attempted, None for what is no transfer of the lifecycle. When it cannot be carried out for a reason
        that only shows then, its failure is what is left to be written.
    :param creates: whether the instance is a new one
    :param failed: whether the transfer that was asked for is not executed
    """

    before: Instance
    after: Instance
    events: Sequence[Event | CompileQueued] = ()
    compile: ExportRequest | ValidationRequest | None = None
    attempt: Attempt | None = None
    creates: bool = False
    failed: bool = False

    @property
    def is_transfer(self) -> bool:
        """Whether the instance gets a new version."""
        return self.after.version != self.before.version
