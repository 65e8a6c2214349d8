"""Packages of descriptions: which files there are, and which namespaces of the model they stand for."""

import importlib
import pkgutil
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from service_generator.dsl.configuration import ServiceModule
from service_generator.errors import DescriptionError
from service_generator.module_folders import register
from service_generator.read.failures import failure, place
from service_generator.read.rewriting import is_rewritten, rewriting


@dataclass(frozen=True)
class Package:
    """A Python package of descriptions, and the inmanta module that they describe."""

    name: str
    root: Path
    module: str

    def namespace_of(self, source: str, what: str) -> str:
        """
        The namespace of the model that a description file stands for.

        :param source: the Python module of the file
        :param what: what is defined there, for the message
        :raises DescriptionError: the file is not part of the package
        """
        if not source.startswith(f"{self.name}."):
            raise DescriptionError(f"{what} is defined outside of {self.name}. Move it to a file of that package.")
        parent = self.name.rpartition(".")[0]
        parts = source.removeprefix(f"{parent}." if parent else "").split(".")
        return "::".join([self.module, *parts])

    def python_file(self, namespace: str) -> Path:
        """
        The Python file whose plugins belong to a namespace.

        :param namespace: a namespace of the module
        """
        module, *parts = namespace.split("::")
        return self.root.joinpath("inmanta_plugins", module, *parts).with_suffix(".py")

    def source_of(self, source: str) -> str:
        """
        The path of a description file, relative to the repository.

        :param source: the Python module of the file
        """
        path = source.replace(".", "/")
        return f"{path}/__init__.py" if hasattr(sys.modules.get(source), "__path__") else f"{path}.py"


def load(name: str) -> tuple[Package, list[ModuleType]]:
    """
    Import all description files of a package.

    :param name: the package, like ``generator.services``; it defines one :class:`ServiceModule`
    :return: the package and its modules, in the order of their names
    :raises DescriptionError: the package defines no service module, or a description breaks a rule
    """
    try:
        package = _fresh(name)
    except ModuleNotFoundError as error:
        raise DescriptionError(f"there is no Python package {error.name}.", where=name) from error
    except (Exception, SystemExit) as error:
        raise failure(error, name) from error
    modules = [found for found in vars(package).values() if isinstance(found, ServiceModule)]
    if len(modules) != 1:
        raise DescriptionError(f"{name} defines {len(modules)} service modules. Define one: ServiceModule(...).")
    register(modules[0].name, modules[0].root)
    folder = Path(package.__path__[0])
    _check_files(folder, name)
    sources = sorted(_names(folder, name))
    described = Package(name, modules[0].root, modules[0].name)
    return described, [_import(source, described, folder) for source in sources]


def _fresh(name: str) -> ModuleType:
    # A package that was imported as plain Python is imported once more, as descriptions.
    if name in sys.modules and not is_rewritten(sys.modules[name]):
        for loaded in [loaded for loaded in sys.modules if loaded == name or loaded.startswith(f"{name}.")]:
            del sys.modules[loaded]
    with rewriting(name):
        return importlib.import_module(name)


def _names(folder: Path, package: str) -> list[str]:
    found: list[str] = []
    for info in pkgutil.iter_modules([str(folder)], f"{package}."):
        found.append(info.name)
        if info.ispkg:
            found += _names(folder / info.name.rpartition(".")[2], info.name)
    return found


def _check_files(folder: Path, package: str) -> None:
    for path in sorted(folder.rglob("*.py")):
        if path.with_suffix("").is_dir() and path.name != "__init__.py":
            shown = package.replace(".", "/") + "/" + path.relative_to(folder).as_posix()
            raise DescriptionError(
                f"there is a folder of the same name beside it, and Python would only read that. Rename one of {shown} and "
                f"{shown.removesuffix('.py')}/.",
                where=shown,
            )


def _import(source: str, package: Package, folder: Path) -> ModuleType:
    try:
        with rewriting(package.name):
            return importlib.import_module(source)
    except (Exception, SystemExit) as error:
        # Any exception: whatever Python says about a description is meant for the one who writes it.
        where, line = place(error, folder, package.name.replace(".", "/"))
        raise failure(error, where or ("" if line else package.source_of(source))).at(line) from error
