"""Where in the description files something is that a message names."""

import ast
import sys
from pathlib import Path
from types import ModuleType

from service_generator.errors import DescriptionError
from service_generator.places import Place


def located(error: DescriptionError, sources: list[ModuleType]) -> DescriptionError:
    """
    The same error, with the line of the class and attribute that it names.

    :param error: the error
    :param sources: the description files
    """
    if error.place is not None or not error.where:
        return error
    name = error.where.rpartition(": ")[2].removeprefix("shared resource ")
    owner, _, member = name.partition(".")
    for source in sources:
        place = _find(source, owner, member)
        if place is not None:
            return error.at(place)
    return error


def _find(source: ModuleType, owner: str, member: str) -> Place | None:
    path = source.__file__
    shown = source.__name__.replace(".", "/")
    shown = f"{shown}/__init__.py" if hasattr(sys.modules.get(source.__name__), "__path__") else f"{shown}.py"
    if path is None or shown == owner:
        return None
    for statement in ast.parse(Path(path).read_bytes()).body:
        if isinstance(statement, ast.ClassDef) and statement.name == owner:
            found = next((part for part in statement.body if member and member in _names(part)), None)
            return Place(shown, found.lineno if found is not None else statement.lineno)
        if owner in _names(statement):
            return Place(shown, statement.lineno)
    return None


def _names(statement: ast.stmt) -> set[str]:
    match statement:
        case (
            ast.AnnAssign(target=ast.Name(id=name))
            | ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.ClassDef(name=name)
        ):
            return {name}
        case ast.TypeAlias(name=ast.Name(id=name)):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
    return set()
