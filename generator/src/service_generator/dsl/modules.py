"""Entities, plugins and variables of installed modules, to be used in descriptions: ``fs = module("fs")``."""

from collections.abc import Callable
from typing import Any

from service_generator.dsl.expressions import Reference
from service_generator.dsl.places import here
from service_generator.dsl.unknown import kind_of, to_node
from service_generator.errors import DescriptionError
from service_generator.installed import (
    attributes_of,
    close_match,
    find_entity,
    mandatory,
    member_kinds,
    read_module,
    relations_of,
)
from service_generator.kinds import ANY, Kind
from service_generator.model.expressions import Call, Constant, Construct, Get, ListOf, Node, Variable
from service_generator.python_side import plugins_of


class Instance(Reference):
    """An instance of an entity of an installed module, of which all attributes are known."""

    def __init__(self, node: Node, entity: str, *, optional: bool = False) -> None:
        """
        :param node: the expression that gives the instance
        :param entity: the full name of its entity, like ``fs::File``
        :param optional: whether there may be none
        """
        super().__init__(node, Kind(entity, optional=optional))
        self._entity = entity

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if kind_of(self).optional:
            raise DescriptionError(f"it may be missing, and then it has no {name}. Decide with `if ... is not None` first.")
        _check_member(self._entity, name)
        kind = member_kinds(self._entity)[name]
        return wrap(Get(self._node, name), kind)


def wrap(node: Node, kind: Kind) -> Reference:
    """
    The stand-in for a value of a known kind.

    :param node: the expression that gives the value
    :param kind: what is known about it
    """
    if not kind.is_entity or kind.item == "std::Entity":
        return Reference(node, kind)
    if kind.many:
        from service_generator.dsl.expressions import Elements

        return Elements(node, "element", lambda element: Instance(element, kind.item), kind.item)
    return Instance(node, kind.item, optional=kind.optional)


class Entity:
    """An entity of an installed module; calling it describes an instance."""

    def __init__(self, name: str) -> None:
        """:param name: the full name, like ``fs::File``"""
        self._name = name

    def __call__(self, *positional: object, **attributes: object) -> Instance:
        """
        Describe an instance.

        :param positional: nothing
        :param attributes: attributes and relations of the entity, with values or with lists of them
        :raises DescriptionError: the entity has no such attribute, or it has another type, or one is missing
        """
        if positional:
            raise DescriptionError(
                f"{self._name} is given a value without the name of its attribute. Write name=value.", place=here()
            )
        return Instance(construct(self._name, attributes), self._name)


def construct(entity: str, attributes: dict[str, object]) -> Construct:
    """
    The construction of an instance.

    :param entity: the full name of the entity
    :param attributes: its attributes and relations
    :raises DescriptionError: the entity has no such attribute, or it has another type, or one is missing
    """
    find_entity(entity)
    kinds = member_kinds(entity)
    nodes: list[tuple[str, Node]] = []
    for name, value in attributes.items():
        _check_member(entity, name)
        if name == "requires":
            _check_requires(value)
        node = to_node(value)
        # An empty list is what a relation starts with.
        if node != ListOf(()) or name not in relations_of(entity):
            _check_value(entity, name, value, kinds[name])
            nodes.append((name, _as_float(node) if kinds[name].item == "float" else node))
    missing = sorted(mandatory(entity) - set(attributes))
    if missing:
        raise DescriptionError(f"{entity} needs the attribute {missing[0]}. Give it.", place=here())
    return Construct(entity, tuple(nodes), here())


def _as_float(node: Node) -> Node:
    # The language tells 1 from 1.0, and Python does not mind.
    match node:
        case Constant(int() as value) if not isinstance(value, bool):
            return Constant(float(value))
        case ListOf(items):
            return ListOf(tuple(_as_float(item) for item in items))
    return node


def _check_requires(value: object) -> None:
    for item in value if isinstance(value, list | tuple) else [value]:
        kind = kind_of(item)
        if not isinstance(item, Reference) or (kind.is_entity and not _is_related(kind.item, "std::Resource")):
            raise DescriptionError(
                f"requires= holds something that is no resource: {kind}. Write requires=[self.<method>, <shared>].",
                place=here(),
            )


def _check_value(entity: str, name: str, value: object, expected: Kind) -> None:
    kind = kind_of(value)
    if kind.is_unknown or expected.is_unknown:
        return
    if not fits(kind, expected, to_node(value)):
        raise DescriptionError(f"{entity}.{name} is {expected}, and it is given {kind}. Give it what it takes.", place=here())


def fits(kind: Kind, expected: Kind, node: Node) -> bool:
    """
    Whether a value can be what something has.

    :param kind: what is known about the value
    :param expected: what it has to be
    :param node: the expression for the value
    """
    if node == Constant(None):
        return expected.optional
    if kind.optional and not expected.optional and not expected.many:
        return False
    if kind.many != expected.many and not (expected.many and expected.is_entity):
        return False
    if kind.item == "any" or expected.item == "any":
        return True
    if kind.is_entity and expected.is_entity:
        return _is_related(kind.item, expected.item)
    if expected.item in ("float", "number"):
        return kind.is_number or (kind.many and kind.item in ("int", "float", "number"))
    if expected.item == "int" and kind.item == "number":
        return True
    return kind.item == expected.item


def _is_related(entity: str, expected: str) -> bool:
    from service_generator.installed import extends

    try:
        return extends(entity, expected) or extends(expected, entity)
    except DescriptionError:
        # An entity of the module that is being described, which no installed module knows.
        return True


class Module:
    """What an installed module offers: entities start with a capital, plugins and variables do not."""

    def __init__(self, name: str) -> None:
        """:param name: the name of the module, or of a namespace in it"""
        self._name = name

    def __getattr__(self, name: str) -> Callable[..., Reference]:
        if name.startswith("__"):
            raise AttributeError(name)
        if name[0].isupper():
            return Entity(f"{self._name}::{name}")
        return Plugin(self._name, name)


class Plugin(Instance):
    """A plugin of an installed module, when it is called, or a variable, when it is not."""

    def __init__(self, module: str, name: str) -> None:
        """
        :param module: the module or namespace that defines it
        :param name: its name there
        """
        Reference.__init__(self, Variable(name, module))
        self._full_name = f"{module}::{name}"

    @property
    def _entity(self) -> str:  # type: ignore[override]  # found when it is asked for: own modules have no model yet
        variables = read_module(self._full_name.split("::")[0]).variables
        if self._full_name not in variables:
            namespace, _, name = self._full_name.rpartition("::")
            known = {found.rpartition("::")[2] for found in variables if found.rpartition("::")[0] == namespace}
            raise DescriptionError(f"{namespace} has no variable {name}. {close_match(name, known)}")
        return variables[self._full_name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if not self._entity:
            return Reference(Get(self._node, name))
        return super().__getattr__(name)

    def __call__(self, *positional: object, **named: object) -> Reference:
        """
        Describe a call of the plugin.

        :param positional: the positional arguments
        :param named: the named arguments
        """
        return call(self._full_name, *map(to_node, positional), **{name: to_node(value) for name, value in named.items()})


def call(plugin: str, *positional: Node, **named: Node) -> Reference:
    """
    The call of a plugin.

    :param plugin: its full name, like ``std::count``
    :param positional: the positional arguments
    :param named: the named arguments
    :raises DescriptionError: the module has no such plugin, or it takes other arguments
    """
    module, _, name = plugin.partition("::")
    plugins = plugins_of(module)
    if name not in plugins:
        raise DescriptionError(f"module {module} has no plugin {name}. {close_match(name, plugins)}")
    signature = plugins[name]
    if len(positional) > len(signature.positional) and not signature.more_positional:
        raise DescriptionError(f"{plugin} takes {len(signature.positional)} arguments, and is given {len(positional)}.")
    unknown = sorted(set(named) - signature.accepted)
    if unknown and not signature.more_named:
        raise DescriptionError(f"{plugin} has no argument {unknown[0]}. {close_match(unknown[0], signature.accepted)}")
    missing = sorted(signature.needed - set(signature.positional[: len(positional)]) - set(named))
    if missing:
        raise DescriptionError(f"{plugin} needs the argument {missing[0]}. Give it.")
    return Reference(Call(plugin, positional, tuple(named.items())), ANY)


def module(name: str) -> Module:
    """
    The entities, plugins and variables of an installed inmanta module.

    :param name: the name of the module, like ``fs``; a namespace, like ``std::testing``, works too
    :raises DescriptionError: no such module is installed
    """
    # Read now: its relations may be ones that it adds to entities of other modules.
    found = read_module(name.split("::")[0])
    if name not in found.namespaces:
        raise DescriptionError(f"there is no namespace {name}. {close_match(name, found.namespaces)}")
    return Module(name)


def _check_member(entity: str, name: str) -> None:
    members = attributes_of(entity) | relations_of(entity)
    if name not in members:
        known = members - relations_of("std::Entity")
        raise DescriptionError(f"{entity} has no attribute {name}. {close_match(name, known)}", place=here())
