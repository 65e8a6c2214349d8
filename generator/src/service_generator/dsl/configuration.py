"""The configuration of the module, as paths that descriptions use instead of values."""

from dataclasses import replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

from pydantic import BaseModel

from service_generator.dsl.expressions import Reference
from service_generator.dsl.modules import Module
from service_generator.errors import DescriptionError
from service_generator.installed import close_match
from service_generator.kinds import ANY, BOOL, DICT, FLOAT, INT, STRING, Kind
from service_generator.model.expressions import Lookup, Node, Variable
from service_generator.module_folders import register


class Settings(Reference):
    """A key of the configuration, known by the pydantic model that describes it."""

    def __init__(self, node: Node, model: type[BaseModel], path: str) -> None:
        """
        :param node: the expression that gives the settings
        :param model: which keys there are
        :param path: the key, for messages
        """
        super().__init__(node)
        self._model = model
        self._path = path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        keys = self._model.model_fields
        if name not in keys:
            raise DescriptionError(f"the configuration has no key {self._path}{name}. {close_match(name, keys)}")
        node = Lookup(self._node, name)
        kind = keys[name].annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return Settings(node, kind, f"{self._path}{name}.")
        return Reference(node, _kind(kind))


def _kind(hint: object) -> Kind:
    arguments = get_args(hint)
    if get_origin(hint) in (Union, UnionType) and NoneType in arguments:
        (*others,) = (argument for argument in arguments if argument is not NoneType)
        return replace(_kind(others[0]), optional=True) if len(others) == 1 else ANY
    if get_origin(hint) is Annotated:
        return _kind(arguments[0])
    if get_origin(hint) in (list, tuple):
        return Kind("any", many=True)
    if get_origin(hint) is dict:
        return DICT
    names: dict[object, Kind] = {str: STRING, int: INT, float: FLOAT, bool: BOOL, dict: DICT}
    return names.get(hint, ANY)


class ServiceModule[ConfigType: BaseModel]:
    """The module that a package of descriptions belongs to."""

    def __init__(self, name: str, root: Path, configuration: type[ConfigType]) -> None:
        """
        :param name: the name of the inmanta module
        :param root: the folder of the inmanta module, which holds ``model`` and ``inmanta_plugins``
        :param configuration: the description of its configuration; the module has a plugin ``<name>::config::get_config``
            that reads it
        """
        self.name = name
        self.root = root
        register(name, root)
        self.configuration = configuration

    @property
    def plugins(self) -> Module:
        """The plugins that the root of the module defines; what is generated, like entities, is out of reach here."""
        return Module(self.name)

    @property
    def config(self) -> ConfigType:
        """The configuration: its keys are used like values, and become lookups in the model."""
        return cast(ConfigType, Settings(Variable("settings", self.name), self.configuration, ""))
