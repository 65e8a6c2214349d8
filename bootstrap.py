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

import ast
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

Version = Tuple[int, int]

MINIMUM = (3, 12)
# The first Python of the current releases of inmanta. The pins of the older one hold below it.
CURRENT = (3, 13)
# In the order of preference.
PYTHONS = ((3, 13), (3, 14), (3, 12))
ROOT = pathlib.Path(__file__).resolve().parent
PINS = {"current": "requirements.txt", "older": "requirements-3.12.txt"}
# What inmanta accepts in no path of an environment, as the script that activates one may not quote them.
UNQUOTED = {*'"$`'}
# Variables of Python that would reach into ours: other code, other places, no assertions, no compiled code that is kept.
FOREIGN = (
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHOME",
    "PYTHONOPTIMIZE",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONSAFEPATH",
    "PYTHONUSERBASE",
    "VIRTUAL_ENV",
)
# The settings of pip that say where packages come from, and how they are reached.
PIP_SOURCES = (
    "cache-dir",
    "cert",
    "client-cert",
    "default-timeout",
    "extra-index-url",
    "find-links",
    "index-url",
    "keyring-provider",
    "no-cache-dir",
    "no-index",
    "proxy",
    "retries",
    "timeout",
    "trusted-host",
)
# In the order of their dependencies. The licensed packages can take the place of the first two.
PACKAGES = [
    "openlsm/inmanta-lsm",
    "openlsm/inmanta-module-lsm",
    "openlsm/inmanta-warm-compiler",
    "openlsm/inmanta-embedded-orchestrator",
    "openlsm/inmanta-services",
    "generator",
    ".",
]


class SetupError(Exception):
    """What stands in the way of setting the project up, in one sentence."""


class Environment:
    """
    A virtual environment of the project.

    :param folder: where it is
    :param python: the Python to make it with
    :param version: the version of that Python
    """

    def __init__(self, folder: pathlib.Path, python: str, version: Version) -> None:
        self.folder = folder
        self.python = python
        self.version = version
        self.venv_python = folder / "bin" / "python"
        self.pins = PINS["current" if version >= CURRENT else "older"]
        # The first thing in the folder, and what may be removed by it.
        self.owned = folder / "made-by-bootstrap"
        # There only while all that it tells is installed.
        self.stamp = folder / "installed"

    def fingerprint(self) -> str:
        """
        Summarise everything that decides what has to be installed.

        :return: a digest that changes when an installation is due
        """
        digest = hashlib.sha256()
        files = [f"{package}/{name}" for package in PACKAGES for name in ("pyproject.toml", "setup.cfg")]
        for name in [self.pins, *files]:
            if (ROOT / name).exists():
                digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes() + b"\0")
        return digest.hexdigest()

    def stamped(self) -> List[str]:
        """
        Read for what the environment was installed.

        :return: its path and the fingerprint; nothing when no installation came to its end
        """
        try:
            return self.stamp.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            return []

    def is_usable(self) -> bool:
        """
        Tell whether the environment can be run. It cannot after an installation that was interrupted, in a folder that was
        moved or copied, and when its Python was removed or is another version by now.

        :return: whether all that is in it works
        """
        found = "importlib.util.find_spec('invoke') and sys.version_info[:2]"
        check = f"import importlib.util, sys; sys.exit(({found}) != {self.version!r})"
        return self.stamped()[:1] == [str(self.folder)] and starts(str(self.venv_python), check)

    def is_installed(self) -> bool:
        """
        Tell whether the environment is there and up to date.

        :return: whether nothing has to be installed
        """
        return self.stamped() == [str(self.folder), self.fingerprint()] and self.is_usable()

    def make(self) -> None:
        """
        Make the environment anew, in place of one that is not usable.

        :raises SetupError: when its folder is not ours to remove, or it cannot be made
        """
        ours = self.owned.exists() or self.stamp.exists()
        if self.folder.is_symlink() or (self.folder.exists() and not ours and any(self.folder.iterdir())):
            raise SetupError(
                f"{self.folder} is there, but was not made by this command: move it away, and run this command again."
            )
        print(f"Making the virtual environment {self.folder.name}", flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(exist_ok=True)
        self.owned.touch()
        # A pip of its own takes seconds to put there, and the Python of a distribution may have none to give.
        run(self.python, "-m", "venv", *(["--without-pip"] if self.has_pip() else []), str(self.folder))

    def has_pip(self) -> bool:
        """
        Tell whether the Python that makes the environment can install into it, too.

        :return: whether it has pip
        """
        return starts(self.python, "import pip")

    def pip(self) -> List[str]:
        """
        Give the command that installs into the environment.

        :return: the pip of the Python that makes it, or its own where that has none
        """
        if self.has_pip():
            return [self.python, "-m", "pip", "--python", str(self.venv_python)]
        return [str(self.venv_python), "-m", "pip"]

    def parts(self) -> List[str]:
        """
        Divide the pinned dependencies, for several pips at the same time: most of what one does is to wait for an index, and to
        read what that says of each. They do not get in each other's way where there is nothing to replace, not even pip.

        :return: files of them, as many as there are cores up to four; each part is worth a pip
        """
        pins = [line for line in (ROOT / self.pins).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
        count = min(os.cpu_count() or 1, 4, len(pins) // 25)
        if count < 2 or not self.has_pip():
            return [self.pins]
        for number in range(count):
            (self.folder / f"pins-{number}.txt").write_text("\n".join(pins[number::count]), encoding="utf-8")
        return [f"{self.folder.name}/pins-{number}.txt" for number in range(count)]

    def install(self) -> None:
        """
        Make the environment when there is no usable one, and install in it the pinned dependencies and the packages of this
        repository, the latter in place so that an edit takes effect at once.

        :raises SetupError: when something cannot be installed
        """
        pins = [self.pins]
        if not self.is_usable():
            self.make()
            pins = self.parts()
        if self.stamp.exists():
            self.stamp.unlink()
        pip = self.pip()
        settings = pip_settings(pip[:3])
        pip += ["install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        print("Installing the pinned dependencies", flush=True)
        run_all([[*pip, "--no-compile", "--requirement", part] for part in pins], settings)
        # What pip does on one core goes faster on all. What cannot be compiled is not, as with pip.
        command = [str(self.venv_python), "-m", "compileall", "-qq", "-j", "0", str(self.folder / "lib")]
        silent = subprocess.DEVNULL
        subprocess.call(command, env=environment(), stdin=silent, stdout=silent, stderr=silent)
        print("Installing the packages of this repository", flush=True)
        # No build isolation: the build back-end is one of the pinned dependencies, and is not fetched once more. By relative
        # paths: of an absolute one, pip takes what follows a bracket or a hash for something else.
        editable = [word for package in PACKAGES for word in ("--editable", f"./{package}")]
        # The back-end writes into the folders of the packages, which those of another Python are installed from too.
        with locked(".venv-packages.lock", "another set-up to install them"):
            run(*pip, "--no-build-isolation", *editable, variables=settings)
        self.stamp.write_text(f"{self.folder}\n{self.fingerprint()}\n", encoding="utf-8")

    def prepare(self) -> None:
        """
        Bring the environment up to date, once, however many ask for it at the same time.

        :raises SetupError: when something cannot be installed
        """
        if self.is_installed():
            return
        with locked(f"{self.folder.name}.lock", f"another set-up of {self.folder.name}"):
            if not self.is_installed():
                self.install()


@contextlib.contextmanager
def locked(name: str, others: str) -> Iterator[None]:
    """
    Do something in one process at a time.

    :param name: of the lock, a file in the project's folder
    :param others: what is waited for, as the user is told
    """
    with (ROOT / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Waiting for {others}", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pip_settings(pip: List[str]) -> Dict[str, str]:
    """
    Give the settings of the user's pip that say where packages come from, and none of those that say where they go.

    :param pip: the command
    :return: the variables for pip
    """
    listing = subprocess.run(
        [*pip, "config", "list"],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    found: Dict[str, str] = {}
    # The most specific last: for all commands, for installations, from the environment.
    for section in ("global.", "install.", ":env:."):
        for line in listing.stdout.decode(errors="replace").splitlines():
            key, _, value = line.partition("=")
            if key.startswith(section) and key[len(section) :] in PIP_SOURCES:
                found[key[len(section) :]] = str(ast.literal_eval(value))
    settings = {f"PIP_{key.upper().replace('-', '_')}": value for key, value in found.items()}
    return {**settings, "PIP_CONFIG_FILE": os.devnull}


def starts(python: str, check: str = "") -> bool:
    """
    Tell whether a Python can be started: a version manager may have commands for some that it does not let through here.

    :param python: its path
    :param check: what it has to run without an error
    :return: whether it ran
    """
    try:
        return subprocess.call([python, "-c", check], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def candidates(version: Version) -> Iterator[str]:
    """
    Name the places where a Python may be: the one that runs this file, one on the path, one of a version manager.

    :param version: its version
    :return: the paths that there are
    """
    if sys.version_info[:2] == version:
        # Not the one of an active virtual environment: that may be the one to make anew.
        yield getattr(sys, "_base_executable", sys.executable)
    name = f"python{version[0]}.{version[1]}"
    on_path = shutil.which(name)
    if on_path is not None:
        yield on_path
    managed = pathlib.Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")) / "versions"
    try:
        found = sorted(managed.glob(f"{version[0]}.{version[1]}.*/bin/{name}"))
    except OSError:
        # The home of another user, which older Pythons do not pass over.
        found = []
    yield from map(str, found)


def find_environment(wanted: Optional[str]) -> Environment:
    """
    Choose the environment, and the Python for it.

    :param wanted: the version that was asked for, such as ``3.12``; None for the newest that the project knows
    :return: the environment, which may still have to be made
    :raises SetupError: when there is no such Python, or it is not one for this project
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


def has_home() -> bool:
    """
    Tell whether programs find the home of the user and may look into it. There is none for a user without a name, and after a
    change of users HOME may be that of another one.

    :return: whether it can be left as it is; a home that does not exist can
    """
    home = pathlib.Path(os.path.expanduser("~"))
    try:
        home.stat()
    except FileNotFoundError:
        return home.is_absolute()
    except OSError:
        return False
    return home.is_dir() and os.access(str(home), os.R_OK | os.X_OK)


def environment() -> Dict[str, str]:
    """
    Give the environment variables for everything that is started: as they are, but for those that lead Python to other code
    than that of its environment, leave out what it checks, or make every start of it compile all of its code again, three
    seconds each with inmanta. A character that the output cannot hold, says PYTHONIOENCODING, is replaced and ends nothing.
    Who has no home gets one in the project.

    :return: the variables by name
    """
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    encoding = kept.get("PYTHONIOENCODING", "")
    if encoding and ":" not in encoding:
        kept["PYTHONIOENCODING"] = f"{encoding}:replace"
    if not has_home():
        kept["HOME"] = str(ROOT / ".home")
    return kept


def open_output() -> None:
    """Lead what was closed nowhere: files that are opened would take its place, and be printed into."""
    while True:
        descriptor = os.open(os.devnull, os.O_RDWR)
        if descriptor > 2:
            os.close(descriptor)
            break
        os.set_inheritable(descriptor, True)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def run(*command: str, variables: Optional[Dict[str, str]] = None) -> None:
    """
    Run a command in the project's folder, and show what it printed only when it fails.

    :param command: the command and its arguments
    :param variables: what takes the place of all variables of pip
    :raises SetupError: when it fails
    """
    run_all([command], variables or {})


def run_all(commands: Sequence[Sequence[str]], variables: Dict[str, str]) -> None:
    """
    Run commands at the same time, as :func:`run` does with one.

    :param commands: the commands and their arguments
    :param variables: what takes the place of all variables of pip
    :raises SetupError: when one fails, after the end of all
    """
    kept = {name: value for name, value in environment().items() if not name.startswith("PIP_")}
    with contextlib.ExitStack() as stack:
        started: List[Tuple[Sequence[str], subprocess.Popen[bytes]]] = []
        try:
            for command in commands:
                process = subprocess.Popen(
                    command,
                    cwd=str(ROOT),
                    env={**kept, **variables},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                )
                started.append((command, stack.enter_context(process)))
            ended = [(command, process, process.communicate()[0]) for command, process in started]
        except BaseException:
            for _, process in started:
                process.kill()
            raise
    for command, process, output in ended:
        if process.returncode != 0:
            sys.stderr.write(output.decode(errors="replace"))
            raise SetupError(f"'{' '.join(command)}' failed, see above.")


def main(arguments: List[str]) -> int:
    """
    Set up, then run a task.

    :param arguments: the version of Python if one is asked for, then the task and its options, as invoke takes them
    :return: the exit code
    """
    open_output()
    wanted = None
    if arguments[:1] == ["--python"]:
        wanted, arguments = "".join(arguments[1:2]), arguments[2:]
    try:
        project = find_environment(wanted)
        project.prepare()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"The project cannot be set up: {error.strerror or error}: {error.filename or ROOT}. Mend that, or move the "
            "project elsewhere, and run this command again.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("Interrupted. The next run sets up what is missing.", file=sys.stderr)
        return 130
    if arguments:
        sys.stdout.flush()
        os.chdir(str(ROOT))
        python = str(project.venv_python)
        if UNQUOTED & {*python}:
            # This process stays in the folder for as long as the task runs.
            python = f"/proc/{os.getpid()}/cwd/{project.venv_python.relative_to(ROOT)}"
        os.execve(python, [python, "-m", "invoke", *arguments], environment())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
