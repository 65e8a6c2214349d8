"""Entities, plugins and variables of installed modules, to be used in descriptions: ``fs = module("fs")``."""

from collections.abc import Callable
from typing import Any

from service_generator.dsl.expressions import Reference, to_node
from service_generator.errors import DescriptionError
from service_generator.installed import close_match, entity_members, plugins_of, read_module, relations_of
from service_generator.model.expressions import Call, Construct, Get, ListOf, Node, Variable


class Instance(Reference):
    """An instance of an entity of an installed module, of which all attributes are known."""

    def __init__(self, node: Node, entity: str) -> None:
        """
        :param node: the expression that gives the instance
        :param entity: the full name of its entity, like ``fs::File``
        """
        super().__init__(node)
        self._entity = entity

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        _check_member(self._entity, name)
        return Reference(Get(self._node, name))


class Entity:
    """An entity of an installed module; calling it describes an instance."""

    def __init__(self, name: str) -> None:
        """:param name: the full name, like ``fs::File``"""
        self._name = name

    def __call__(self, **attributes: object) -> Instance:
        """
        Describe an instance.

        :param attributes: attributes and relations of the entity, with values or with lists of them
        :raises DescriptionError: the entity has no such attribute
        """
        for attribute in attributes:
            _check_member(self._name, attribute)
        nodes = {name: to_node(value) for name, value in attributes.items()}
        # An empty list is what a relation starts with.
        given = tuple((name, node) for name, node in nodes.items() if node != ListOf(()))
        return Instance(Construct(self._name, given), self._name)


class Module:
    """What an installed module offers: entities start with a capital, plugins and variables don't."""

    def __init__(self, name: str) -> None:
        """:param name: the name of the module, or of a namespace in it"""
        self._name = name

    def __getattr__(self, name: str) -> Callable[..., Reference]:
        if name.startswith("__"):
            raise AttributeError(name)
        if name[0].isupper():
            return Entity(f"{self._name}::{name}")
        return Plugin(self._name, name)


class Plugin(Reference):
    """A plugin of an installed module, when it is called, or a variable, when it is not."""

    def __init__(self, module: str, name: str) -> None:
        """
        :param module: the module or namespace that defines it
        :param name: its name there
        """
        super().__init__(Variable(name, module))
        self._full_name = f"{module}::{name}"

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
    :raises DescriptionError: the module has no such plugin
    """
    module, _, name = plugin.partition("::")
    plugins = plugins_of(module)
    if name not in plugins:
        raise DescriptionError(f"module {module} has no plugin {name}. {close_match(name, plugins)}")
    return Reference(Call(plugin, positional, tuple(named.items())))


def module(name: str) -> Module:
    """
    The entities, plugins and variables of an installed inmanta module.

    :param name: the name of the module, like ``fs``; a namespace, like ``std::testing``, works too
    :raises DescriptionError: no such module is installed
    """
    # Read now: its relations may be ones that it adds to entities of other modules.
    read_module(name.split("::")[0])
    return Module(name)


def _check_member(entity: str, name: str) -> None:
    members = entity_members(entity)
    if name not in members:
        raise DescriptionError(f"{entity} has no attribute {name}. {close_match(name, members - relations_of('std::Entity'))}")
