"""A layer-3 VPN: embedded classes in several relations, allocators that depend on others, pools, and other services."""

from service_generator import (
    Embedded,
    Reference,
    Service,
    allocate,
    first_free_integer,
    fsm,
    module,
    owner,
    parent,
    r,
    resource,
    rw,
    rw_plus,
)

from tests.generator.showroom.services import config
from tests.generator.showroom.services.routers import Router

testing = module("std::testing")


class Customer(Service):
    """Who pays."""

    identity = "number"
    lifecycle = fsm.simple

    number: int = rw("The number of the customer.")
    vlan: int | None = r("The VLAN of the customer.", allocator=first_free_integer(config.vlans, pool="vlans"))


class Place(Embedded):
    """Where something is; used by several relations."""

    city: str = rw_plus("The city.", default="Ghent")


class Neighbour(Embedded):
    """A BGP neighbour of an endpoint."""

    endpoint: "Endpoint" = parent()

    address: str = rw("The address of the neighbour.", key=True)
    key: str | None = r(
        "The key that both know.", allocator=allocate("make_key", vpn=None, address=address, router=endpoint.slot)
    )


class Endpoint(Embedded):
    """A place where the VPN can be entered."""

    vpn: "Vpn" = parent()

    router: Router = rw("The router at that place.")
    slot: str = rw("The slot in the router.", key=True)
    vlan: int | None = r("The VLAN at that place.", allocator=first_free_integer(config.vlans, pool="vlans"))
    neighbours: list[Neighbour] = rw_plus("The neighbours.")
    place: Place | None = rw_plus("Where it is.")

    @resource
    def entry(self) -> Reference:
        """The entry itself."""
        where = self.place.city if self.place is not None else "somewhere"
        return testing.NullResource(
            name=f"entry-{self.vpn.name}-{self.router.name}-{self.slot}-{self.vlan}-{where}", requires=[self.vpn.core]
        )


class Vpn(Service):
    """A layer-3 VPN."""

    catalog_name = "l3-vpn"
    identity = "name"
    lifecycle = fsm.service

    name: str = rw("The name of the VPN.")
    tag: str = rw_plus("A mark that its core carries.", default="none")
    customer: Customer = rw("Who pays.")
    backup: Router | None = rw_plus("The router that steps in.")
    seat: Place = rw("Where the contract was made.")
    endpoints: list[Endpoint] = rw_plus("Where it can be entered.", at_least=1)
    reserves: list[Endpoint] = rw_plus("Where it could be entered.")
    vrf: int | None = r("The number of its routing table.", allocator=first_free_integer(range(1000, 2000)))
    target: str | None = r("Its route target.", allocator=allocate("make_target", vrf=vrf, prefix="65000"))

    @resource
    def core(self) -> Reference:
        """The core of the VPN."""
        backup = self.backup.name if self.backup is not None else "none"
        return testing.NullResource(name=f"core-{self.name}-{self.tag}-{self.target}-{backup}")

    @resource
    def ring(self) -> Reference:
        """What connects all entries."""
        entries = [endpoint.entry for endpoint in self.endpoints]
        return testing.NullResource(name=f"ring-{self.name}", requires=[*entries, self.core])


class Usage(Service):
    """A measurement of a VPN."""

    identity = "name"
    lifecycle = fsm.simple

    name: str = rw("The name of the measurement.")
    vpn: Vpn = owner("The VPN that is measured.", modifier="rw+")
    mark: str | None = r(
        "A mark that is made from the VPN.", allocator=allocate("make_key", vpn=vpn.name, address=name, router="")
    )

    @resource
    def probe(self) -> Reference:
        """What measures."""
        return testing.NullResource(name=f"probe-{self.name}-{self.mark}", requires=[self.vpn.core])
