"""
Set the project up in a virtual environment of its own, and run one of its tasks there.

    python3 bootstrap.py [TASK [OPTION...]]

The environment is the folder ``.venv`` next to this file. It is made when it is not there yet and brought up to date when
the pinned dependencies or the packages of this repository changed, so the command can be run again at any time. Without a
task nothing else happens. The tasks are those of ``tasks.py``; ``python3 bootstrap.py --list`` names them.

This file runs before anything is installed, and on a Python that may be too old for the rest: it uses nothing but the
standard library and syntax that every Python from 3.8 on understands.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Dict, List

MINIMUM = (3, 12)
ROOT = pathlib.Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
# In the order of their dependencies. The licensed packages can take the place of the first two.
PACKAGES = ["openlsm/inmanta-lsm", "openlsm/inmanta-module-lsm", "openlsm/inmanta-embedded-orchestrator", "."]


class SetupError(Exception):
    """What stands in the way of setting the project up, in one sentence."""


def find_python() -> str:
    """
    Find a Python that is recent enough: the one that runs this file, else one of that name on the path.

    :return: Its path.
    :raises SetupError: When there is none.
    """
    if sys.version_info >= MINIMUM:
        return sys.executable
    for name in ("python3.12", "python3.13", "python3.14"):
        candidate = shutil.which(name)
        if candidate is not None and subprocess.call([candidate, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return candidate
    raise SetupError(
        f"This project needs Python {MINIMUM[0]}.{MINIMUM[1]} or later. {sys.executable} is {sys.version.split()[0]}, "
        "and there is no python3.12 on the path: install one, and run this command again."
    )


def fingerprint() -> str:
    """
    Summarise everything that decides what has to be installed, and where.

    :return: A digest that changes when an installation is due.
    """
    digest = hashlib.sha256(str(ROOT).encode())
    files = [f"{package}/{name}" for package in PACKAGES for name in ("pyproject.toml", "setup.cfg")]
    for path in [ROOT / name for name in ["requirements.txt", *files]]:
        if path.exists():
            digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_installed() -> bool:
    """
    Tell whether the environment is there and up to date.

    :return: Whether nothing has to be installed.
    """
    return VENV_PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint()


def is_usable() -> bool:
    """
    Tell whether the environment has a Python that starts, is recent enough and has pip. In a folder that was moved, or whose
    Python was removed, it has not.

    :return: Whether packages can be installed in it.
    """
    check = f"import pip, sys; sys.exit(sys.version_info < {MINIMUM!r})"
    return VENV_PYTHON.exists() and subprocess.call([str(VENV_PYTHON), "-c", check], stderr=subprocess.DEVNULL) == 0


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


def install() -> None:
    """
    Make the environment when there is no usable one, and install in it the pinned dependencies and the packages of this
    repository, the latter in place so that an edit takes effect at once.

    :raises SetupError: When something can't be installed.
    """
    if not is_usable():
        python = find_python()
        shutil.rmtree(VENV, ignore_errors=True)
        print("Making the virtual environment .venv", flush=True)
        run(python, "-m", "venv", str(VENV))
    if STAMP.exists():
        STAMP.unlink()
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    print("Installing the pinned dependencies", flush=True)
    run(*pip, "--requirement", "requirements.txt")
    print("Installing the packages of this repository", flush=True)
    # No build isolation: the build back-end is one of the pinned dependencies, and is not fetched once more.
    run(*pip, "--no-build-isolation", *(word for package in PACKAGES for word in ("--editable", str(ROOT / package))))
    STAMP.write_text(fingerprint())


def main(arguments: List[str]) -> int:
    """
    Set up, then run a task.

    :param arguments: The task and its options, as invoke takes them.
    :return: The exit code.
    """
    try:
        if not is_installed():
            install()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments:
        sys.stdout.flush()
        os.chdir(str(ROOT))
        os.execve(str(VENV_PYTHON), [str(VENV_PYTHON), "-m", "invoke", *arguments], environment())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
