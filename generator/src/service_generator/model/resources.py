"""Resources and other entities that a service brings along, as described: what is made, around which loops and conditions."""

from __future__ import annotations

from dataclasses import dataclass

from service_generator.model.expressions import Construct, Get, LoopVariable, Node, Variable
from service_generator.places import Place


@dataclass(frozen=True)
class InLoop:
    """Made for each element of a list."""

    variable: LoopVariable
    elements: Node


@dataclass(frozen=True)
class OnlyIf:
    """Made only while a condition holds."""

    condition: Node


type Around = InLoop | OnlyIf


@dataclass(frozen=True)
class Requirement:
    """
    What a resource comes after.

    :param node: the other resource, or a list of them
    :param mutual: whether both can be purged, and then the resource goes first
    :param many: whether it is a list
    :param maybe: whether the other resource exists only sometimes
    """

    node: Node
    mutual: bool = False
    many: bool = False
    maybe: bool = False

    @property
    def shared(self) -> bool:
        """Whether it is no resource of a service instance: it has a name in the model, and is not looked up in an entity."""
        return is_shared(self.node)


def is_shared(node: Node) -> bool:
    """
    Whether an expression gives something that instances share.

    :param node: the expression
    """
    match node:
        case Variable() | Get(Construct(), "made"):
            return True
    return False


@dataclass(frozen=True)
class Made:
    """
    One thing that is made.

    :param around: the loops and conditions around it, the outermost first
    :param goes: whether it is purged with what it belongs to; not where the description says itself when it is purged
    """

    construct: Construct
    requires: tuple[Requirement, ...] = ()
    around: tuple[Around, ...] = ()
    goes: bool = False


@dataclass(frozen=True)
class SharedByKey:
    """
    Something that is made once for each key.

    :param entity: the name of the entity that stands for one key
    :param key: the names and primitive types of the key
    """

    name: str
    entity: str
    description: str
    key: tuple[tuple[str, str], ...]
    construct: Construct
    place: Place | None = None


@dataclass(frozen=True)
class Resource:
    """
    What one method of an entity describes, or one shared function.

    :param entity: what it is an instance of
    :param made: what is made, in order
    :param condition: exists only while this holds
    :param many: whether it is a list
    :param owned: whether it belongs to the resource set of the service instance
    :param deployed: whether it is a resource at all, and not an entity that others need
    """

    name: str
    description: str
    entity: str
    made: tuple[Made, ...]
    condition: Node | None = None
    many: bool = False
    owned: bool = True
    deployed: bool = True
    place: Place | None = None

    @property
    def construct(self) -> Construct:
        """The first thing that is made."""
        return self.made[0].construct

    @property
    def requires(self) -> tuple[Requirement, ...]:
        """What the first thing that is made comes after."""
        return self.made[0].requires
