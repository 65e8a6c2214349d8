"""A fleet of hosts, in three versions, with an abstract base, a lifecycle of its own, and a service without identity."""

from service_generator import (
    Embedded,
    InstalledService,
    Reference,
    Service,
    State,
    StateMachine,
    Transfer,
    by_spec,
    module,
    r,
    resource,
    rw,
    rw_plus,
    web,
)

testing = module("std::testing")

start = State("start", validate_self="candidate")
rejected = State("rejected", label="danger", deleted=True)
creating = State("creating", exports=True, validate_self="active", validate_others="active")
up = State(
    "up",
    label="success",
    exports=True,
    validate_self="active",
    validate_others="active",
    annotations=web.state(label="Running", icon="check"),
)
failed = State("failed", label="danger", exports=True, validate_self="active", validate_others="active")
imported = State("imported", validate_self="candidate")
deleting = State("deleting", exports=True, validate_self="active", validate_others="active", purges=True)
terminated = State("terminated", deleted=True)

running = StateMachine(
    "running-hosts",
    initial=start,
    transfers=[
        Transfer(start, creating, rejected, auto=True, validate=True, operation="promote"),
        Transfer(imported, creating, auto=True, operation="promote", description="taken over"),
        Transfer(creating, up, failed, resource_based=True, same_desired_state=True, error_same_desired_state=True),
        Transfer(up, up, failed, resource_based=True, same_desired_state=True, error_same_desired_state=True),
        Transfer(failed, up, failed, resource_based=True, same_desired_state=True, error_same_desired_state=True),
        Transfer(up, deleting, on_delete=True),
        Transfer(failed, deleting, on_delete=True),
        Transfer(deleting, terminated, deleting, resource_based=True),
    ],
    alternatives=[imported],
)


class User(Embedded):
    """Somebody who may log in."""

    login: str = rw("The name to log in with.", key=True)


class Machine(Service, abstract=True):
    """What every machine has, in all versions."""

    catalog_name = "machine"
    identity = "name"
    lifecycle = running

    name: str = rw("The name of the machine.")
    memory: int = rw_plus("Its memory, in GB.", default=4)


class FirstMachine(Machine):
    """A machine, as it was first sold."""

    versions = (0,)

    @resource
    def box(self) -> Reference:
        """The machine itself."""
        return testing.NullResource(name=f"first-{self.name}-{self.memory}")


class LaterMachine(Machine):
    """A machine with users."""

    versions = (1, 2)
    default_version = True

    users: list[User] = rw_plus("Who may log in.")

    @resource
    def box(self) -> Reference:
        """The machine itself."""
        return testing.NullResource(name=f"later-{self.name}-{len(self.users)}")


class Contract(InstalledService):
    """A contract, which another module offers as a service."""

    entity = "integration_example::services::basic::BasicService"


class Backup(Service):
    """A backup of a machine; there is nothing that tells it from others."""

    lifecycle = running
    strict = False
    allocation_spec = "showroom_backup"

    machine: Machine = rw("The machine that is backed up.")
    contract: Contract | None = rw_plus("What was agreed.")
    copies: list[Contract] = r("Where else it is, which somebody else fills in.", annotations={"hidden": True})
    shelf: str | None = r("Where it is kept.", allocator=by_spec)

    @resource
    def copy(self) -> Reference:
        """The copy."""
        return testing.NullResource(
            name=f"backup-{self.machine.name}-{self.shelf}-{self.contract.name if self.contract is not None else 0}"
        )
