"""Services that refer to others, and one that another one owns."""

from service_generator import Embedded, Reference, Service, fsm, module, owner, resource, rw, rw_plus

from tests.generator.kitchen_sink.services.network import Network, backbone

testing = module("std::testing")


class Hop(Embedded):
    """A network that a tunnel goes through."""

    position: int = rw("The position of the hop.", key=True)
    network: Network = rw_plus("The network.")


class Tunnel(Service):
    """A way through networks."""

    identity = "name"
    lifecycle = fsm.simple_with_deallocation

    name: str = rw("The name of the tunnel.")
    start: Network = rw("The network where it starts.")
    finish: Network | None = rw_plus("The network where it ends.")
    others: list[Network] = rw_plus("More networks.", at_most=3)
    hops: list[Hop] = rw_plus("What it goes through, in order.")

    @resource
    def path(self) -> Reference:
        """The path of the tunnel."""
        return testing.NullResource(name=f"path-{self.name}-{self.start.name}-{backbone.agentname}", requires=[backbone])


class Channel(Service):
    """A part of a tunnel."""

    identity = "number"
    lifecycle = fsm.service

    number: int = rw("The number of the channel.")
    tunnel: Tunnel = owner("The tunnel that the channel is a part of.")

    @resource
    def filter(self) -> Reference:
        """The filter of the channel."""
        return testing.NullResource(name=f"filter-{self.number}", requires=[self.tunnel.path])
