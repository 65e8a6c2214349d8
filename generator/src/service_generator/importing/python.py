"""Python text: values, calls and docstrings, as a formatter leaves them."""

import builtins
import json
from collections.abc import Iterable, Mapping, Set

WIDTH = 120


def literal(value: object) -> str:
    """
    A value as Python writes it, with double quotes.

    :param value: plain data
    """
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
        case tuple():
            return "(" + ", ".join(literal(item) for item in value) + ("," if len(value) == 1 else "") + ")"
        case list():
            return "[" + ", ".join(literal(item) for item in value) + "]"
    return repr(value)


def call(before: str, arguments: Iterable[str], indent: int = 0) -> str:
    """
    A call on one line, or with an argument a line where it does not fit.

    :param before: what precedes the parenthesis: an assignment with the function, or the function alone
    :param arguments: the arguments, as text
    :param indent: how far the line is indented
    """
    given = list(arguments)
    line = f"{' ' * indent}{before}({', '.join(given)})"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    inner = "".join(f"{' ' * (indent + 4)}{argument},\n" for argument in given)
    return f"{' ' * indent}{before}(\n{inner}{' ' * indent})"


def docstring(text: str, indent: int = 0) -> str:
    """
    A docstring, with a paragraph a line.

    :param text: what it says
    :param indent: how far it is indented
    """
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if "\n" not in escaped and not escaped.endswith('"'):
        return f'{" " * indent}"""{escaped}"""'
    margin = " " * indent
    lines = [f"{margin}{line}".rstrip() for line in escaped.splitlines()]
    return "\n".join([f'{margin}"""', *lines, f'{margin}"""'])


class Names:
    """What a file imports, where its own names leave room for that."""

    def __init__(self, taken: Set[str]) -> None:
        """:param taken: the names that the file gives to its own classes and attributes"""
        self._taken = taken
        self._imports: dict[str, dict[str, str]] = {}

    def use(self, name: str, source: str = "service_generator") -> str:
        """
        A name of another module, as this file calls it.

        :param name: the name there
        :param source: the module
        """
        used = name
        while used in self._taken:
            used = f"{used}_"
        self._imports.setdefault(source, {})[name] = used
        return used

    def built_in(self, name: str) -> str:
        """
        A type that Python has anyway.

        :param name: its name
        """
        assert hasattr(builtins, name)
        return self.use(name, "builtins") if name in self._taken else name

    def lines(self) -> list[str]:
        """The imports, in the order in which they are sorted."""
        found: list[str] = []
        for source in sorted(self._imports, key=lambda source: (source == "service_generator", source)):
            names = [name if name == used else f"{name} as {used}" for name, used in sorted(self._imports[source].items())]
            line = f"from {source} import {', '.join(names)}"
            if len(line) > WIDTH:
                line = f"from {source} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
            if source == "service_generator" and found:
                found.append("")
            found.append(line)
        return found
