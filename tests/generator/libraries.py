"""The modules of the tests among the libraries of a project, as if they were installed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).parent
SHOWROOM = """
import integration_example::services::basic::lsm
import showroom::services::firewall::lsm
import showroom::services::firewall::audit
import showroom::services::hosting::lsm
import showroom::services::routers::lsm
import showroom::services::vpn::lsm
"""
"""A model that offers all services of the module ``showroom``."""


@contextmanager
def library(project: str, module: Path) -> Iterator[None]:
    """
    Have a module among the libraries of a project meanwhile.

    :param project: the folder of the project
    :param module: the folder of the module, which is called as it is
    """
    copy = Path(project, "libs", module.name)
    shutil.copytree(module / "model", copy / "model")
    plugins = module / "inmanta_plugins" / module.name
    shutil.copytree(plugins, copy / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "module.yml").write_text(f"name: {module.name}\nversion: 0.0.1\nlicense: Apache-2.0\n", encoding="utf-8")
    try:
        yield
    finally:
        shutil.rmtree(copy)


@contextmanager
def showroom(project: str) -> Iterator[None]:
    """
    Have the module ``showroom`` among the libraries of a project meanwhile, with the configuration of what it imports.

    :param project: the folder of the project
    """
    configuration = Path(project, "files", "integration-example-config.yml")
    configuration.parent.mkdir(exist_ok=True)
    configuration.touch()
    with library(project, FOLDER / "showroom"):
        yield
