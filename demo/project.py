"""The inmanta project of the demo: both services, and where the second one puts its files."""

import uuid
from pathlib import Path

import yaml
from inmanta_embedded import Orchestrator

from demo.errors import DemoError
from inmanta_plugins.integration_example.config import is_line

MODEL = """\
import integration_example::services::basic::lsm
import integration_example::services::important_customer::lsm
"""


def deployed(folder: Path) -> Path:
    """
    Where the services put their files.

    :param folder: of the orchestrator
    """
    return folder / "deployed"


def check(deployed: Path) -> None:
    """
    Look at where the services are to put their files, before anything is started.

    :param deployed: the folder
    :raises DemoError: when no resource can be in it
    """
    if "]" in str(deployed) or not is_line(str(deployed)):
        raise DemoError(
            f"The demo cannot deploy files into {str(deployed)!r}, as the name of a resource holds no ] and no control "
            "character: move the project, and run this command again."
        )


def write(orchestrator: Orchestrator, environment: uuid.UUID, deployed: Path, basic_services: int | None = None) -> None:
    """
    Write the project.

    :param orchestrator: compiles it
    :param environment: id of the environment for which it does
    :param deployed: where the services put their files
    :param basic_services: for how many basic services there are numbers; as many as the module has by default if not given
    """
    configuration: dict[str, object] = {
        "important_customer_service": {
            "orders_folder": (deployed / "orders").as_uri(),
            "items_folder": (deployed / "items").as_uri(),
        }
    }
    if basic_services is not None:
        configuration["basic_service"] = {"unique_id_range": {"start": 0, "end": basic_services - 1}}
    files = {"files/integration-example-config.yml": yaml.safe_dump(configuration)}
    orchestrator.write_project(environment, MODEL, files)
    deployed.mkdir(parents=True, exist_ok=True)
