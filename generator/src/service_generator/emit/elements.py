"""Elements of a model file that inmanta-module-factory has no class for, or writes in another way."""

import textwrap
from collections.abc import Mapping
from typing import Any

from inmanta_module_factory.helpers.const import INDENT_PREFIX
from inmanta_module_factory.inmanta.attribute import Attribute
from inmanta_module_factory.inmanta.entity import Entity
from inmanta_module_factory.inmanta.entity_relation import EntityRelation
from inmanta_module_factory.inmanta.module_element import ModuleElement
from inmanta_module_factory.inmanta.typedef import TypeDef
from inmanta_module_factory.inmanta.types import InmantaAdvancedType, InmantaStringType

from service_generator.emit.expressions import inline
from service_generator.model.expressions import data_node

_MODIFIER = TypeDef("attribute_modifier", ["lsm"], InmantaStringType, "")


class DescribedEntity(Entity):
    """An entity whose docstring is left out when it would be empty."""

    def __str__(self) -> str:
        if self.docstring().strip():
            return super().__str__()
        return self._definition() + textwrap.indent("".join(map(str, self.attributes)), INDENT_PREFIX) + "end\n"


class ModifierAttribute(Attribute):
    """The metadata that says who may set an attribute; a blank line ends the pair of the two."""

    def __init__(self, attribute: str, modifier: str, *, last: bool) -> None:
        """
        :param attribute: the name of the attribute
        :param modifier: ``r``, ``rw`` or ``rw+``
        :param last: whether nothing follows in the entity
        """
        super().__init__(f"{attribute}__modifier", _MODIFIER, default=f'"{modifier}"')
        self._last = last

    def __str__(self) -> str:
        return super().__str__() + ("" if self._last else "\n")


class AnnotationsAttribute(Attribute):
    """The metadata that holds annotations."""

    def __init__(self, name: str, annotations: Mapping[str, Any], *, last: bool) -> None:
        """
        :param name: the name of the metadata
        :param annotations: the annotations
        :param last: whether nothing follows in the entity
        """
        super().__init__(name, InmantaAdvancedType("dict"), default=inline(data_node(annotations), ""))
        self._last = last

    def __str__(self) -> str:
        return super().__str__() + ("" if self._last else "\n")


class AnnotatedRelation(EntityRelation):
    """A relation with annotations instead of the two dashes, and a docstring about this end only."""

    annotations: tuple[str, ...] = ()

    def _get_derived_imports(self) -> set[str]:
        namespaces = {annotation.rpartition("::")[0] for annotation in self.annotations}
        return super()._get_derived_imports() | (namespaces - {""})

    def __str__(self) -> str:
        text = super().__str__()
        if self.annotations:
            text = text.replace(" -- ", f" {', '.join(self.annotations)} ", 1)
        return text.replace('Peer relation: """', '"""')


class Statements(ModuleElement):
    """Statements at the top level of a file, as text."""

    def __init__(self, name: str, path: list[str], text: str, imports: set[str]) -> None:
        """
        :param name: what the statements are about
        :param path: the namespace, in parts
        :param text: the statements
        :param imports: the namespaces that they refer to
        """
        super().__init__(name, path)
        self._text = text
        self.imports = imports

    def _ordering_key(self) -> str:
        return self.name

    def _get_derived_imports(self) -> set[str]:
        return set()

    def __str__(self) -> str:
        return self._text.rstrip("\n") + "\n"
