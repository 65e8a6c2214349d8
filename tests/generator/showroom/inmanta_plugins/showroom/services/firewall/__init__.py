"""The handler of the policies of firewalls, which are only kept in memory."""

from typing import Any

from inmanta.agent.handler import CRUDHandler, HandlerContext, provider
from inmanta.resources import PurgeableResource, resource

POLICIES: dict[str, dict[str, Any]] = {}
"""What was deployed, by name."""


@resource("showroom::services::firewall::Policy", id_attribute="name", agent="device")
class Policy(PurgeableResource):
    """A policy on a firewall."""

    fields = ("name", "device", "rules")  # type: ignore[assignment]  # those of the base are typed as two
    name: str
    device: str
    rules: dict[str, Any]


@provider("showroom::services::firewall::Policy", name="policy")
class PolicyHandler(CRUDHandler[Policy]):
    """Keeps policies."""

    def read_resource(self, ctx: HandlerContext, resource: Policy) -> None:
        """What there is now."""
        resource.rules = POLICIES.get(resource.device, {})
        resource.purged = resource.device not in POLICIES

    def create_resource(self, ctx: HandlerContext, resource: Policy) -> None:
        """Keep a policy."""
        POLICIES[resource.device] = resource.rules
        ctx.set_created()

    def update_resource(self, ctx: HandlerContext, changes: dict[str, dict[str, Any]], resource: Policy) -> None:
        """Keep it as it is now."""
        POLICIES[resource.device] = resource.rules
        ctx.set_updated()

    def delete_resource(self, ctx: HandlerContext, resource: Policy) -> None:
        """Forget it."""
        del POLICIES[resource.device]
        ctx.set_purged()
