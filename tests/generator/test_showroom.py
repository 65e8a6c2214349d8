"""
What services in the wild need: descriptions in the style of network and data centre models (see the folder ``showroom``) give
the catalog that they should, and their services go through their lives.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_inmanta.plugin
from pytest_inmanta_lsm.lsm_project import LsmProject

FOLDER = Path(__file__).parent / "showroom"
MODEL = """
import integration_example::services::basic::lsm
import showroom::services::firewall::lsm
import showroom::services::firewall::audit
import showroom::services::hosting::lsm
import showroom::services::routers::lsm
import showroom::services::vpn::lsm
"""


@pytest.fixture
def lsm(project: pytest_inmanta.plugin.Project, lsm_project: LsmProject) -> Iterator[LsmProject]:
    """A project with the services of the module in its catalog."""
    folder = Path(project._test_project_dir, "libs", "showroom")
    shutil.copytree(FOLDER / "model", folder / "model")
    plugins = FOLDER / "inmanta_plugins" / "showroom"
    shutil.copytree(plugins, folder / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "module.yml").write_text("name: showroom\nversion: 0.0.1\nlicense: Apache-2.0\n", encoding="utf-8")
    configuration = Path(project._test_project_dir, "files", "integration-example-config.yml")
    configuration.parent.mkdir(exist_ok=True)
    configuration.touch()
    lsm_project.export_service_entities(MODEL)
    yield lsm_project
    shutil.rmtree(folder)


def test_x(lsm: LsmProject) -> None:
    pass
