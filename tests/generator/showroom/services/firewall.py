"""A firewall policy with ordered rules: annotations, documentation, suggestions, states, and resources of our own."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from service_generator import (
    Embedded,
    OwnEntity,
    OwnResource,
    Reference,
    Service,
    State,
    Transfer,
    action,
    attribute,
    fsm,
    helper,
    module,
    r,
    related,
    resource,
    rw,
    rw_plus,
    state,
    web,
)

lsm = module("lsm")
testing = module("std::testing")

in_review = State("review", label="warning", exports=True, validate_self="active", validate_others="active")
reviewed = fsm.simple.changed(
    "reviewed",
    without=[("creating", "deleting")],
    states=[State("up", label="info", exports=True, validate_self="active", validate_others="active")],
    transfers=[
        Transfer(
            state("up"),
            in_review,
            on_request=True,
            description="ask for a review",
            same_desired_state=True,
            annotations=web.button("Review", icon="eye", confirm="Really?"),
        ),
        Transfer(in_review, state("up"), on_request=True, description="reviewed", same_desired_state=True),
    ],
)


class Credentials(OwnEntity):
    """How to get in."""

    unique = ("user",)

    user: str = attribute("The name to use.")
    level: int = attribute("How much is allowed.", default=1)


class Policy(OwnResource):
    """A policy on a firewall, with a handler of our own."""

    unique = (("device", "name"),)

    device: str = attribute("The firewall.")
    name: str = attribute("The name of the policy.")
    rules: dict[str, Any] = attribute("The rules, by their position.", default={})
    credentials: Reference = related("std::Entity", "How to get in.")


class Rule(Embedded):
    """A rule of a policy."""

    annotations = MappingProxyType({"color": "blue"})

    position: int = rw("Where it comes in the order.", key=True)
    source: str = rw_plus("Where traffic comes from.", annotations=web.suggested("any", ("The office", "10.0.0.0/8")))
    allow: bool = rw_plus("Whether it may pass.", default=True)


class Firewall(Service):
    """A firewall with a policy."""

    identity = "name"
    lifecycle = reviewed
    annotations = web.tabs("general", {"key": "rules", "label": "The rules"})
    implementations = ("showroom::services::firewall::audit::audited",)

    name: str = rw("The name of the firewall.", annotations=web.tab("general"))
    region: str = rw_plus("Where it is.", default="west", annotations=web.suggested_by("regions-${instance_id}"))
    notes: str | None = r(
        "What there is to know.",
        annotations=web.documentation("Notes", icon="book"),
        value=lambda self: f"# {self.name}\n{self.region}",
    )
    rules: list[Rule] = rw_plus("The rules.", annotations={"web_tab": "rules"})

    @helper
    def credentials(self) -> Reference:
        """How to get into this firewall."""
        return Credentials(user=f"admin-{self.name}")

    @resource
    def policy(self) -> Reference:
        """The policy itself."""
        return Policy(device=self.name, name="main", rules={"count": len(self.rules)}, credentials=self.credentials)

    @resource(when=lambda self: self.is_in("review", "update_start"))
    def review(self) -> Reference:
        """What is only there while somebody looks at it."""
        return testing.NullResource(name=f"review-{self.name}", requires=[self.policy])

    @resource
    def trace(self) -> Iterator[Reference]:
        """What the region was and is."""
        if self.previous is not None:
            yield testing.NullResource(name=f"moved-{self.name}-{self.previous.region}-{self.region}", purged=False)

    @action
    def suggest(self) -> Reference:
        """The regions that can be chosen."""
        return lsm.set_suggested_values(f"regions-{self.instance_id}", ["west", "east"])
