"""Where inmanta modules are: those that are installed, and the one that is being described."""

import importlib.util
from pathlib import Path

from service_generator.errors import DescriptionError

_own: dict[str, Path] = {}


def register(name: str, root: Path) -> None:
    """
    Say where the module is that descriptions belong to, which need not be installed.

    :param name: its name
    :param root: its folder
    """
    _own.clear()
    _own[name] = root


def is_own(name: str) -> bool:
    """
    Whether a module is the one that is being described.

    :param name: its name
    """
    return name in _own


def locate(name: str) -> tuple[Path, Path]:
    """
    The folder of a module, and that of its Python side.

    :param name: the name of the module
    :raises DescriptionError: no such module is installed
    """
    if name in _own:
        return _own[name], _own[name] / "inmanta_plugins" / name
    try:
        spec = importlib.util.find_spec(f"inmanta_plugins.{name}") if name.isidentifier() else None
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise DescriptionError(f"no inmanta module {name} is installed. Install inmanta-module-{name.replace('_', '-')}.")
    package = Path(spec.origin).resolve().parent
    # A module that is installed as a wheel has its model inside the package, an editable one next to inmanta_plugins.
    return (package if (package / "setup.cfg").exists() else package.parents[1]), package


def model_files(name: str, root: Path) -> dict[str, Path]:
    """
    The files of a model, by namespace.

    :param name: the name of the module
    :param root: its folder
    """
    model = root / "model"
    found: dict[str, Path] = {}
    for path in sorted(model.rglob("*.cf")):
        parts = path.relative_to(model).with_suffix("").parts
        found["::".join([name, *(part for part in parts if part != "_init")])] = path
    return found
