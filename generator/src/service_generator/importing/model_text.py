"""The text of a hand-written model, statement by statement, as inmanta's own parser divides it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inmanta.ast.blocks import BasicBlock
from inmanta.ast.statements import Statement
from inmanta.ast.statements.define import DefineImport

from service_generator.installed import parse


@dataclass(frozen=True)
class Piece:
    """
    What is between the start of one statement and that of the next.

    :param statements: one, or all that start on the same line
    :param text: the lines, with the comments above them
    """

    statements: tuple[Statement, ...]
    text: str


@dataclass(frozen=True)
class ModelText:
    """A file of a model."""

    namespace: str
    imports: Mapping[str, str]
    """What namespaces are called in this file, and what they are."""
    pieces: tuple[Piece, ...]

    def full_name(self, reference: str, is_known: Callable[[str], bool]) -> str:
        """
        What a name in this file stands for.

        :param reference: the name
        :param is_known: whether something has a full name
        """
        if "::" in reference:
            prefix, _, name = reference.rpartition("::")
            return f"{self.imports.get(prefix, prefix)}::{name}"
        # A name without a namespace is looked for in the own one, and then in those around it.
        parts = self.namespace.split("::")
        around = ["::".join([*parts[:length], reference]) for length in range(len(parts), 0, -1)]
        return next((name for name in around if is_known(name)), around[0])


def read_text(namespace: str, path: Path) -> ModelText:
    """
    Divide a file into statements.

    :param namespace: the namespace that it holds
    :param path: the file
    """
    statements: list[Statement] = sorted(parse(namespace, path), key=lambda statement: statement.location.lnr)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    starts = sorted({_above(lines, statement.location.lnr - 1) for statement in statements})
    pieces = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        here = tuple(one for one in statements if start < one.location.lnr <= end)
        pieces.append(Piece(here, "\n".join(lines[start:end]).strip("\n")))
    imports = {str(one.toname): str(one.name) for one in statements if isinstance(one, DefineImport)}
    return ModelText(namespace, imports, tuple(pieces))


def _above(lines: list[str], start: int) -> int:
    while start > 0 and lines[start - 1].startswith("#"):
        start -= 1
    return start


def inside(node: object) -> Iterator[Any]:
    """
    A statement and all that it consists of.

    :param node: the statement
    """
    yield from _inside(node, set())


def _inside(node: object, seen: set[int]) -> Iterator[Any]:
    match node:
        case list() | tuple() | set():
            for item in node:
                yield from _inside(item, seen)
        case dict():
            yield from _inside(list(node.values()), seen)
        case Statement() | BasicBlock() if id(node) not in seen:
            seen.add(id(node))
            yield node
            for value in _fields(node):
                yield from _inside(value, seen)


def _fields(node: object) -> Iterator[object]:
    yield from vars(node).values() if hasattr(node, "__dict__") else ()
    for kind in type(node).__mro__:
        for slot in _slots(kind):
            name = f"_{kind.__name__.lstrip('_')}{slot}" if slot.startswith("__") else slot
            if hasattr(node, name):
                yield getattr(node, name)


def _slots(kind: type) -> tuple[str, ...]:
    slots = kind.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)
