"""Tests of the wheels: each holds its whole package, under the version of its metadata, and the checksums are theirs."""

import pathlib
import subprocess
import zipfile
from importlib.metadata import version

import pytest

import bootstrap
import tasks
import wheels

MODULES = {".": "integration_example", "openlsm/inmanta-module-lsm": "lsm"}


# They are built once, by one worker.
pytestmark = [pytest.mark.set_up, pytest.mark.xdist_group("wheels")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with the wheels of all packages, where older ones were before."""
    folder = tmp_path_factory.mktemp("dist")
    (folder / "inmanta_lsm-0.0.1-py3-none-any.whl").touch()
    wheels.build(bootstrap.PACKAGES, folder)
    return folder


def wheel(built: pathlib.Path, package: str) -> zipfile.ZipFile:
    """Open the wheel of a package."""
    name = tasks.distribution(package)
    return zipfile.ZipFile(built / f"{name.replace('-', '_')}-{version(name)}-py3-none-any.whl")


def test_there_is_one_wheel_of_each_package_with_the_version_of_its_metadata(built: pathlib.Path) -> None:
    for package in bootstrap.PACKAGES:
        with wheel(built, package) as archive:
            metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            assert f"Version: {version(tasks.distribution(package))}\n" in archive.read(metadata).decode()
    assert len(list(built.glob("*.whl"))) == len(bootstrap.PACKAGES)


def test_the_checksums_are_those_of_the_wheels(built: pathlib.Path) -> None:
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", wheels.CHECKSUMS], cwd=built, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count(": OK") == len(bootstrap.PACKAGES)


@pytest.mark.parametrize("package", bootstrap.PACKAGES)
def test_a_wheel_holds_every_file_of_its_package(built: pathlib.Path, package: str) -> None:
    folder = bootstrap.ROOT / package
    if package in MODULES:
        within = f"inmanta_plugins/{MODULES[package]}"
        wanted = {f"{within}/setup.cfg"}
        for data in ("model", "files", "templates"):
            wanted |= {f"{within}/{name}" for name in files(folder, folder / data)}
        wanted |= files(folder, folder / within)
    else:
        wanted = files(folder / "src", folder / "src")
    with wheel(built, package) as archive:
        assert wanted - set(archive.namelist()) == set()
        assert any(name.endswith("/LICENSE") for name in archive.namelist())


def files(base: pathlib.Path, folder: pathlib.Path) -> set[str]:
    """The files below a folder that belong to it, by their paths from a folder above it."""
    return {
        path.relative_to(base).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path)
    }


def test_what_cannot_be_built_leaves_the_wheels_of_before(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "root" / "broken"
    (broken / "src").mkdir(parents=True)
    (tmp_path / "root" / "LICENSE").touch()
    (broken / "pyproject.toml").write_text("[project]\nname = 'broken'\n")
    kept = tmp_path / "dist" / "kept-1-py3-none-any.whl"
    kept.parent.mkdir()
    kept.touch()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path / "root")

    with pytest.raises(wheels.BuildError, match="The package in broken could not be built"):
        wheels.build(["broken"], kept.parent)

    assert list(kept.parent.iterdir()) == [kept]
