"""
Set the project up in a virtual environment of its own, and run one of its tasks there.

    python3 bootstrap.py [--python X.Y] [TASK [OPTION...]]

The environment is the folder ``.venv`` next to this file. It is made when it is not there yet and brought up to date when
the pinned dependencies or the packages of this repository changed, so the command can be run again at any time. Without a
task nothing else happens. The tasks are those of ``tasks.py``; ``python3 bootstrap.py --list`` names them.

The newest Python that the project knows is taken. ``--python 3.12`` asks for another one, in an environment of its own,
``.venv-3.12``: each has its own set of pinned dependencies, as older releases of inmanta need an older Python.

This file runs before anything is installed, and on a Python that may be too old for the rest: it uses nothing but the
standard library and syntax that every Python from 3.8 on understands.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Dict, Iterator, List, Optional, Tuple

Version = Tuple[int, int]

MINIMUM = (3, 12)
# The first Python of the current releases of inmanta. The pins of the older one hold below it.
CURRENT = (3, 13)
# In the order of preference.
PYTHONS = ((3, 13), (3, 14), (3, 12))
ROOT = pathlib.Path(__file__).resolve().parent
PINS = {"current": "requirements.txt", "older": "requirements-3.12.txt"}
# In the order of their dependencies. The licensed packages can take the place of the first two.
PACKAGES = ["openlsm/inmanta-lsm", "openlsm/inmanta-module-lsm", "openlsm/inmanta-embedded-orchestrator", "generator", "."]


class SetupError(Exception):
    """What stands in the way of setting the project up, in one sentence."""


class Environment:
    """
    A virtual environment of the project.

    :param folder: Where it is.
    :param python: The Python to make it with.
    :param version: The version of that Python.
    """

    def __init__(self, folder: pathlib.Path, python: str, version: Version) -> None:
        self.folder = folder
        self.python = python
        self.version = version
        self.venv_python = folder / "bin" / "python"
        self.stamp = folder / "installed"
        self.pins = PINS["current" if version >= CURRENT else "older"]

    def fingerprint(self) -> str:
        """
        Summarise everything that decides what has to be installed, and where.

        :return: A digest that changes when an installation is due.
        """
        digest = hashlib.sha256(f"{ROOT} {self.version}".encode())
        files = [f"{package}/{name}" for package in PACKAGES for name in ("pyproject.toml", "setup.cfg")]
        for path in [ROOT / name for name in [self.pins, *files]]:
            if path.exists():
                digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def is_installed(self) -> bool:
        """
        Tell whether the environment is there and up to date.

        :return: Whether nothing has to be installed.
        """
        return self.venv_python.exists() and self.stamp.exists() and self.stamp.read_text() == self.fingerprint()

    def is_usable(self) -> bool:
        """
        Tell whether the environment has a Python that starts, is the right one and has pip. In a folder that was moved, or
        whose Python was removed, it has not.

        :return: Whether packages can be installed in it.
        """
        check = f"import pip, sys; sys.exit(sys.version_info[:2] != {self.version!r})"
        return self.venv_python.exists() and starts(str(self.venv_python), check)

    def install(self) -> None:
        """
        Make the environment when there is no usable one, and install in it the pinned dependencies and the packages of this
        repository, the latter in place so that an edit takes effect at once.

        :raises SetupError: When something cannot be installed.
        """
        if not self.is_usable():
            shutil.rmtree(self.folder, ignore_errors=True)
            print(f"Making the virtual environment {self.folder.name}", flush=True)
            run(self.python, "-m", "venv", str(self.folder))
        if self.stamp.exists():
            self.stamp.unlink()
        pip = [str(self.venv_python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        print("Installing the pinned dependencies", flush=True)
        run(*pip, "--requirement", self.pins)
        print("Installing the packages of this repository", flush=True)
        # No build isolation: the build back-end is one of the pinned dependencies, and is not fetched once more.
        editable = [word for package in PACKAGES for word in ("--editable", str(ROOT / package))]
        run(*pip, "--no-build-isolation", *editable)
        self.stamp.write_text(self.fingerprint())


def starts(python: str, check: str = "") -> bool:
    """
    Tell whether a Python can be started: a version manager may have commands for some that it does not let through here.

    :param python: Its path.
    :param check: What it has to run without an error.
    :return: Whether it ran.
    """
    return subprocess.call([python, "-c", check], stderr=subprocess.DEVNULL) == 0


def candidates(version: Version) -> Iterator[str]:
    """
    Name the places where a Python may be: the one that runs this file, one on the path, one of a version manager.

    :param version: Its version.
    :return: The paths that there are.
    """
    if sys.version_info[:2] == version:
        yield sys.executable
    name = f"python{version[0]}.{version[1]}"
    on_path = shutil.which(name)
    if on_path is not None:
        yield on_path
    managed = pathlib.Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")) / "versions"
    for path in sorted(managed.glob(f"{version[0]}.{version[1]}.*/bin/{name}")):
        yield str(path)


def find_environment(wanted: Optional[str]) -> Environment:
    """
    Choose the environment, and the Python for it.

    :param wanted: The version that was asked for, such as ``3.12``; None for the newest that the project knows.
    :return: The environment, which may still have to be made.
    :raises SetupError: When there is no such Python, or it is not one for this project.
    """
    names = {f"{major}.{minor}": (major, minor) for major, minor in PYTHONS}
    if wanted is not None and wanted not in names:
        raise SetupError(f"--python {wanted}: this project runs on Python {', '.join(sorted(names))}; name one of these.")
    for version in PYTHONS if wanted is None else (names[wanted],):
        for python in candidates(version):
            if starts(python):
                return Environment(ROOT / (".venv" if wanted is None else f".venv-{wanted}"), python, version)
    raise SetupError(
        f"There is no Python {wanted} on the path: install it, and run this command again."
        if wanted is not None
        else f"This project needs Python {MINIMUM[0]}.{MINIMUM[1]} or later. {sys.executable} is "
        f"{sys.version.split()[0]}, and there is no python3.13 on the path: install one, and run this command again."
    )


def environment() -> Dict[str, str]:
    """
    Give the environment variables for everything that is started: as they are, but for the one that makes every start of
    Python compile all of its code again, three seconds each with inmanta.

    :return: The variables by name.
    """
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(*command: str) -> None:
    """
    Run a command in the project's folder, and show what it printed only when it fails.

    :param command: The command and its arguments.
    :raises SetupError: When it fails.
    """
    process = subprocess.run(
        command,
        cwd=str(ROOT),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if process.returncode != 0:
        sys.stderr.write(process.stdout.decode(errors="replace"))
        raise SetupError(f"'{' '.join(command)}' failed, see above.")


def main(arguments: List[str]) -> int:
    """
    Set up, then run a task.

    :param arguments: The version of Python if one is asked for, then the task and its options, as invoke takes them.
    :return: The exit code.
    """
    wanted = None
    if arguments[:1] == ["--python"]:
        wanted, arguments = "".join(arguments[1:2]), arguments[2:]
    try:
        project = find_environment(wanted)
        if not project.is_installed():
            project.install()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments:
        sys.stdout.flush()
        os.chdir(str(ROOT))
        python = str(project.venv_python)
        os.execve(python, [python, "-m", "invoke", *arguments], environment())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
