"""Compiling what is generated, without any instance, and finding the place in the description for what the compiler says."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from service_generator.errors import DescriptionError
from service_generator.installed import parse
from service_generator.model.services import Module
from service_generator.projects import compiled_project

if TYPE_CHECKING:
    from inmanta.ast import CompilerException

_NO_INSTANCES = "lsm_no_instances"


def compile_module(module: Module, files: Mapping[Path, str]) -> None:
    """
    Compile the model of a module.

    :param module: the description
    :param files: all generated files, by path relative to the folder of the module
    :raises DescriptionError: the compiler refuses the model
    """
    # Late: only this command compiles.
    from inmanta import compiler
    from inmanta.ast import CompilerException

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_project(folder, module, files)
        with without_instances(), compiled_project(folder):
            try:
                compiler.do_compile()
            except CompilerException as error:
                raise _explained(error, folder / "libs" / module.name, module) from error


def _write_project(folder: Path, module: Module, files: Mapping[Path, str]) -> None:
    copy = folder / "libs" / module.name
    shutil.copytree(module.root / "model", copy / "model", dirs_exist_ok=True)
    plugins = module.root / "inmanta_plugins" / module.name
    if plugins.is_dir():
        shutil.copytree(plugins, copy / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in files.items():
        # A module of the first generation, which need not be installed, has its Python in another folder.
        parts = ("plugins", *path.parts[2:]) if path.parts[0] == "inmanta_plugins" else path.parts
        target = copy.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (copy / "module.yml").write_text(f"name: {module.name}\nversion: 0.0.1\nlicense: none\n", encoding="utf-8")
    with suppress(FileNotFoundError):
        shutil.copytree(module.root / "files", folder / "files")
    (folder / "project.yml").write_text("name: check\nmodulepath: libs\n", encoding="utf-8")
    imports = [f"import {space.name}{'::lsm' if space.services else ''}\n" for space in module.namespaces]
    (folder / "main.cf").write_text("".join(imports), encoding="utf-8")


@contextmanager
def without_instances() -> Iterator[None]:
    """Compiles know no instance of any service."""
    before = os.environ.get(_NO_INSTANCES)
    os.environ[_NO_INSTANCES] = "true"
    try:
        yield
    finally:
        del os.environ[_NO_INSTANCES]
        if before is not None:
            os.environ[_NO_INSTANCES] = before


def _explained(error: "CompilerException", folder: Path, module: Module) -> DescriptionError:
    causes = getattr(error, "others", None) or [error]
    message = " ".join(causes[0].get_message().split()).rstrip(".")
    for location in (cause.get_location() for cause in [*causes, error]):
        if location is None:
            continue
        path = Path(location.file).resolve()
        # An installed module is compiled where it is.
        for model in ((folder / "model").resolve(), (module.root / "model").resolve()):
            if path.is_relative_to(model):
                where = _described(path, location.lnr, model, module.name)
                return DescriptionError(f"the compiler refuses what is generated for it: {message}. Correct it.", where=where)
    return DescriptionError(f"the compiler refuses the model: {message}. Correct it.", where=module.source)


def _described(path: Path, line: int, model: Path, module: str) -> str:
    """The class and attribute, as far as the model tells."""
    from inmanta.ast.statements.assign import SetAttribute
    from inmanta.ast.statements.define import DefineEntity, DefineImplementation

    parts = path.relative_to(model).with_suffix("").parts
    namespace = "::".join([module, *(part for part in parts if part != "_init")])
    owner = member = ""
    for statement in parse(namespace, path):
        if statement.location is None or statement.location.lnr > line:
            continue
        match statement:
            case DefineEntity():
                owner, member = str(statement.name), ""
                for attribute in statement.attributes:
                    if attribute.name.location.lnr <= line:
                        member = str(attribute.name).partition("__")[0]
            case DefineImplementation():
                owner, member = str(statement.entity).rpartition("::")[2], ""
                for inner in statement.block.get_stmts():
                    if inner.location is None or inner.location.lnr > line:
                        break
                    if isinstance(inner, SetAttribute) and str(inner.instance) == "self" and not inner.list_only:
                        member = str(inner.attribute_name)
    return f"{owner}.{member}" if member else owner or namespace
