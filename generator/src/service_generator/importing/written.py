"""The description of a hand-written module, as files."""

from dataclasses import dataclass
from pathlib import Path

from service_generator.errors import WriteError
from service_generator.importing.compiled import compile_namespace
from service_generator.importing.description import description
from service_generator.importing.python import docstring, literal
from service_generator.importing.services import read_services
from service_generator.installed import forget_modules


@dataclass(frozen=True)
class Written:
    """What an import wrote."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...]
    """What the description does not say, a sentence each."""


def import_services(namespace: str, folder: Path) -> Written:
    """
    Write the description of the services of a namespace.

    :param namespace: the namespace, like ``module::services::vpn``
    :param folder: the folder of the descriptions
    :raises DescriptionError: there are no such services, or they cannot be described
    :raises WriteError: the file is there already, or cannot be written
    """
    path = folder / f"{namespace.rpartition('::')[2]}.py"
    _check_free(path)
    imported = read_services(compile_namespace(namespace), namespace)
    files = {path: description(imported)}
    kept = {Path("model", kept): text for kept, text in imported.kept.files.items()}
    for target in kept:
        if target.exists():
            raise WriteError(f"{target} exists. Move it: what the description does not say is kept there.")
    files |= kept
    module = namespace.split("::")[0]
    if not (folder / "__init__.py").exists():
        files[folder / "__init__.py"] = _package(module, folder)
    plugins = Path("inmanta_plugins", module)
    if plugins.is_dir() and not (plugins / "config.py").exists() and not (plugins / "config").exists():
        files[plugins / "config.py"] = _configuration(module)
    written: list[Path] = []
    try:
        for target, text in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8") as file:
                written.append(target)
                file.write(text)
    except OSError as error:
        for target in written:
            target.unlink(missing_ok=True)
        raise WriteError(f"{error}. Name another place, or make this one writable.") from error
    # Whoever goes on reads what was written.
    forget_modules()
    notes = [f"What implementations do is kept as it is written, in {target}." for target in kept]
    return Written(tuple(files), (*notes, *imported.notes))


def _check_free(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise WriteError(f"{path} exists. Move it, or name another folder with --output.")
    if path.with_suffix("").is_dir():
        raise WriteError(f"{path.with_suffix('')} exists, and a folder and a file cannot have the same name. Move it.")


def _package(module: str, folder: Path) -> str:
    return f"""{docstring(f"The descriptions of the services of the module {module}, one file per namespace.")}

from pathlib import Path

from service_generator import ServiceModule

from inmanta_plugins.{module}.config import Config

{module} = ServiceModule({literal(module)}, Path(__file__).resolve().parents[{_depth(folder)}], Config)

config = {module}.config
"""


def _configuration(module: str) -> str:
    return f"""{docstring(f"The configuration of the module {module}.")}

from typing import Any

from inmanta.plugins import plugin
from pydantic import BaseModel


class Config(BaseModel):
    {docstring("The keys of the configuration, with their defaults.")}


@plugin
def get_config() -> "dict":
    {docstring("The configuration, for the model.")}
    found: dict[str, Any] = Config().model_dump(mode="json")
    return found
"""


def _depth(folder: Path) -> int:
    # The module is where the command is run, as its descriptions are named from there.
    home, absolute = Path.cwd().resolve(), folder.resolve()
    return len(absolute.relative_to(home).parts) if absolute.is_relative_to(home) else 1
