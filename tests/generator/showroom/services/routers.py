"""An inventory of routers: what is shared by key, resources per element, expressions, indexes, and names in the catalog."""

from collections.abc import Iterator
from typing import Annotated, Any

from service_generator import (
    Embedded,
    Reference,
    Service,
    any_of,
    bounds,
    first_free_integer,
    fsm,
    helper,
    module,
    one_of,
    parent,
    pattern,
    r,
    resource,
    rw,
    rw_plus,
    shared,
    std,
    validated,
)

fs = module("fs")
mitogen = module("mitogen")
testing = module("std::testing")

type Mtu = Annotated[int, bounds("The size of a packet.", ge=68, le=9216)]
type JumboMtu = Annotated[Mtu, bounds("The size of a large packet.", ge=1500)]
type ManagementPort = Annotated[std.port, bounds("A port that users may choose.", ge=1024)]
type Speed = Annotated[str, any_of("How fast a port is.", one_of("auto"), pattern("[0-9]+[MG]"))]
type RouterName = Annotated[str, validated("pydantic.constr", "The name of a router.", min_length=2, max_length=20)]
type Share = Annotated[int | float, bounds("A part of a whole.", gt=0, le=1)]


@shared
def site(name: str) -> Reference:
    """A site, made once whatever number of routers stand there."""
    return testing.NullResource(name=f"site-{name}")


class Address(Embedded):
    """An address of a port."""

    port: "Port" = parent()

    network: std.ipv_any_interface = rw("The address, with its network.", key=True)
    primary: bool = rw_plus("Whether it is the one that others see.", default=False)


class Port(Embedded):
    """A port of a router."""

    router: "Router" = parent()

    number: int = rw("The number of the port.", key=True)
    speed: Speed = rw_plus("How fast it is.", default="auto")
    mtu: JumboMtu | None = rw_plus("How large its packets are.", default=None)
    addresses: list[Address] = rw_plus("The addresses of the port.")

    @resource
    def lines(self) -> Iterator[Reference]:
        """A line of configuration per address."""
        for address in self.addresses:
            if not address.removed:
                kind = "primary" if address.primary else "secondary"
                yield testing.NullResource(
                    name=f"{self.router.name}-{self.number}-{address.network}-{kind}", requires=[self.router.base]
                )

    @resource(when=lambda self: self.mtu is not None)
    def frame(self) -> Reference:
        """The size of packets, where it is set."""
        return testing.NullResource(name=f"{self.router.name}-{self.number}-mtu-{self.mtu}", requires=[self.router.base])


class Router(Service):
    """A router with its ports."""

    catalog_name = "router"
    identity = "name"
    lifecycle = fsm.simple
    unique = (("location", "slot"),)

    name: RouterName = rw("The name of the router.")
    location: str = rw("The site where it stands.")
    slot: int = rw("The place in the rack.", default=1)
    alias: str = rw_plus("What people call it.", default="")
    contact: str | None = rw_plus("Whom to call.", default=None)
    weight: Share = rw_plus("How much of the traffic it takes.", default=0.5)
    management: ManagementPort = rw_plus("Where it is managed.", default=8022)
    banners: list[str] = rw_plus("What it says to visitors, in any number of files.", default=[])
    options: dict[str, Any] = rw_plus("Other settings, by name.", default={})
    number: int | None = r("The number of the router.", allocator=first_free_integer(range(1, 50)))
    ports: list[Port] = rw_plus("The ports.")

    @helper
    def machine(self) -> Reference:
        """The router as a host."""
        return std.Host(name=f"router-{self.instance_id}", os=std.linux, via=mitogen.Local())

    @resource
    def base(self) -> Reference:
        """What the router is, in one line."""
        return testing.NullResource(
            name=f"router-{self.alias if self.alias != '' else self.name}",
            requires=[site(self.location)],
        )

    @resource
    def banner(self) -> Iterator[Reference]:
        """A file per banner, named after it."""
        for text in self.banners:
            yield testing.NullResource(name=f"banner-{self.name}-{text}", requires=[self.base])

    @resource
    def settings(self) -> Iterator[Reference]:
        """A setting per option."""
        for key in self.options.keys():  # noqa: SIM118  # which the language needs
            yield testing.NullResource(name=f"{self.name}-{key}-{self.options[key]}", requires=[self.base])

    @resource
    def slots(self) -> Iterator[Reference]:
        """Two units of the rack."""
        for unit in range(2):
            yield testing.NullResource(name=f"unit-{self.name}-{self.slot + unit}")

    @resource(unless=lambda self: self.deleting)
    def summary(self) -> Reference:
        """All that is known, as a file."""
        present = [port for port in self.ports if not port.removed]
        content = {
            "name": self.name.upper(),
            "contact": self.contact if self.contact is not None else "nobody",
            "ports": len(present),
            "fast": [port.number for port in self.ports if port.speed != "auto" and not port.removed],
            "addresses": [address.network for port in self.ports for address in port.addresses],
            "has jumbo": any(port.mtu is not None for port in self.ports),
            "all numbered": all(port.number > 0 for port in self.ports),
            "banners": ", ".join(sorted(self.banners)),
            "first banner": self.banners[0] if len(self.banners) > 0 else None,
            "known": self.location in ("ams", "bru"),
            "load": (self.slot * 2 + 1) % 7,
            "level": "high" if 10 < self.slot <= 40 and not self.weight < 0.5 else "low",
            "color": self.options.get("color", "none"),
            "words": self.alias.replace("-", " ").split(" "),
            "weight": f"{self.weight:.2f}",
            "slot": str(self.slot),
        }
        return fs.File(host=self.machine, path=f"/tmp/{self.name}.json", content=std.json_dumps(content), requires=[self.base])
