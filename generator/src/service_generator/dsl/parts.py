"""What a description is made of: services, and the entities that are embedded in them."""

from typing import ClassVar

from service_generator.dsl.expressions import Condition
from service_generator.dsl.fields import Field
from service_generator.dsl.lifecycles import Lifecycle
from service_generator.dsl.resources import ResourceField
from service_generator.errors import DescriptionError


class _Body(dict[str, object]):
    """The names of a class body; one that is described a second time would silently replace the first."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part

    def __setitem__(self, name: str, value: object) -> None:
        if isinstance(self.get(name), Field | ResourceField):
            raise DescriptionError("the name is used twice. Rename one of them.", where=f"{self._part}.{name}")
        super().__setitem__(name, value)


class _PartType(type):
    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **_: object) -> _Body:
        return _Body(name)


class Part(metaclass=_PartType):
    """
    Something that has attributes and resources: a service, or an entity embedded in one.

    Inside of a method with ``@resource``, ``self`` stands for the instance in the model, with these conditions besides the
    attributes, relations and resources of the class.
    """

    @property
    def deleting(self) -> Condition:
        """The service is being deleted."""
        raise DescriptionError("self.deleting is only known to methods with @resource.")


class Embedded(Part):
    """
    An entity that is embedded in a service, or in another embedded entity.

    The class body lists its attributes: ``<name>: <type> = rw("<description>")``.
    """

    @property
    def removed(self) -> Condition:
        """An update removed this element from its list, and its resources are being purged."""
        raise DescriptionError("self.removed is only known to methods with @resource.")

    @property
    def added(self) -> Condition:
        """An update added this element to its list."""
        raise DescriptionError("self.added is only known to methods with @resource.")


class Service(Part):
    """
    A service that the orchestrator offers.

    The class body lists its attributes: ``<name>: <type> = rw("<description>")``; its name is that in the service catalog
    and its docstring the description there.
    """

    identity: ClassVar[str] = ""
    """The attribute that people tell instances apart by: ``rw``, not optional."""

    identity_display_name: ClassVar[str | None] = None
    """What to call the identity in front of people."""

    lifecycle: ClassVar[Lifecycle]
    """The states that an instance goes through."""
