"""A network with everything that attributes and embedded entities can be: types, nesting, keys, allocation."""

from typing import Annotated, Any

from service_generator import (
    Embedded,
    Enumeration,
    IntegerEnumeration,
    Reference,
    Service,
    allocate,
    bounds,
    choose,
    count,
    each,
    first_free_integer,
    fsm,
    module,
    parent,
    pattern,
    r,
    resource,
    rw,
    rw_plus,
    shared,
    std,
)

from tests.generator.kitchen_sink.services import config

fs = module("fs")
testing = module("std::testing")


class Grade(Enumeration):
    """How much is promised."""

    GOLD = "gold"
    TIN = "tin"


class Speed(IntegerEnumeration):
    """How fast a port is, in Mbit/s."""

    SLOW = 10
    FAST = 1000


type VlanId = Annotated[int, bounds("The number of a VLAN.", ge=1, lt=4095)]
type Ratio = Annotated[float, bounds("A part of a whole.", ge=0.0, le=1.0)]
type Code = Annotated[str, pattern(r"[A-Z]{2}/\d+", 'A code, like "AB/1".')]


@shared
def backbone() -> Reference:
    """What all networks are connected to."""
    return testing.NullResource(name=f"backbone-{config.region}")


@shared
def here() -> Reference:
    """Where the reports go."""
    return std.Host(name="here", os=std.linux, via=module("mitogen").Local())


class Address(Embedded):
    """Where a site is."""

    street: str = rw("The street.")


class Contact(Embedded):
    """Whom to call."""

    name: str = rw_plus("The name.")
    ticket: int | None = r("Number of the contact.", allocator=first_free_integer(config.numbers))

    @resource
    def card(self) -> Reference:
        """The card of the contact."""
        return testing.NullResource(name=f"card-{self.name}")


class Port(Embedded):
    """A port of a site."""

    site: "Site" = parent()

    slot: int = rw("The slot that the port is in.", key=True)
    name: str = rw("The name of the port.", key=True)
    speed: Speed = rw_plus("How fast it is.", default=Speed.SLOW)
    vlan: VlanId | None = rw_plus("Its VLAN.", default=None)
    port_id: int | None = r("Number of the port, over all sites.", allocator=first_free_integer(config.numbers))

    @resource
    def line(self) -> Reference:
        """The line of the port."""
        return testing.NullResource(name=f"line-{self.label()}-{self.port_id:04d}", requires=[self.site.rack])

    def label(self) -> str:
        """How people call the port."""
        return f"{self.site.name}-{self.slot}"


class Site(Embedded):
    """A site of a network."""

    network: "Network" = parent()

    name: str = rw("The name of the site.", key=True)
    address: Address = rw_plus("Where it is.")
    contact: Contact | None = rw_plus("Whom to call.")
    ports: list[Port] = rw_plus("The ports of the site.", at_most=10)

    @resource
    def rack(self) -> Reference:
        """The rack of the site."""
        return testing.NullResource(
            name=choose(self.network.grade == Grade.GOLD, f"gold-rack-{self.name}", f"rack-{self.name}"),
            requires=[self.network.core],
        )


class Network(Service):
    """
    A network.

    It has sites, and the sites have ports.
    """

    identity = "name"
    identity_display_name = 'Name of the "network"'
    lifecycle = fsm.simple_with_delete_validate

    name: str = rw("The name of the network.")
    grade: Grade = rw_plus("How much is promised.", default=Grade.TIN)
    code: Code = rw_plus("A code.", default="AB/1")
    size: int = rw_plus("How many there are.", default=-1)
    share: Ratio = rw_plus("How much of it.", default=0.5)
    weight: float = rw_plus("How heavy it is.", default=1e-07)
    amount: int | float = rw_plus("Any number.", default=3)
    enabled: bool = rw_plus("Whether it is in use.", default=True)
    tags: list[str] = rw_plus("Words about it.", default=["a", 'b "quoted" {{ braces'[:12]])
    vlans: list[VlanId] | None = rw_plus("VLANs that are kept free.", default=None)
    extra: dict[str, Any] = rw_plus("Anything else.", default={"caf\u00e9": [1, None, True]})
    range: std.ipv4_network | None = rw_plus("Addresses.", default=None)
    network_id: int | None = r("Number of the network.", allocator=first_free_integer(config.numbers))
    summary: dict[str, Any] | None = r(
        "What an inventory knows.", allocator=allocate("look_up", name=name, region=config.region, depth=2)
    )
    sites: list[Site] = rw_plus("The sites of the network.")

    @resource
    def core(self) -> Reference:
        """The core of the network."""
        return testing.NullResource(name=f"core-{self.network_id}", requires=[backbone])

    @resource(owned=False)
    def region(self) -> Reference:
        """The region, which all networks share."""
        return testing.NullResource(name=config.region)

    @resource(when=lambda self: self.enabled & ~self.deleting)
    def report(self) -> Reference:
        """What the network consists of."""
        names = each(self.sites, lambda site: site.name, unless=lambda site: site.removed)
        content = std.json_dumps({"sites": names, "count": count(self.sites), "half {x}": self.size * 2, "tags": self.tags})
        return fs.File(host=here, path=f"/tmp/{self.name}.json", content=content, requires=[self.core, backbone])
