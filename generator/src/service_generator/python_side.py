"""What the Python side of inmanta modules defines: plugins, allocators and resources, found without importing it."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service_generator.errors import DescriptionError
from service_generator.module_folders import locate


def identity_of(resource: str) -> tuple[str, str] | None:
    """
    What the Python side of a module says that a resource is told apart by.

    :param resource: the full name of its entity
    :return: the attribute with its id, and the first attribute on the way to its agent; None where there is no handler
    """
    if resource.startswith("@"):
        return None
    return _identity(resource, locate(resource.split("::")[0])[1])


@cache
def _identity(resource: str, package: Path) -> tuple[str, str] | None:
    for path in sorted(package.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8-sig")).body:
            for decorator in node.decorator_list if isinstance(node, ast.ClassDef) else []:
                found = _resource_decorator(decorator)
                if found.get("name") == resource and "id_attribute" in found and "agent" in found:
                    return found["id_attribute"], found["agent"].split(".")[0]
    return None


def _resource_decorator(decorator: ast.expr) -> dict[str, str]:
    if not isinstance(decorator, ast.Call) or getattr(decorator.func, "id", getattr(decorator.func, "attr", "")) != "resource":
        return {}
    names = ("name", "id_attribute", "agent")
    given = {
        **dict(zip(names, decorator.args, strict=False)),
        **{word.arg: word.value for word in decorator.keywords if word.arg},
    }
    return {
        name: value.value for name, value in given.items() if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }


@dataclass(frozen=True)
class PluginSignature:
    """What a plugin is called with; the first arguments may be given by position."""

    positional: tuple[str, ...]
    needed: frozenset[str]
    accepted: frozenset[str]
    more_positional: bool
    more_named: bool


def plugins_of(name: str) -> dict[str, PluginSignature]:
    """
    The plugins of a module, by name within the module; its model is not looked at.

    :param name: the name of the module, like ``std``
    :raises DescriptionError: no such module is installed
    """
    return _plugins(locate(name)[1])


@cache
def _plugins(package: Path) -> dict[str, PluginSignature]:
    found: dict[str, PluginSignature] = {}
    for path in sorted(package.rglob("*.py")):
        parts = [part for part in path.relative_to(package).with_suffix("").parts if part != "__init__"]
        for function in _functions(path):
            plugin = _plugin_name(function)
            if plugin is not None:
                found["::".join([*parts, plugin])] = _signature(function)
    return found


def _functions(path: Path) -> list[ast.FunctionDef]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8-sig"))
    except SyntaxError as error:
        raise DescriptionError(
            f"Python cannot run it: {error.msg}. Correct it.", where=f"{path}, line {error.lineno}"
        ) from error
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _plugin_name(function: ast.FunctionDef) -> str | None:
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
        if name in ("plugin", "allocator"):
            given = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
            return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else function.name
    return None


def _signature(function: ast.FunctionDef) -> PluginSignature:
    arguments = function.args
    positional = [argument for argument in (*arguments.posonlyargs, *arguments.args) if not _is_context(argument)]
    without_default = positional[: len(positional) - len(arguments.defaults)] if arguments.defaults else positional
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    needed = {argument.arg for argument in without_default} | {argument.arg for argument, default in named if default is None}
    accepted = {argument.arg for argument in (*positional, *arguments.kwonlyargs)}
    return PluginSignature(
        tuple(argument.arg for argument in positional),
        frozenset(needed),
        frozenset(accepted),
        arguments.vararg is not None,
        arguments.kwarg is not None,
    )


def _is_context(argument: ast.arg) -> bool:
    annotation = argument.annotation
    if isinstance(annotation, ast.Constant):
        return str(annotation.value).rpartition(".")[2] == "Context"
    name = annotation.id if isinstance(annotation, ast.Name) else getattr(annotation, "attr", "")
    return name == "Context"


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
        if function.name == name and _plugin_name(function) is not None:
            defaults = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
            arguments = {argument.arg: default is None for argument, default in defaults}
            return frozenset(n for n, needed in arguments.items() if needed), frozenset(arguments)
    return None
