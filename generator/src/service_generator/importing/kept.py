"""What a description does not say of a hand-written model, kept as it is written, for the entities that are described."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from inmanta.ast.statements import Literal, Statement
from inmanta.ast.statements.assign import Assign
from inmanta.ast.statements.call import FunctionCall
from inmanta.ast.statements.define import (
    DefineEntity,
    DefineImplement,
    DefineImplementation,
    DefineImport,
    DefineIndex,
    DefineRelation,
    DefineTypeConstraint,
)
from inmanta.ast.statements.generator import Constructor
from inmanta.ast.variables import Reference

from service_generator.importing.model_text import ModelText, Piece, inside
from service_generator.model.names import snake_case

NAME = "by_hand"
"""The namespace of what is kept, below the one that is generated."""


@dataclass(frozen=True)
class Described:
    """
    What a description says of a namespace, so that nothing else has to.

    :param namespace: the namespace that was written by hand
    :param generated: the one that takes its place
    :param entities: the names of the entities
    :param relations: the relations, by the entity that has them
    :param typedefs: the names of the types
    :param kept_types: the names of those that it uses, and does not describe
    :param offered: the service that what is kept is imported with, if nothing else does that
    """

    namespace: str
    generated: str
    entities: Set[str]
    relations: Set[tuple[str, str]]
    typedefs: Set[str]
    kept_types: Set[str]
    offered: str

    def is_in(self, namespace: str) -> bool:
        """
        Whether a namespace is the one that is described, or in it.

        :param namespace: its name
        """
        return namespace == self.namespace or namespace.startswith(f"{self.namespace}::")

    def kept_namespace(self, namespace: str) -> str:
        """
        Where what is kept of a namespace goes.

        :param namespace: the namespace that was written by hand
        """
        return f"{self.generated}::{NAME}{namespace.removeprefix(self.namespace)}"


@dataclass
class Kept:
    """What is kept."""

    files: dict[PurePosixPath, str] = field(default_factory=dict)
    """The text of each file, by its path in the folder of the model."""
    implementations: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For each entity, by its name, the full names of the implementations that it always has."""
    notes: list[str] = field(default_factory=list)


def keep(texts: Sequence[ModelText], described: Described, plugins: Set[str]) -> Kept:
    """
    Keep what is not described.

    :param texts: the files of the namespace, and of those in it
    :param described: what is described
    :param plugins: the full names of all plugins
    """
    kept = Kept()
    pieces = {text.namespace: [piece for piece in text.pieces if _is_kept(piece, text, described)] for text in texts}
    pieces = _without_inventory(texts, pieces)
    statements = [statement for found in pieces.values() for piece in found for statement in piece.statements]
    does_more = any(not isinstance(statement, DefineTypeConstraint) for statement in statements)
    if not does_more and not described.kept_types:
        return kept
    for text in texts:
        _use(kept, text, described)
    bodies = {text.namespace: _body(pieces[text.namespace], text, described) for text in texts}
    if does_more and not kept.implementations:
        # Something has to import it.
        name = f"{snake_case(described.offered)}_by_hand"
        said = '    """Nothing: with it comes what is implemented on conditions, and what that needs."""'
        bodies.setdefault(described.namespace, []).append(f"implementation {name} for {described.offered}:\n{said}\nend")
        kept.implementations[described.offered] = (f"{described.generated}::{NAME}::{name}",)
    others = [namespace for namespace, body in bodies.items() if body and namespace != described.namespace]
    for text in texts:
        if bodies[text.namespace] or text.namespace == described.namespace:
            imports = _imports(text, described, others)
            path = described.kept_namespace(text.namespace).split("::")[1:]
            kept.files[PurePosixPath(*path, "_init.cf")] = _file(described, imports, bodies[text.namespace])
        kept.notes += _moved_plugins(pieces[text.namespace], text, described, plugins)
    return kept


def _is_kept(piece: Piece, text: ModelText, described: Described) -> bool:
    return any(_stays(statement, text, described) for statement in piece.statements if isinstance(statement, Statement))


def _stays(statement: Statement, text: ModelText, described: Described) -> bool:
    match statement:
        case DefineImport():
            return False
        case DefineEntity():
            return str(statement.name) not in described.entities
        case DefineTypeConstraint():
            return str(statement.name) not in described.typedefs
        case DefineIndex():
            return not _is_described(statement.type, text, described)
        case DefineRelation():
            ends = ((statement.left, statement.right), (statement.right, statement.left))
            return not any((_short(end[0]), str(other[1])) in described.relations for end, other in ends)
        case DefineImplementation():
            return True
        case DefineImplement() if _is_described(statement.entity, text, described):
            return not _is_always(statement) and bool(_own(statement))
        case Assign() if isinstance(statement.value, Constructor):
            return not _is_of_lsm(statement.value, text)
        case Constructor():
            return not _is_of_lsm(statement, text)
    return True


def _without_inventory(texts: Sequence[ModelText], pieces: Mapping[str, list[Piece]]) -> dict[str, list[Piece]]:
    """Leave out what reads the inventory, or uses what is not there any more, like a binding."""
    found = {}
    for text in texts:
        gone = {
            str(one.name)
            for piece in text.pieces
            if piece not in pieces[text.namespace]
            for one in piece.statements
            if isinstance(one, Assign)
        }
        stays = []
        for piece in pieces[text.namespace]:
            if all(isinstance(one, _DEFINITIONS) for one in piece.statements) or not _uses(piece, text, gone):
                stays.append(piece)
            else:
                gone |= {str(one.name) for one in piece.statements if isinstance(one, Assign)}
        found[text.namespace] = stays
    return found


_DEFINITIONS = (DefineEntity, DefineTypeConstraint, DefineIndex, DefineRelation, DefineImplementation, DefineImplement)


def _uses(piece: Piece, text: ModelText, variables: Set[str]) -> bool:
    for node in (node for statement in piece.statements for node in inside(statement)):
        match node:
            case FunctionCall() if text.full_name(str(node.name), lambda _: False) == "lsm::all":
                return True
            case Reference() if str(node.name) in variables:
                return True
    return False


def _use(kept: Kept, text: ModelText, described: Described) -> None:
    for statement in (one for piece in text.pieces for one in piece.statements):
        if not isinstance(statement, DefineImplement) or not _is_described(statement.entity, text, described):
            continue
        if _is_always(statement) and (names := _own(statement)):
            entity = _short(statement.entity)
            moved = tuple(_moved(name, text, described) for name in names)
            kept.implementations[entity] = (*kept.implementations.get(entity, ()), *moved)


def _moved(reference: str, text: ModelText, described: Described) -> str:
    namespace, _, name = text.full_name(reference, lambda _: False).rpartition("::")
    return f"{described.kept_namespace(namespace) if described.is_in(namespace) else namespace}::{name}"


def _body(pieces: Sequence[Piece], text: ModelText, described: Described) -> list[str]:
    prefixes = {name: name for name in (described.namespace, *text.imports.values()) if described.is_in(name)}
    prefixes |= {alias: name for alias, name in text.imports.items() if described.is_in(name)}
    longest_first = sorted(prefixes, key=len, reverse=True)
    names = re.compile(rf"(?<![\w:])({'|'.join(map(re.escape, longest_first))})::(\w+)(?!\w|::)")

    def renamed(found: re.Match[str]) -> str:
        namespace, name = prefixes[found[1]], found[2]
        is_described = name in described.entities or name in described.typedefs
        return f"{described.generated if is_described else described.kept_namespace(namespace)}::{name}"

    return [names.sub(renamed, piece.text) for piece in pieces]


def _imports(text: ModelText, described: Described, others: Sequence[str]) -> list[str]:
    own = {described.kept_namespace(name) for name in others if name != text.namespace}
    if text.namespace != described.namespace:
        own.add(described.kept_namespace(described.namespace))
    kept = [
        f"import {name}" if name == alias else f"import {name} as {alias}"
        for alias, name in text.imports.items()
        if not described.is_in(name)
    ]
    return sorted({f"import {name}" for name in (described.generated, *own)} | set(kept))


def _file(described: Described, imports: Sequence[str], body: Sequence[str]) -> str:
    said = f'"""\n    Written by hand: what the description of {described.generated} leaves to the model.\n"""'
    return "\n\n".join([said, "\n".join(imports), *body]) + "\n"


def _moved_plugins(pieces: Sequence[Piece], text: ModelText, described: Described, plugins: Set[str]) -> Iterator[str]:
    called: set[str] = set()
    for node in (node for piece in pieces for statement in piece.statements for node in inside(statement)):
        if isinstance(node, FunctionCall):
            called.add(text.full_name(str(node.name), plugins.__contains__))
    for name in sorted(called & plugins):
        if described.is_in(name.rpartition("::")[0]):
            module, *path = described.kept_namespace(text.namespace).split("::")
            yield (
                f"The plugin {name} is called by what is kept, which looks for it in the namespace of its own now: move it to "
                f"inmanta_plugins/{module}/{'/'.join(path)}/__init__.py."
            )


def _is_described(reference: object, text: ModelText, described: Described) -> bool:
    prefix, _, name = str(reference).rpartition("::")
    return name in described.entities and (not prefix or described.is_in(text.imports.get(prefix, prefix)))


def _short(reference: object) -> str:
    return str(reference).rpartition("::")[2]


def _is_always(statement: DefineImplement) -> bool:
    return isinstance(statement.select, Literal) and statement.select.value is True


def _own(statement: DefineImplement) -> list[str]:
    return [str(name) for name in statement.implementations if not str(name).startswith(("std::", "lsm::"))]


def _is_of_lsm(made: Any, text: ModelText) -> bool:
    return text.full_name(str(made.class_type), lambda _: False).startswith("lsm::")
