"""The inmanta project of the demo: both services, and where the second one puts its files."""

import grp
import os
import pwd
from pathlib import Path

import yaml

MODEL = """\
import integration_example::services::basic::lsm
import integration_example::services::important_customer::lsm
"""


def _user_and_group() -> tuple[str, str]:
    """The names of the current user and group; their numbers where the machine knows no names."""
    uid, gid = os.geteuid(), os.getegid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    try:
        group = grp.getgrgid(gid).gr_name
    except KeyError:
        group = str(gid)
    return user, group


def write(folder: Path, deployed: Path) -> None:
    """
    Write the project.

    :param folder: where the orchestrator expects it.
    :param deployed: where the services put their files; the files belong to the current user.
    """
    owner, group = _user_and_group()
    configuration = {
        "important_customer_service": {
            "orders_folder": f"file://{deployed}/orders",
            "items_folder": f"file://{deployed}/items",
            "owner": owner,
            "group": group,
        }
    }
    # All modules are installed where the server runs, but agents want a source of packages to be named.
    description = {"name": "demo", "modulepath": "libs", "pip": {"use_system_config": True}}
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    (folder / "libs").mkdir(exist_ok=True)
    (folder / "main.cf").write_text(MODEL)
    (folder / "project.yml").write_text(yaml.safe_dump(description))
    (files / "integration-example-config.yml").write_text(yaml.safe_dump(configuration))
    deployed.mkdir(parents=True, exist_ok=True)
