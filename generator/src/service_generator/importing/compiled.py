"""A hand-written module, compiled: the only part of the import that runs the compiler."""

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service_generator.compiling import without_instances
from service_generator.dsl.lifecycles import fsm
from service_generator.errors import DescriptionError
from service_generator.importing.kept import NAME
from service_generator.importing.model_text import ModelText, read_text
from service_generator.installed import close_match, read_module
from service_generator.module_folders import locate, model_files, register
from service_generator.projects import compiled_project


@dataclass(frozen=True)
class Compiled:
    """What a compile found."""

    types: Mapping[str, Any]
    """All types, by full name."""
    lifecycles: Mapping[Any, str]
    """The lifecycles that the lsm module comes with, and their variables."""
    texts: tuple[ModelText, ...] = ()
    """What is written in the module."""
    plugins: frozenset[str] = frozenset()
    """The full names of all plugins."""


def compile_namespace(namespace: str) -> Compiled:
    """
    Compile the module that a namespace is in, without any instance.

    :param namespace: the namespace, like ``module::services``
    :raises DescriptionError: there is no such namespace, or the compiler refuses the module
    """
    # Late: only what compiles needs the compiler.
    from inmanta import compiler
    from inmanta.ast import CompilerException
    from inmanta.plugins import Plugin

    name = namespace.split("::")[0]
    if Path("model").is_dir() and Path("inmanta_plugins", name).is_dir():
        # The command is run in the folder of the module, which need not be installed.
        register(name, Path.cwd())
    known = read_module(name).namespaces
    if namespace not in known:
        raise DescriptionError(f"the module {name} has no namespace {namespace}. {close_match(namespace, known)}")
    with tempfile.TemporaryDirectory() as folder:
        # What an import kept belongs to what is generated, which need not be there.
        _write_project(Path(folder), name, sorted(space for space in known if NAME not in space.split("::")))
        try:
            with without_instances(), compiled_project(Path(folder)):
                types, root = compiler.do_compile()
        except CompilerException as error:
            message = " ".join(_cause(error).format().split()).replace(f"{folder}/libs/{name}/", "").rstrip(".")
            raise DescriptionError(f"the compiler refuses it: {message}. Correct the model first.", where=namespace) from error
    texts = tuple(read_text(space, path) for space, path in model_files(name, locate(name)[0]).items())
    plugins = frozenset(full_name for full_name, found in types.items() if isinstance(found, Plugin))
    return Compiled(types, _lifecycles(root), texts, plugins)


def _cause(error: Any) -> Any:
    causes = error.get_causes()
    return _cause(causes[0]) if causes else error


def _write_project(folder: Path, name: str, namespaces: list[str]) -> None:
    root, package = locate(name)
    copy = folder / "libs" / name
    shutil.copytree(root / "model", copy / "model")
    shutil.copytree(package, copy / "plugins", ignore=shutil.ignore_patterns("__pycache__", "model"))
    (copy / "module.yml").write_text(f"name: {name}\nversion: 0.0.1\nlicense: none\n", encoding="utf-8")
    with suppress(FileNotFoundError):
        shutil.copytree(root / "files", folder / "files")
    (folder / "project.yml").write_text("name: import\nmodulepath: libs\n", encoding="utf-8")
    imports = [f"import {namespace}\n" for namespace in namespaces]
    (folder / "main.cf").write_text("".join(["import lsm::fsm\n", *imports]), encoding="utf-8")


def _lifecycles(root: Any) -> dict[Any, str]:
    from inmanta.execute.proxy import DynamicProxy

    lsm = root.get_child("lsm")
    scope = lsm.get_child("fsm").get_scope()
    names = [name for name in vars(fsm) if not name.startswith("_")]
    return {DynamicProxy.return_value(scope.lookup(name).get_value()): f"lsm::fsm::{name}" for name in names}
