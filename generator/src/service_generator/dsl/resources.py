"""What a service deploys, and what it needs for that: things of a service or of a part of it, and things that all share."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast, overload

from service_generator.dsl.expressions import Reference
from service_generator.dsl.modules import Instance
from service_generator.dsl.places import here
from service_generator.dsl.unknown import kind_of, to_node
from service_generator.errors import DescriptionError
from service_generator.kinds import BOOL, INT, STRING, Kind
from service_generator.model.expressions import Construct, Get, Variable
from service_generator.places import Place

type Condition = Callable[[Any], object]


@dataclass(eq=False)
class ResourceField:
    """A method that describes a resource or helper; the name of the method is its name."""

    build: Callable[[Any], object]
    when: Condition | None = None
    unless: Condition | None = None
    owned: bool = True
    deployed: bool = True
    place: Place | None = None
    name: str = field(default="")

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


@overload
def resource(build: Callable[[Any], object]) -> Reference: ...


@overload
def resource(
    *, when: Condition | None = None, unless: Condition | None = None, owned: bool = True
) -> Callable[[Callable[[Any], object]], Reference]: ...


def resource(
    build: Callable[[Any], object] | None = None,
    *,
    when: Condition | None = None,
    unless: Condition | None = None,
    owned: bool = True,
) -> Reference | Callable[[Callable[[Any], object]], Reference]:
    """
    Declare that the decorated method describes a resource of the service; ``self.<name of the method>`` refers to it.

    A method that returns describes one resource, a method that yields a list of them. A resource belongs to the resource set
    of the service instance. It is purged when the service is being deleted, and when the part that it belongs to was removed
    by an update; a ``purged`` attribute overrules this. What it ``requires`` is created before it, and purged after it.

    :param build: the method
    :param when: the resource exists only while this holds
    :param unless: the resource exists only while this does not hold
    :param owned: whether it belongs to the resource set of the service instance; if not, the service waits for it, but it is
        shared, has to be the same whichever instance describes it, and is never purged on its own
    """
    return _declared(build, when, unless, owned=owned, deployed=True)


@overload
def helper(build: Callable[[Any], object]) -> Reference: ...


@overload
def helper(
    *, when: Condition | None = None, unless: Condition | None = None
) -> Callable[[Callable[[Any], object]], Reference]: ...


def helper(
    build: Callable[[Any], object] | None = None, *, when: Condition | None = None, unless: Condition | None = None
) -> Reference | Callable[[Callable[[Any], object]], Reference]:
    """
    Declare that the decorated method describes an entity that is no resource, which resources of the service need: a host, a
    context, credentials. ``self.<name of the method>`` refers to it.

    :param build: the method, which returns one entity, or yields several
    :param when: it exists only while this holds
    :param unless: it exists only while this does not hold
    """
    return _declared(build, when, unless, owned=False, deployed=False)


def _declared(
    build: Callable[[Any], object] | None,
    when: Condition | None,
    unless: Condition | None,
    *,
    owned: bool,
    deployed: bool,
) -> Reference | Callable[[Callable[[Any], object]], Reference]:
    if when is not None and unless is not None:
        raise DescriptionError("when= and unless= are both given for a resource. Give one of them.")

    def declare(method: Callable[[Any], object]) -> Reference:
        _check_function("@resource and @helper stand", method)
        code = getattr(method, "__code__", None)
        place = here()
        if place is not None and code is not None:
            place = Place(place.file, code.co_firstlineno)
        return cast(Reference, ResourceField(method, when, unless, owned, deployed, place))

    return declare if build is None else declare(build)


@dataclass(eq=False)
class ActionField:
    """A method that calls a plugin for its effect."""

    build: Callable[[Any], object]
    when: Condition | None = None
    unless: Condition | None = None
    place: Place | None = None


def action(build: Callable[[Any], object]) -> Reference:
    """
    Declare that the decorated method calls a plugin for its effect, like ``lsm.set_suggested_values(...)``.

    :param build: the method, which returns the call
    """
    return cast(Reference, ActionField(build, place=here()))


class Shared(Instance):
    """Something that all instances share; it exists as soon as the namespace is imported."""

    def __init__(self, name: str, source: str, description: str, construct: Construct) -> None:
        """
        :param name: the variable that holds it
        :param source: the Python module that describes it
        :param description: what it is
        :param construct: its construction
        """
        # The namespace follows from the Python module, once it is known which package of descriptions that is part of.
        super().__init__(Variable(name, f"@{source}"), construct.entity)
        self._described = (name, source, description, construct, here())

    @property
    def shared_name(self) -> str:
        """The variable that holds it."""
        return self._described[0]

    @property
    def shared_source(self) -> str:
        """The Python module that describes it."""
        return self._described[1]

    @property
    def shared_description(self) -> str:
        """What it is."""
        return self._described[2]

    @property
    def shared_construct(self) -> Construct:
        """Its construction."""
        return self._described[3]

    @property
    def shared_place(self) -> Place | None:
        """Where it is described."""
        return self._described[4]

    def __call__(self, *_: object, **__: object) -> Instance:
        """:raises DescriptionError: always, since it is no function"""
        raise DescriptionError(f"{self.shared_name} is shared without a key. Write {self.shared_name}, without parentheses.")


class SharedByKey:
    """Something that all instances share which ask for the same; it is made once for each key that it is called with."""

    def __init__(self, name: str, source: str, description: str, build: Callable[..., Reference]) -> None:
        """
        :param name: the name of the function
        :param source: the Python module that describes it
        :param description: what it is
        :param build: the function
        """
        self.shared_name = name
        self.shared_source = source
        self.shared_description = description
        self.shared_place = here()
        where = f"shared resource {self.shared_name}"
        hints = _hints(build)
        self.parameters = {parameter: _parameter_kind(where, parameter, hint) for parameter, hint in hints.items()}
        given = {name: Reference(Get(Variable("self"), name), kind) for name, kind in self.parameters.items()}
        self.shared_construct = _constructed(build, given, f"shared resource {name}")

    @property
    def entity(self) -> str:
        """The entity that stands for one key, in a namespace that is not known yet."""
        words = "".join(word.capitalize() for word in self.shared_name.split("_"))
        return f"@{self.shared_source}::Shared{words}"

    def __call__(self, *positional: object, **named: object) -> Instance:
        """
        What is shared by all who ask for this key.

        :param positional: the values of the key
        :param named: the values of the key, by name
        """
        given = {**dict(zip(self.parameters, positional, strict=False)), **named}
        if len(positional) > len(self.parameters) or set(given) != set(self.parameters):
            names = ", ".join(self.parameters)
            raise DescriptionError(f"{self.shared_name} is shared by {names}. Give each of them once.")
        for name, value in given.items():
            if kind_of(value).optional or kind_of(value).many:
                raise DescriptionError(
                    f"the key {name} of {self.shared_name} is {kind_of(value)}. Give one value that is there."
                )
        key = tuple((name, to_node(given[name])) for name in self.parameters)
        return Instance(Get(Construct(self.entity, key), "made"), self.shared_construct.entity)


def _hints(build: Callable[..., Reference]) -> dict[str, object]:
    hints = {name: hint for name, hint in build.__annotations__.items() if name != "return"}
    code = build.__code__
    return {name: hints.get(name) for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]}


def _parameter_kind(where: str, name: str, hint: object) -> Kind:
    kinds: dict[object, Kind] = {str: STRING, int: INT, bool: BOOL}
    if hint not in kinds:
        raise DescriptionError(
            f"the parameter {name} of something shared has no type. Write {name}: str, int or bool.", where=where
        )
    return kinds[hint]


def _check_function(what: str, build: Callable[..., object]) -> None:
    if not inspect.isfunction(build):
        raise DescriptionError(f"{what} above a plain function, and this is none. Take other decorators away.")
    if inspect.iscoroutinefunction(build) or inspect.isasyncgenfunction(build):
        raise DescriptionError("nothing waits for a description, and this one is async. Write def.")


def _constructed(build: Callable[..., Reference], given: dict[str, Reference], where: str) -> Construct:
    try:
        built = build(**given)
    except DescriptionError as error:
        raise error.within(where) from error
    construct = to_node(built) if isinstance(built, Reference) else None
    if not isinstance(construct, Construct):
        raise DescriptionError("the function does not return an instance of an entity, like fs.File(...).", where=where)
    return construct


def shared(build: Callable[..., Reference]) -> Any:
    """
    Declare that the decorated function describes something that all services have in common, like a host or a folder.

    Without parameters, it is made once, whatever instances there are. With parameters, it is made once for each key that it
    is called with. It is part of no resource set: a compile for one instance cannot change it. The function's name stands for
    it afterwards.

    :param build: the function; it returns an instance of an entity
    :raises DescriptionError: it returns something else
    """
    where = f"shared resource {getattr(build, '__name__', '')}"
    try:
        _check_function("@shared stands", build)
    except DescriptionError as error:
        raise error.within(where) from error
    earlier = build.__globals__.get(build.__name__)
    if isinstance(earlier, Shared | SharedByKey) and earlier.shared_source == build.__module__:
        raise DescriptionError("two shared resources have this name. Rename one.", where=where)
    description = describe(build.__doc__, where)
    if _hints(build):
        return SharedByKey(build.__name__, build.__module__, description, build)
    return Shared(build.__name__, build.__module__, description, _constructed(build, {}, where))


def describe(docstring: str | None, where: str) -> str:
    """
    The description that a docstring gives, on one line per paragraph.

    :param docstring: the docstring
    :param where: what it belongs to, for the message
    :raises DescriptionError: there is none
    """
    paragraphs = [" ".join(paragraph.split()) for paragraph in (docstring or "").split("\n\n")]
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    if not text:
        raise DescriptionError("it has no docstring. Say in a sentence what it is.", where=where)
    return text
