"""The inmanta project that the server compiles for an environment, where all that it needs is installed already."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from inmanta_embedded import alias, processes


def write(folder: Path, model: str, files: Mapping[str, str]) -> None:
    """
    Write a project, with an environment of its own.

    :param folder: where the server expects it
    :param model: the text of its main.cf
    :param files: more files, and their text, by their path in the project
    """
    # Agents refuse a project that names no source of packages, also where nothing is to be installed.
    description = {"name": "project", "modulepath": "libs", "pip": {"use_system_config": True}}
    content = {"project.yml": yaml.safe_dump(description), "main.cf": model, **files}
    (folder / "libs").mkdir(parents=True, exist_ok=True)
    for path, text in content.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    make_environment(folder)


def make_environment(folder: Path) -> None:
    """
    Give a project a virtual environment on top of the one of this process.

    The server makes one itself when it compiles a project without, and installs the project then, which takes longer than the
    compile and changes nothing where all is there. That is left to it where only its own paths are digestible.

    :param folder: of the project
    """
    from inmanta.env import VirtualEnv

    if not all(map(alias.is_digestible, (folder, processes.python()))):
        return
    environment = VirtualEnv(str(folder / ".env"))
    if not environment.exists():
        environment.init_env()
