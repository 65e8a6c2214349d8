"""
The wheels of the packages of this repository, and their checksums.

Modules are built as ``inmanta module build`` does it, with their model in their Python package, but from what belongs to the
package only, and with the build tools of this environment: nothing is downloaded.
"""

import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable

import bootstrap

CHECKSUMS = "SHA256SUMS"
# What a module has beside its Python package, and takes into it.
_MODULE_DATA = ("model", "files", "templates")
# What a package is made of; the first one that there is.
_SOURCES = ("src", "inmanta_plugins")
_METADATA = ("pyproject.toml", "setup.cfg", "MANIFEST.in", "README.md")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.egg-info", "*.pyc")


class BuildError(Exception):
    """Why a package could not be built."""


def build(packages: Iterable[str], target: pathlib.Path) -> list[pathlib.Path]:
    """
    Build a wheel of each package. Those of an earlier build are replaced when all are built, and not before.

    :param packages: their folders, from that of the project
    :param target: the folder for the wheels and the file with their checksums
    :return: the wheels
    :raises BuildError: when one cannot be built; then the folder is as it was
    """
    with tempfile.TemporaryDirectory() as temporary:
        built = pathlib.Path(temporary) / "built"
        for number, package in enumerate(packages):
            source = pathlib.Path(temporary) / str(number)
            lay_out(bootstrap.ROOT / package, source)
            _build(package, source, built)
        names = sorted(wheel.name for wheel in built.glob("*.whl"))
        (built / CHECKSUMS).write_text(checksums(built / name for name in names))
        target.mkdir(parents=True, exist_ok=True)
        for old in target.glob("*.whl"):
            old.unlink()
        for name in [*names, CHECKSUMS]:
            shutil.move(built / name, target / name)
    return [target / name for name in names]


def lay_out(package: pathlib.Path, target: pathlib.Path) -> None:
    """
    Copy what a package is made of, laid out as setuptools wants it.

    :param package: its folder
    :param target: a folder to make
    """
    target.mkdir()
    for name in _METADATA:
        if (package / name).exists():
            shutil.copy(package / name, target)
    shutil.copy(bootstrap.ROOT / "LICENSE", target)
    source = next(package / name for name in _SOURCES if (package / name).exists())
    shutil.copytree(source, target / source.name, ignore=_LEFT_OUT)
    if source.name == "src":
        return
    (module,) = (folder for folder in (target / source.name).iterdir() if folder.is_dir())
    shutil.copy(package / "setup.cfg", module)
    for name in _MODULE_DATA:
        if (package / name).exists():
            shutil.copytree(package / name, module / name, ignore=_LEFT_OUT)


def checksums(files: Iterable[pathlib.Path]) -> str:
    """
    Give the checksums of files, as ``sha256sum --check`` takes them.

    :param files: in one folder
    """
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)


def _build(package: str, source: pathlib.Path, target: pathlib.Path) -> None:
    """
    Build one wheel.

    :param package: what people know it by
    :param source: its folder, laid out
    :param target: the folder for the wheel
    """
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target.absolute()), "."]
    # Not in the caller's folder, which may be gone.
    process = subprocess.run(command, cwd=source, env=bootstrap.environment(), capture_output=True, text=True, check=False)
    if process.returncode != 0:
        raise BuildError(f"The package in {package} could not be built:\n{process.stdout[-2000:]}{process.stderr[-2000:]}")
