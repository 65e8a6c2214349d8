"""What the models of inmanta modules define: entities, typedefs and variables, read without a compile."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from service_generator.errors import DescriptionError
from service_generator.kinds import ANY, Kind
from service_generator.module_folders import is_own, locate, model_files
from service_generator.ownership import MARKER

if TYPE_CHECKING:
    from inmanta.ast.statements import Statement

PRIMITIVES = ("string", "int", "float", "number", "bool", "dict", "any", "list")


@dataclass(frozen=True)
class InstalledAttribute:
    """An attribute of an entity."""

    type: str
    kind: Kind
    has_default: bool


@dataclass(frozen=True)
class InstalledRelation:
    """A relation of an entity."""

    target: str
    lower: int
    upper: int | None
    inverse: str | None

    @property
    def kind(self) -> Kind:
        """What it holds."""
        return Kind(self.target, many=self.upper != 1, optional=self.upper == 1 and self.lower == 0)


@dataclass
class InstalledEntity:
    """An entity."""

    name: str
    parents: tuple[str, ...]
    attributes: dict[str, InstalledAttribute] = field(default_factory=dict)
    relations: dict[str, InstalledRelation] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    """Attributes and relations that an implementation gives a value, and relations to itself that it does."""


@dataclass
class InstalledModule:
    """What one module defines, all by full name."""

    name: str
    namespaces: set[str] = field(default_factory=set)
    entities: dict[str, InstalledEntity] = field(default_factory=dict)
    typedefs: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    """Variables, with the entity that is constructed for them, or nothing where it is something else."""


def close_match(name: str, known: Iterable[str]) -> str:
    """
    The hint that ends a message about an unknown name.

    :param name: the name that nothing is known about
    :param known: the names that exist
    :return: a sentence with the closest name, or with all of them
    """
    names = sorted(known)
    matches = difflib.get_close_matches(name, names, n=1)
    if matches:
        return f"Did you mean {matches[0]}?"
    return f"There are: {', '.join(names)}." if names else "There are none."


def member_kinds(entity: str) -> dict[str, Kind]:
    """
    The attributes and relations of an entity with what they hold, inherited ones included.

    :param entity: the full name, like ``fs::File``
    :raises DescriptionError: the entity, or an entity that it extends, is in no installed module
    """
    kinds: dict[str, Kind] = {}
    for found in reversed(_lineage(entity)):
        kinds |= {name: relation.kind for name, relation in found.relations.items()}
        kinds |= {name: attribute.kind for name, attribute in found.attributes.items()}
    return kinds | {name: Kind("std::Entity", many=True) for name in _BUILT_IN}


def attributes_of(entity: str) -> frozenset[str]:
    """
    The names of the attributes of an entity, inherited ones included.

    :param entity: the full name, like ``fs::File``
    """
    return frozenset(name for found in _lineage(entity) for name in found.attributes)


def relations_of(entity: str) -> frozenset[str]:
    """
    The names of the relations of an entity, inherited ones and those that other modules add included.

    :param entity: the full name, like ``fs::File``
    """
    return frozenset(name for found in _lineage(entity) for name in found.relations) | _BUILT_IN


def mandatory(entity: str) -> frozenset[str]:
    """
    The attributes and relations that have no value unless they are given one.

    :param entity: the full name, like ``fs::File``
    """
    needed: set[str] = set()
    lineage = _lineage(entity)
    given = {name for found in lineage for name in found.assigned}
    for found in reversed(lineage):
        needed |= {name for name, relation in found.relations.items() if relation.lower > 0 and relation.inverse not in given}
        needed |= {name for name, attribute in found.attributes.items() if not attribute.has_default}
        needed -= {name for name, attribute in found.attributes.items() if attribute.has_default}
    return frozenset(needed - given)


_BUILT_IN = frozenset({"requires", "provides"})


def extends(entity: str, ancestor: str) -> bool:
    """
    Whether an entity is, or inherits from, another one.

    :param entity: the full name, like ``fs::File``
    :param ancestor: the full name of the other one
    """
    return ancestor == "std::Entity" or any(found.name == ancestor for found in _lineage(entity))


def _lineage(entity: str) -> list[InstalledEntity]:
    if entity == "std::Entity":
        return []
    found = find_entity(entity)
    return [found, *(ancestor for parent in found.parents for ancestor in _lineage(parent))]


def find_entity(entity: str) -> InstalledEntity:
    """
    An entity of an installed module.

    :param entity: the full name, like ``fs::File``
    :raises DescriptionError: there is none
    """
    if entity in _described:
        return _described[entity]
    module = read_module(entity.split("::")[0])
    if entity not in module.entities:
        namespace = entity.rpartition("::")[0]
        names = {name.rpartition("::")[2] for name in module.entities if name.rpartition("::")[0] == namespace}
        raise DescriptionError(f"module {module.name} has no entity {entity}. {close_match(entity.rpartition('::')[2], names)}")
    return module.entities[entity]


def primitive_of(typedef: str) -> str:
    """
    The primitive type under a typedef.

    :param typedef: the full name of the typedef
    :raises DescriptionError: there is none
    """
    module = read_module(typedef.split("::")[0])
    if typedef not in module.typedefs:
        namespace, _, name = typedef.rpartition("::")
        names = {found.rpartition("::")[2] for found in module.typedefs if found.rpartition("::")[0] == namespace}
        raise DescriptionError(f"there is no type {typedef}. {close_match(name, names)}")
    base = module.typedefs[typedef]
    return base if base in PRIMITIVES else primitive_of(base)


_described: dict[str, InstalledEntity] = {}


def describe_entity(entity: InstalledEntity) -> None:
    """
    Make an entity known that a description defines.

    :param entity: the entity
    """
    _described[entity.name] = entity


def read_module(name: str) -> InstalledModule:
    """
    Read what a module defines.

    :param name: the name of the module, like ``fs``
    :raises DescriptionError: no such module is installed
    """
    return _read_module(name, locate(name)[0], is_own(name))


def forget_modules() -> None:
    """Read modules again, since files were written."""
    _read_module.cache_clear()


@cache
def _read_module(name: str, root: Path, own: bool) -> InstalledModule:
    module = InstalledModule(name)
    parsed = []
    for namespace, path in model_files(name, root).items():
        if own and MARKER in path.read_text(encoding="utf-8", errors="replace"):
            # What is generated follows from the descriptions that are being read.
            continue
        parsed.append((_Names(module, namespace), parse(namespace, path)))
    # Names first: what they stand for may be defined in another file, or further down.
    for names, statements in parsed:
        _read_names(module, names, statements)
    for names, statements in parsed:
        _read_members(module, names, statements)
    return module


def parse(namespace: str, path: Path) -> "list[Statement]":
    """
    The statements of a model file.

    :param namespace: the namespace that it holds
    :param path: the file
    :raises DescriptionError: it is no model
    """
    # Late, since the parser brings most of inmanta-core with it; and inmanta.module first, which the parser needs complete.
    import inmanta.module  # noqa: F401
    from inmanta.ast import CompilerException, Namespace
    from inmanta.parser.plyInmantaParser import base_parse

    parsed_in = Namespace("__root__")
    for part in namespace.split("::"):
        parsed_in = Namespace(part, parsed_in)
    try:
        return list(base_parse(parsed_in, str(path), path.read_text(encoding="utf-8-sig")))
    except (CompilerException, UnicodeDecodeError) as error:
        message = " ".join(str(error).split())
        raise DescriptionError(f"it cannot be read: {message}. Correct it.", where=str(path)) from error


class _Names:
    """What the names in a model file stand for."""

    def __init__(self, module: InstalledModule, namespace: str) -> None:
        self._module = module
        self.namespace = namespace
        self.imports: dict[str, str] = {}

    def entity(self, reference: str) -> str:
        return "std::Entity" if reference == "Entity" else self._full_name(reference, self._module.entities)

    def type(self, reference: str) -> str:
        return reference if reference in PRIMITIVES else self._full_name(reference, self._module.typedefs)

    def _full_name(self, reference: str, known: Iterable[str]) -> str:
        if "::" in reference:
            alias, _, rest = reference.partition("::")
            return f"{self.imports.get(alias, alias)}::{rest}"
        # A name without a namespace is looked for in the own one, and then in those around it.
        parts = self.namespace.split("::")
        around = ["::".join([*parts[:length], reference]) for length in range(len(parts), 0, -1)]
        return next((name for name in around if name in known), around[0])


def _read_names(module: InstalledModule, names: _Names, statements: "list[Statement]") -> None:
    from inmanta.ast.statements.assign import Assign
    from inmanta.ast.statements.define import DefineEntity, DefineImport, DefineTypeConstraint
    from inmanta.ast.statements.generator import Constructor

    namespace = names.namespace
    module.namespaces.add(namespace)
    for statement in statements:
        match statement:
            case DefineImport():
                names.imports[str(statement.toname)] = str(statement.name)
            case DefineTypeConstraint():
                module.typedefs[f"{namespace}::{statement.name}"] = ""
            case DefineEntity():
                full_name = f"{namespace}::{statement.name}"
                module.entities[full_name] = InstalledEntity(full_name, ())
    for statement in statements:
        match statement:
            case DefineTypeConstraint():
                module.typedefs[f"{namespace}::{statement.name}"] = names.type(str(statement.basetype))
            case Assign():
                made = names.entity(str(statement.value.class_type)) if isinstance(statement.value, Constructor) else ""
                module.variables[f"{namespace}::{statement.name}"] = made


def _read_members(module: InstalledModule, names: _Names, statements: "list[Statement]") -> None:
    from inmanta.ast.statements.define import DefineEntity, DefineImplementation, DefineRelation

    for statement in statements:
        match statement:
            case DefineEntity():
                entity = module.entities[f"{names.namespace}::{statement.name}"]
                entity.parents = tuple(names.entity(str(parent)) for parent in statement.parents)
                for attribute in statement.attributes:
                    entity.attributes[str(attribute.name)] = _attribute(module, names, attribute)
            case DefineRelation():
                for end, other in ((statement.left, statement.right), (statement.right, statement.left)):
                    if other[1] is not None:
                        lower, upper = other[2] or (0, None)
                        relation = InstalledRelation(
                            names.entity(str(other[0])), lower, upper, str(end[1]) if end[1] is not None else None
                        )
                        _entity_of(module, names.entity(str(end[0]))).relations[str(other[1])] = relation
            case DefineImplementation():
                _entity_of(module, names.entity(str(statement.entity))).assigned |= _assigned(statement.block)


def _entity_of(module: InstalledModule, name: str) -> InstalledEntity:
    if name in module.entities:
        return module.entities[name]
    if name.startswith(f"{module.name}::"):
        return InstalledEntity(name, ())
    return read_module(name.split("::")[0]).entities.get(name) or InstalledEntity(name, ())


def _attribute(module: InstalledModule, names: _Names, attribute: object) -> InstalledAttribute:
    from inmanta.ast.statements.define import DefineAttribute

    assert isinstance(attribute, DefineAttribute)
    declared = attribute.type
    base = names.type(str(declared.basetype))
    primitive = _primitive(module, base)
    kind = Kind(primitive, many=declared.multi, optional=declared.nullable) if primitive != "list" else Kind("any", many=True)
    has_default = attribute.default is not None
    return InstalledAttribute(f"{base}{'[]' if declared.multi else ''}", kind, has_default)


def _primitive(module: InstalledModule, name: str) -> str:
    while name not in PRIMITIVES:
        namespace = name.split("::")[0]
        known = module.typedefs if namespace == module.name else read_module(namespace).typedefs
        if name not in known:
            return ANY.item
        name = known[name]
    return name


def _assigned(block: object) -> set[str]:
    from inmanta.ast.blocks import BasicBlock
    from inmanta.ast.statements.assign import Assign, SetAttribute
    from inmanta.ast.statements.generator import Constructor, For, If

    found: set[str] = set()
    assert isinstance(block, BasicBlock)
    for statement in block.get_stmts():
        made = statement.value if isinstance(statement, Assign | SetAttribute) else statement
        if isinstance(made, Constructor):
            found |= set(made.attributes)
        match statement:
            case SetAttribute():
                found.add(str(statement.attribute_name))
            case If():
                found |= _assigned(statement.if_branch) | _assigned(statement.else_branch)
            case For():
                found |= _assigned(statement.module)
    return found
