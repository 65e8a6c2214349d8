"""
Lifecycles: those that the lsm module comes with, ``lifecycle = fsm.simple``, any other one that is installed,
``lifecycle = Lifecycle("module::fsm::name")``, and one's own, ``lifecycle = StateMachine(...)``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from service_generator.errors import DescriptionError
from service_generator.model.lifecycles import State, StateMachine, Transfer


@dataclass(frozen=True)
class Lifecycle:
    """A lifecycle, by the full name of the variable that holds it in the model."""

    variable: str

    def changed(
        self,
        name: str,
        *,
        without: Iterable[tuple[str, str]] = (),
        transfers: Iterable[Transfer] = (),
        states: Iterable[State] = (),
        alternatives: Iterable[str] = (),
    ) -> StateMachine:
        """
        A lifecycle that differs from this one.

        :param name: what the new one is called
        :param without: transfers to leave out, by the names of the state that they come from and the state that they lead to
        :param transfers: transfers to add
        :param states: states that replace those of the same name
        :param alternatives: more states that an instance can be created in
        :raises DescriptionError: one of the transfers or states is not there
        """
        return ChangedLifecycle(name, self, tuple(without), tuple(transfers), tuple(states), tuple(alternatives)).machine()


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


@dataclass(frozen=True)
class ChangedLifecycle:
    """What makes one lifecycle of another."""

    name: str
    base: Lifecycle
    without: tuple[tuple[str, str], ...]
    transfers: tuple[Transfer, ...]
    states: tuple[State, ...]
    alternatives: tuple[str, ...]

    def machine(self) -> StateMachine:
        """The lifecycle, with the one that it is made of as it is installed."""
        # Late: only a compile of the lsm module knows what its lifecycles consist of.
        from service_generator.lifecycles import read_machine

        base = read_machine(self.base.variable)
        known = {state.name: state for state in base.states}
        for state in self.states:
            if state.name not in known:
                raise DescriptionError(f"the lifecycle {self.base.variable} has no state {state.name} to replace.")
        missing = [pair for pair in self.without if not any(_ends(transfer) == pair for transfer in base.transfers)]
        if missing:
            raise DescriptionError(
                f"the lifecycle {self.base.variable} has no transfer from {missing[0][0]} to {missing[0][1]}."
            )
        # What is added may use the name of a state that is there; it then means the one that is there, or that replaces it.
        replaced = known | {state.name: state for state in self.states}
        kept = [transfer for transfer in base.transfers if _ends(transfer) not in self.without]
        transfers = [_with_states(transfer, replaced) for transfer in (*kept, *self.transfers)]
        states = {state.name: state for transfer in transfers for state in (transfer.source, transfer.target)} | replaced
        unknown = [name for name in self.alternatives if name not in states]
        if unknown:
            raise DescriptionError(f"the lifecycle {self.name} has no state {unknown[0]} to start in.")
        alternatives = [*base.alternatives, *(states[name] for name in self.alternatives)]
        return StateMachine(self.name, initial=replaced[base.initial.name], transfers=transfers, alternatives=alternatives)


def _ends(transfer: Transfer) -> tuple[str, str]:
    return transfer.source.name, transfer.target.name


def _with_states(transfer: Transfer, states: Mapping[str, State]) -> Transfer:
    return replace(
        transfer,
        source=states.get(transfer.source.name, transfer.source),
        target=states.get(transfer.target.name, transfer.target),
        error=None if transfer.error is None else states.get(transfer.error.name, transfer.error),
    )


def state(name: str) -> State:
    """
    A state of the lifecycle that is being changed, by its name.

    :param name: its name
    """
    return State(name)
