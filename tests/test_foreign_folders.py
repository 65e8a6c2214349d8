"""Tests of folders that another user of the orchestrator's machine owns or has linked: nothing is deployed into them."""

import os
import pathlib
import sys
import uuid

import inmanta.plugins
import pytest
import pytest_inmanta.plugin

from inmanta_plugins.integration_example import config, foreign_paths
from tests import configuration_file

OTHER = 12345

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="Only root can make something of another user.")


def give_away(path: pathlib.Path) -> None:
    """Make something another user's."""
    os.chown(path, OTHER, OTHER, follow_symlinks=False)


@pytest.mark.parametrize("below", ["", "deeper", "deeper/still"])
def test_a_link_of_another_user_is_told(tmp_path: pathlib.Path, below: str) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    give_away(tmp_path / "link")

    problem = foreign_paths.problem(tmp_path / "link" / below, None)

    assert problem == f"{tmp_path / 'link'} is a link of another user (user id {OTHER}), who can have it lead anywhere"


@pytest.mark.parametrize("below", ["", "deeper", "deeper/still"])
def test_a_folder_of_another_user_is_told(tmp_path: pathlib.Path, below: str) -> None:
    tmp_path.chmod(0o1777)
    (tmp_path / "folder" / "deeper").mkdir(parents=True)
    give_away(tmp_path / "folder")

    problem = foreign_paths.problem(tmp_path / "folder" / below, None)

    assert problem == f"{tmp_path / 'folder'} belongs to another user (user id {OTHER}), who can change all that is in it"


def test_an_own_link_into_a_folder_of_another_user_is_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "target").mkdir()
    give_away(tmp_path / "target")
    (tmp_path / "link").symlink_to("target")

    assert "belongs to another user" in str(foreign_paths.problem(tmp_path / "link", None))


def test_a_folder_of_another_user_on_the_way_is_how_the_machine_is_set_up(tmp_path: pathlib.Path) -> None:
    (tmp_path / "home" / "folder").mkdir(parents=True)
    give_away(tmp_path / "home")

    assert foreign_paths.problem(tmp_path / "home" / "folder", None) is None


@pytest.mark.parametrize("below", ["", "new", "new/newer"])
def test_what_is_ours_is_fine_and_so_is_what_does_not_exist(tmp_path: pathlib.Path, below: str) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to("target")

    assert foreign_paths.problem(tmp_path / "link" / below, None) is None


def test_a_folder_of_the_owner_that_the_configuration_names_is_fine(tmp_path: pathlib.Path) -> None:
    (tmp_path / "folder").mkdir()
    os.chown(tmp_path / "folder", 1, 1)

    assert foreign_paths.problem(tmp_path / "folder", "daemon") is None
    assert foreign_paths.problem(tmp_path / "folder", "nobody") is not None
    assert foreign_paths.problem(tmp_path / "folder", "no such user") is not None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/var/lib/inmanta/server/6f1c4b1e-1f59-4c8e-9a53-3f0a5b3f9c11/compiler", True),
        ("/var/lib/inmanta/server/6f1c4b1e-1f59-4c8e-9a53-3f0a5b3f9c11/other", False),
        ("/tmp/tmpabc/compiler", False),
        ("/", False),
        ("compiler", False),
        (".", False),
    ],
)
def test_a_compile_of_an_orchestrator_is_known_by_its_folder(path: str, expected: bool) -> None:
    assert config.is_compiled_by_a_server(path) is expected


@pytest.mark.parametrize("key", ["items_folder", "orders_folder"])
def test_a_compile_of_an_orchestrator_is_refused_in_one_sentence(
    project: pytest_inmanta.plugin.Project,
    configure: configuration_file.Configure,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: pathlib.Path,
    key: str,
) -> None:
    (tmp_path / "folder").mkdir()
    give_away(tmp_path / "folder")
    path = configure({"important_customer_service": {key: (tmp_path / "folder").as_uri()}})
    project.compile("import integration_example")
    # A compile may have imported the module again.
    for module in (config, sys.modules[config.__name__]):
        monkeypatch.setattr(module, "is_compiled_by_a_server", lambda path: True)

    with pytest.raises(inmanta.plugins.PluginException) as error:
        config.refuse_foreign_folders(config.Config.get())
    with pytest.raises(Exception, match="nothing is deployed into the folder"):
        project.compile("import integration_example")

    message = str(error.value)
    assert message.startswith(f"{path}: nothing is deployed into the folder")
    assert f"important_customer_service.{key}" in message
    assert "belongs to another user" in message
    assert "\n" not in message


def test_a_compile_of_an_orchestrator_is_known_in_its_working_directory(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / str(uuid.uuid4()) / "compiler"
    project.mkdir(parents=True)
    monkeypatch.chdir(project)

    assert config.is_compiled_by_a_server(".")
