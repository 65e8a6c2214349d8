"""What a description is made of: services, and the entities that are embedded in them."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from service_generator.dsl.expressions import Condition
from service_generator.dsl.fields import field_of
from service_generator.dsl.lifecycles import Lifecycle
from service_generator.dsl.resources import ResourceField
from service_generator.errors import DescriptionError
from service_generator.model.lifecycles import StateMachine


class _Body(dict[str, object]):
    """The names of a class body; one that is described a second time would silently replace the first."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part

    def __setitem__(self, name: str, value: object) -> None:
        if field_of(self.get(name)) is not None or isinstance(self.get(name), ResourceField):
            raise DescriptionError("the name is used twice. Rename one of them.", where=f"{self._part}.{name}")
        super().__setitem__(name, value)


class PartType(type):
    """The class of all described classes."""

    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **_: object) -> _Body:
        return _Body(name)


def _refuse_second(part: type) -> None:
    # While a file is run, its names hold what it described so far.
    earlier = vars(sys.modules[part.__module__]).get(part.__name__) if part.__module__ in sys.modules else None
    if isinstance(earlier, PartType) and (earlier.__module__, earlier.__qualname__) == (part.__module__, part.__qualname__):
        raise DescriptionError("two classes of the file have this name. Rename one.", where=part.__name__)


class Part(metaclass=PartType):
    """
    Something that has attributes and resources: a service, or an entity embedded in one.

    Inside of a method with ``@resource``, ``self`` stands for the instance in the model, with these conditions besides the
    attributes, relations and resources of the class.
    """

    annotations: ClassVar[Mapping[str, Any]] = {}
    """Annotations, like ``web.tabs(...)``."""

    unique: ClassVar[tuple[str | tuple[str, ...], ...]] = ()
    """Attributes, and groups of attributes, that no two instances share; they become indexes of the model."""

    implementations: ClassVar[tuple[str, ...]] = ()
    """Implementations that are written by hand, in a file of their own beside the generated ones, by their full names."""

    is_abstract: ClassVar[bool] = False

    is_documented: ClassVar[bool] = True

    def __init_subclass__(cls, *, abstract: bool = False, documented: bool = True) -> None:
        """
        :param abstract: whether the class is only there for others to inherit from, and is no service of its own
        :param documented: whether it has a docstring, which reaches the service catalog; without, the catalog says nothing
        """
        super().__init_subclass__()
        cls.is_abstract = abstract
        cls.is_documented = documented
        _refuse_second(cls)

    @property
    def previous(self) -> Self | None:
        """What it was before the update that is under way; None at other times."""
        raise DescriptionError("self.previous is only known to methods with @resource.")

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


class InstalledService(Part):
    """
    A service that another module defines, to be used in relations: the name of its entity is ``entity``.

    ``class Router(InstalledService): entity = "other::services::router::Router"``
    """

    entity: ClassVar[str] = ""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class Service(Part):
    """
    A service that the orchestrator offers.

    The class body lists its attributes: ``<name>: <type> = rw("<description>")``; its name is that in the service catalog
    and its docstring the description there.
    """

    catalog_name: ClassVar[str] = ""
    """The name in the service catalog, where it is not that of the class."""

    identity: ClassVar[str] = ""
    """The attribute that people tell instances apart by: ``rw``, not optional. A service can do without."""

    identity_display_name: ClassVar[str | None] = None
    """What to call the identity in front of people."""

    lifecycle: ClassVar[Lifecycle | StateMachine]
    """The states that an instance goes through."""

    strict: ClassVar[bool] = True
    """Whether the modifiers of embedded entities are enforced."""

    allocation_spec: ClassVar[str | None] = None
    """The name of an ``AllocationSpec`` of the Python side of the module, which fills the read-only attributes."""

    versions: ClassVar[tuple[int, ...]] = ()
    """The versions of the service that the class describes; other classes with the same ``catalog_name`` describe others."""

    default_version: ClassVar[bool] = False
    """Whether the last of these versions is the one that is offered."""

    @property
    def instance_id(self) -> str:
        """The id of the instance."""
        raise DescriptionError("self.instance_id is only known to methods with @resource.")

    def is_in(self, *states: str) -> Condition:
        """
        Whether the instance is in one of several states of its lifecycle.

        :param states: the names of the states
        """
        raise DescriptionError("self.is_in is only known to methods with @resource.")
