"""What the installed inmanta modules define: entities, typedefs, variables and plugins, read without a compile."""

import ast
import difflib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from service_generator.errors import DescriptionError


@dataclass
class InstalledEntity:
    """An entity of an installed module."""

    parents: tuple[str, ...]
    attributes: set[str] = field(default_factory=set)
    relations: set[str] = field(default_factory=set)


@dataclass
class InstalledModule:
    """What one installed module defines; entities by full name, everything else by name within the module."""

    name: str
    entities: dict[str, InstalledEntity] = field(default_factory=dict)
    typedefs: dict[str, str] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)


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


def entity_members(entity: str) -> frozenset[str]:
    """
    The names of all attributes and relations of an entity, inherited ones included.

    :param entity: the full name, like ``fs::File``
    :raises DescriptionError: the entity, or an entity that it extends, is in no installed module
    """
    return attributes_of(entity) | relations_of(entity)


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


_BUILT_IN = frozenset({"requires", "provides"})


def extends(entity: str, ancestor: str) -> bool:
    """
    Whether an entity is, or inherits from, another one.

    :param entity: the full name, like ``fs::File``
    :param ancestor: the full name of the other one
    """
    return entity == ancestor or any(extends(parent, ancestor) for parent in _entity(entity).parents if parent != "std::Entity")


def _lineage(entity: str) -> list[InstalledEntity]:
    if entity == "std::Entity":
        return []
    found = _entity(entity)
    return [found, *(ancestor for parent in found.parents for ancestor in _lineage(parent))]


def _entity(entity: str) -> InstalledEntity:
    module = read_module(entity.split("::")[0])
    if entity not in module.entities:
        names = {name.rsplit("::", 1)[1] for name in module.entities}
        hint = close_match(entity.rsplit("::", 1)[1], names)
        raise DescriptionError(f"module {module.name} has no entity {entity}. {hint}")
    return module.entities[entity]


@cache
def read_module(name: str) -> InstalledModule:
    """
    Read what an installed module defines.

    :param name: the name of the module, like ``fs``
    :raises DescriptionError: no such module is installed
    """
    root, _ = _locate(name)
    module = InstalledModule(name)
    model = root / "model"
    for path in sorted(model.rglob("*.cf")):
        parts = path.relative_to(model).with_suffix("").parts
        _read_model(module, "::".join([name, *(part for part in parts if part != "_init")]), path)
    return module


@cache
def plugins_of(name: str) -> frozenset[str]:
    """
    The plugins of an installed module, by name within the module; its model is not looked at.

    :param name: the name of the module, like ``std``
    :raises DescriptionError: no such module is installed
    """
    _, package = _locate(name)
    found: set[str] = set()
    for path in sorted(package.rglob("*.py")):
        parts = [part for part in path.relative_to(package).with_suffix("").parts if part != "__init__"]
        found |= {"::".join([*parts, function.name]) for function in _functions(path) if _is_plugin(function)}
    return frozenset(found)


def _locate(name: str) -> tuple[Path, Path]:
    spec = importlib.util.find_spec(f"inmanta_plugins.{name}")
    if spec is None or spec.origin is None:
        raise DescriptionError(f"no inmanta module {name} is installed. Install inmanta-module-{name.replace('_', '-')}.")
    package = Path(spec.origin).resolve().parent
    # A module that is installed as a wheel has its model inside the package, an editable one next to inmanta_plugins.
    return (package if (package / "setup.cfg").exists() else package.parents[1]), package


def _read_model(module: InstalledModule, namespace: str, path: Path) -> None:
    # Late, since the parser brings most of inmanta-core with it; and inmanta.module first, which the parser needs complete.
    import inmanta.module  # noqa: F401
    from inmanta.ast import Namespace
    from inmanta.ast.statements.assign import Assign
    from inmanta.ast.statements.define import DefineEntity, DefineRelation, DefineTypeConstraint
    from inmanta.parser.plyInmantaParser import base_parse

    def full_name(reference: str) -> str:
        if "::" in reference:
            return reference
        # A name without a namespace is looked for in the own one, and then in those around it.
        parts = namespace.split("::")
        around = ["::".join([*parts[:length], reference]) for length in range(len(parts), 0, -1)]
        return next((name for name in around if name in module.entities), around[0])

    parsed_in = Namespace("__root__")
    for part in namespace.split("::"):
        parsed_in = Namespace(part, parsed_in)
    relations: list[tuple[str, str]] = []
    for statement in base_parse(parsed_in, str(path), path.read_text(encoding="utf-8")):
        match statement:
            case DefineEntity():
                parents = tuple(
                    "std::Entity" if str(parent) in ("Entity", "std::Entity") else full_name(str(parent))
                    for parent in statement.parents
                )
                entity = module.entities.setdefault(full_name(str(statement.name)), InstalledEntity(parents))
                entity.attributes |= {str(attribute.name) for attribute in statement.attributes}
            case DefineRelation():
                for end, other in ((statement.left, statement.right), (statement.right, statement.left)):
                    if other[1] is not None:
                        relations.append((full_name(str(end[0])), str(other[1])))
            case DefineTypeConstraint():
                module.typedefs[str(statement.name)] = str(statement.basetype)
            case Assign():
                module.variables.add(str(statement.name))
    for owner, relation in relations:
        if owner in module.entities:
            module.entities[owner].relations.add(relation)
        elif not owner.startswith(f"{module.name}::"):
            read_module(owner.split("::")[0]).entities[owner].relations.add(relation)


def _functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]


def _is_plugin(function: ast.FunctionDef) -> bool:
    targets = [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in function.decorator_list]
    names = [target.id if isinstance(target, ast.Name) else getattr(target, "attr", "") for target in targets]
    return any(name in ("plugin", "allocator") for name in names)


def plugin_arguments(source: Path, name: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """
    The keyword-only arguments of an allocator that a module defines, found without importing it.

    :param source: the python file that should define it
    :param name: the name of the function
    :return: the arguments it needs and those it accepts, or None when there is no such allocator
    """
    if not source.is_file():
        return None
    for function in _functions(source):
        if function.name == name and _is_plugin(function):
            defaults = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
            arguments = {argument.arg: default is None for argument, default in defaults}
            return frozenset(n for n, needed in arguments.items() if needed), frozenset(arguments)
    return None
