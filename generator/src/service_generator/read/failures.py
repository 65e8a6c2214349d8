"""What goes wrong while Python runs a description, as the error of the generator, with the place in the file."""

import ast
import re
import traceback
from pathlib import Path

from service_generator.dsl.places import RECORDER
from service_generator.errors import DescriptionError
from service_generator.places import Place

_STAND_INS = frozenset({"Reference", "Condition", "Elements", "Instance", "Settings", "Shared", "PartSymbol", "PreviousSymbol"})
"""The classes of what stands for values, which are no words for people."""


def failure(error: Exception | SystemExit, where: str = "") -> DescriptionError:
    """
    The error of the generator for any exception that a description raises.

    :param error: what was raised; an error of the generator stays what it is
    :param where: the place to name, when the error doesn't name one yet
    """
    if isinstance(error, DescriptionError):
        return error.within(where).at(line_of(error))
    if isinstance(error, SystemExit):
        return DescriptionError("it ends the program. Take exit(...) away.", where=where, place=line_of(error))
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    what = f"{type(error).__name__}: {text.rstrip('.')}" if text else type(error).__name__
    remedy = "Correct it."
    if isinstance(error, UnicodeDecodeError):
        remedy = "Save it as UTF-8."
    elif isinstance(error, TypeError) and set(re.findall(r"\w+", text)) & _STAND_INS:
        what = (
            f"{type(error).__name__}: a function of Python is given a value that is not known yet when the model is generated"
        )
        remedy = "Use a plugin of a module, like std.json_dumps(...), or a function of your own in a description file."
    rule = f"Python cannot run it: {what}. {remedy}"
    return DescriptionError(rule, where=where, place=line_of(error))


def line_of(error: BaseException) -> Place | None:
    """
    The line of a description, as deep down as possible, that an exception was raised in.

    :param error: the exception
    """
    found: Place | None = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        if RECORDER in frame.f_globals:
            name = str(frame.f_globals["__name__"]).replace(".", "/")
            found = Place(f"{name}/__init__.py" if "__path__" in frame.f_globals else f"{name}.py", line)
    return found


def place(error: BaseException, folder: Path, shown: str) -> tuple[str, Place | None]:
    """
    Where in the files of a package an exception was raised, as deep down as possible.

    While a class body is run, nothing is known about the class yet but the line; what that line is about is read from the text.

    :param error: the exception
    :param folder: the folder of the package
    :param shown: how to call that folder
    :return: the class and attribute when it is in the body of one, and the line; nothing when it is in no file of them
    """
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((Path(error.filename), error.lineno))
    found = [(path, line) for path, line in frames if line and path.is_relative_to(folder)]
    if not found:
        return "", None
    path, line = found[-1]
    described = "" if isinstance(error, SyntaxError) else _described(path, line) or ""
    return described, Place(f"{shown}/{path.relative_to(folder).as_posix()}", line)


def _described(path: Path, line: int) -> str | None:
    for statement in ast.parse(path.read_bytes()).body:
        if isinstance(statement, ast.ClassDef) and _spans(statement, line):
            name = next((_name(member) for member in statement.body if _spans(member, line)), None)
            return f"{statement.name}.{name}" if name else statement.name
    return None


def _spans(statement: ast.stmt, line: int) -> bool:
    decorators = (
        statement.decorator_list if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) else []
    )
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    return first <= line <= (statement.end_lineno or line)


def _name(member: ast.stmt) -> str | None:
    match member:
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name
    return None
