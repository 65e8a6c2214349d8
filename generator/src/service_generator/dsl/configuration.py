"""The configuration of the module, as paths that descriptions use instead of values."""

from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from service_generator.dsl.expressions import Reference
from service_generator.dsl.modules import Module
from service_generator.errors import DescriptionError
from service_generator.installed import close_match
from service_generator.model.expressions import Lookup, Node, Variable


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
        return Reference(node)


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
        self.configuration = configuration

    @property
    def plugins(self) -> Module:
        """The plugins that the root of the module defines; what is generated, like entities, is out of reach here."""
        return Module(self.name)

    @property
    def config(self) -> ConfigType:
        """The configuration: its keys are used like values, and become lookups in the model."""
        return cast(ConfigType, Settings(Variable("settings", self.name), self.configuration, ""))
