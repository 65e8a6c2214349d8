"""What a resource comes after, from the value of ``requires=``."""

from dataclasses import dataclass

from service_generator.errors import DescriptionError
from service_generator.model.expressions import Comprehension, ListOf, Node
from service_generator.model.resources import Requirement, is_shared


@dataclass(frozen=True)
class Described:
    """
    What is known about a resource that others refer to.

    :param purgeable: whether it is purged at times
    :param foreign: whether it belongs to another service, with a resource set of its own
    :param maybe: whether it exists only sometimes
    :param many: whether it is a list of resources
    :param goes: whether it is gone when the service is
    """

    purgeable: bool
    foreign: bool
    maybe: bool
    many: bool
    goes: bool


def requirements(
    required: Node | None, described: dict[Node, Described], *, owned: bool, purgeable: bool
) -> tuple[Requirement, ...]:
    """
    What a resource comes after.

    :param required: what the description gives for ``requires``
    :param described: the resources that were referred to
    :param owned: whether the resource belongs to the set of the service
    :param purgeable: whether the resource can be purged
    :raises DescriptionError: it requires something that it cannot wait for
    """
    if required is None:
        return ()
    found = [_requirement(node, described, purgeable) for node in _split(required, described)]
    if not owned and not all(requirement.shared for requirement in found):
        raise DescriptionError("it is shared, but requires a resource of this service. Only require shared resources.")
    return tuple(found)


def _split(node: Node, described: dict[Node, Described]) -> list[Node]:
    match node:
        case ListOf(items):
            return [part for item in items for part in (_split(item, described) if isinstance(item, ListOf) else [item])]
        case Comprehension():
            return [node]
    if node in described and described[node].many:
        return [node]
    raise DescriptionError("requires= is not a list. Write requires=[...].")


def _requirement(node: Node, described: dict[Node, Described], purgeable: bool) -> Requirement:
    if is_shared(node):
        return Requirement(node)
    value = node
    while isinstance(value, Comprehension):
        value = value.value
    if value not in described:
        raise DescriptionError("requires= holds something that is no resource. Write requires=[self.<method>, <shared>].")
    known = described[value]
    if known.foreign:
        raise DescriptionError(
            "it requires a resource of another service, which is deployed on its own. Only require resources of this "
            "service, of its owner, and shared ones."
        )
    many = isinstance(node, Comprehension) or known.many
    return Requirement(node, mutual=purgeable and known.purgeable, many=many, maybe=known.maybe and not many)
