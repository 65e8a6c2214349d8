"""
The tasks of the project, for invoke: ``inv --list`` names them.

They run in the project's virtual environment; ``python3 bootstrap.py TASK`` sets that up first.
"""

import configparser
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tomllib

import yaml
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

import bootstrap
import side_by_side
import wheels

PYTHON = shlex.quote(sys.executable)
# What can be made again, at no cost but time.
LEFT_BEHIND = (
    ".coverage*",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "build",
    "dist",
)
# Checked one by one: each has modules of its own named conftest.
TYPED = (
    "bootstrap.py conftest.py side_by_side.py tasks.py wheels.py generator demo benchmarks soak",
    "tests inmanta_plugins/integration_example",
    "openlsm/inmanta-lsm",
    "openlsm/inmanta-module-lsm/inmanta_plugins/lsm openlsm/inmanta-module-lsm/tests",
    "openlsm/inmanta-warm-compiler",
    "openlsm/inmanta-embedded-orchestrator",
    "openlsm/inmanta-services",
)
# They run side by side, each in a process of its own: the modules and plugins that a compile imports stay in its process, so
# there is one in each whose tests compile there. The others are divided such that all three take as long as each other.
SUITES = (
    "tests demo",
    "openlsm/inmanta-lsm",
    "openlsm/inmanta-module-lsm openlsm/inmanta-warm-compiler openlsm/inmanta-embedded-orchestrator openlsm/inmanta-services",
)
# What has to come out the same whether compiles are warm, as by default, or cold.
COLD_SUITES = ("openlsm/inmanta-lsm/tests/acceptance", "openlsm/inmanta-lsm/tests/crash")
# What is left of the tests when those that take long are left out.
FAST = "not full and not set_up"
# Of the tests in several processes: groups stay together, and what takes longest starts first.
ORDER = "--dist loadgroup --no-loadscope-reorder"
# pytest's exit code when no test fits the selection.
NO_TEST = 5


def exit_code(command: str, *more: str, given: str | None = None) -> int:
    """
    Run a command in the project's folder, with what it prints shown as it comes. No shell sees it: folders have any name.

    :param command: the command, whose words are separated by blanks; quotes keep a word together
    :param more: more words, each as it is
    :param given: what it reads
    :return: its exit code
    """
    sys.stdout.flush()
    words = [*shlex.split(command), *more]
    process = subprocess.run(words, cwd=bootstrap.ROOT, env=bootstrap.environment(), input=given, text=True, check=False)
    return process.returncode


def run(command: str, *more: str, given: str | None = None) -> None:
    """
    Run a command that is to succeed, otherwise as :func:`exit_code` does.

    :param command: the command
    :param more: more words, each as it is
    :param given: what it reads
    :raises Exit: with the exit code of the command when it fails
    """
    if code := exit_code(command, *more, given=given):
        raise Exit(code=code)


def program(name: str) -> str:
    """
    Give the command that runs a program of this environment. It is not run by its first line, which is for a shell and does not
    escape the path of Python.

    :param name: of the program
    """
    return f"{PYTHON} {shlex.quote(str(pathlib.Path(sys.executable).with_name(name)))}"


def distribution(package: str) -> str:
    """
    Give the name of the distribution that a package of this repository is.

    :param package: its folder, from that of the project
    """
    folder = bootstrap.ROOT / package
    if (folder / "setup.cfg").exists():
        metadata = configparser.ConfigParser()
        metadata.read(folder / "setup.cfg", encoding="utf-8")
        return metadata["metadata"]["name"]
    project: dict[str, str] = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    return project["name"]


@task
def install(context: Context) -> None:
    """Install the pinned dependencies and the packages of this repository, again even when nothing changed."""
    folder = pathlib.Path(sys.prefix)
    try:
        bootstrap.Environment(folder, sys.executable, sys.version_info[:2]).install()
    except bootstrap.SetupError as error:
        raise Exit(str(error), code=1) from error


@task
def lock(context: Context) -> None:
    """Renew the pinned dependencies, for each Python, from the direct ones of the packages and the group dev of pyproject."""
    # Versions by name, and nothing of where they were found.
    options = "--no-header --no-annotate --no-emit-index-url --no-emit-find-links --upgrade --quiet --group dev"
    left_out = " ".join(f"--no-emit-package {distribution(package)}" for package in bootstrap.PACKAGES)
    packages = "\n".join(f"./{package}" for package in bootstrap.PACKAGES)
    for version, pins in (("3.13", bootstrap.PINS["current"]), ("3.12", bootstrap.PINS["older"])):
        compile_ = (
            f"{PYTHON} -m uv pip compile --native-tls {options} {left_out} --python {PYTHON} --python-version {version} -"
        )
        run(f"{compile_} --output-file {pins}", given=packages)


@task(help={"watch": "Go on, and write again whenever a description changes."})
def generate(context: Context, watch: bool = False) -> None:
    """Write the model that the descriptions in generator/ give."""
    run(f"{PYTHON} -m generator generate {'--watch' if watch else ''}")


@task
def check(context: Context) -> None:
    """Compare the checked-in model with what the descriptions give, and show the difference."""
    run(f"{PYTHON} -m generator check")


@task(
    help={
        "fast": "Leave out what takes long: the full tests, which need an orchestrator, and those of the set-up.",
        "keyword": "Run the tests whose names fit an expression only, as pytest takes it.",
        "number": "How many tests of each suite run at the same time, as suites do; 0 for all one by one, in this terminal.",
        "arguments": "More arguments for pytest, in one string.",
        "cold": "Run the acceptance and the crash tests alone, and have their orchestrators compile cold.",
        "few": "Try few of the examples that tests make up, where another run has tried all.",
    }
)
def test(
    context: Context,
    fast: bool = False,
    keyword: str = "",
    number: int = 1,
    arguments: str = "",
    cold: bool = False,
    few: bool = False,
) -> None:
    """Run the tests. The full ones run on the embedded orchestrator, unless pytest-inmanta-lsm is told of another one."""
    chosen = [f"-m {shlex.quote(FAST)}"] if fast else []
    chosen += [f"-k {shlex.quote(keyword)}"] if keyword else []
    chosen += ["--hypothesis-profile few"] if few else []
    selection = " ".join(chosen)
    suites = COLD_SUITES if cold else SUITES
    if cold:
        os.environ["INMANTA_TEST_COLD_COMPILES"] = "1"
    if number == 0:
        codes = [exit_code(f"{PYTHON} -m pytest {suite} {selection} {arguments}") for suite in suites]
    else:
        selection += f" -n {number} {ORDER}" if number > 1 else ""
        selection += " --color=yes" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ""
        # Unbuffered: tests show that they go on.
        commands = [shlex.split(f"{PYTHON} -u -m pytest {suite} {selection} {arguments}") for suite in suites]
        sys.stdout.flush()
        codes = side_by_side.run(commands, bootstrap.ROOT, bootstrap.environment())
    if failed := [code for code in codes if code not in (0, NO_TEST)]:
        raise Exit(code=failed[0])
    if NO_TEST in codes and 0 not in codes:
        raise Exit("No test fits the selection.", code=NO_TEST)


@task
def ci(context: Context) -> None:
    """Run all that every change must pass, as CI does: the generated model, style, types, the tests on each Python."""
    run(".ci/run")


@task(help={"full": "With the full tests, which need an orchestrator."})
def coverage(context: Context, full: bool = False) -> None:
    """Run the tests, and show which lines of the code they do not reach; build/coverage has them in colour."""
    selection = "" if full else "-m 'not full'"
    options = "--cov --cov-report=term:skip-covered --cov-report=html"
    run(f"{PYTHON} -m pytest tests openlsm -n 2 {ORDER} {options} {selection}")


@task(help={"fast": "Leave out the types, which take minutes the first time."})
def lint(context: Context, fast: bool = False) -> None:
    """Check style, which way imports go, and types."""
    run(f"{PYTHON} -m ruff check .")
    run(f"{PYTHON} -m ruff format --check .")
    run(program("lint-imports"))
    for paths in () if fast else TYPED:
        run(f"{PYTHON} -m mypy --num-workers auto {paths}")


@task(name="format")
def format_(context: Context) -> None:
    """Format the Python code."""
    run(f"{PYTHON} -m ruff check --fix .")
    run(f"{PYTHON} -m ruff format .")


@task(
    help={
        "keep": "Leave the orchestrator and the services running.",
        "console": "With --keep: a folder with a web console, for the orchestrator to serve.",
    }
)
def demo(context: Context, keep: bool = False, console: str = "") -> None:
    """Take both services through their life on an orchestrator of their own, and show what happens."""
    # Tasks run in the project's folder, whatever folder they are called from.
    served = f"--console {shlex.quote(str(pathlib.Path(console).absolute()))}" if console else ""
    run(f"{PYTHON} -m demo {'--keep' if keep else ''} {served}")


@task
def audit(context: Context) -> None:
    """Look the pinned dependencies, of each Python, up among the known vulnerabilities."""
    failed = []
    for pins in bootstrap.PINS.values():
        print(f"{pins}:", flush=True)
        try:
            # Strict: what could not be looked up is no good news.
            run(f"{PYTHON} -m uv tool run --native-tls pip-audit --strict --no-deps --disable-pip --requirement {pins}")
        except Exit:
            failed.append(pins)
    if failed:
        raise Exit(f"See above what is known, or could not be looked up, about {' and '.join(failed)}.", code=1)


@task
def screenshots(_context: Context) -> None:
    """Make the pictures of the pages in docs/images anew, with an orchestrator of their own and Chromium."""
    run(f"{PYTHON} -m demo.screenshots")


@task
def catalog(context: Context) -> None:
    """Print what the service catalog holds: both services with their attributes, and their lifecycle."""
    run(f"{PYTHON} -m demo.catalog")


@task(help={"plot": "Measure warm compiles alone, and draw the plot of them in docs/."})
def bench(context: Context, plot: bool = False) -> None:
    """Measure, and print ratios of what was measured in this one run."""
    run(f"{PYTHON} -m benchmarks {'--plot' if plot else ''}")


def embedded(folder: str, command: str) -> None:
    """
    Run a command of the embedded orchestrator.

    :param folder: what it keeps everything in, from the project's folder; empty for its own default
    :param command: the command, its words separated by blanks
    """
    run(f"{program('inmanta-embedded')} {f'--folder {shlex.quote(folder)}' if folder else ''} {command}")


FOLDER = "The folder of the orchestrator, such as .inmanta-embedded/demo; .inmanta-embedded/default if not given."


@task(help={"folder": FOLDER, "statement": "SQL to run, instead of a session."})
def psql(context: Context, folder: str = "", statement: str = "") -> None:
    """Open the database of a running embedded orchestrator."""
    embedded(folder, f"psql {f'-c {shlex.quote(statement)}' if statement else ''}")


@task(help={"folder": FOLDER, "of": "Which log: server, output, supervisor, postgres.", "lines": "How many lines at the end."})
def logs(context: Context, folder: str = "", of: str = "server", lines: int = 50) -> None:
    """Show the end of a log of an embedded orchestrator."""
    embedded(folder, f"logs --of {shlex.quote(of)} --lines {lines}")


@task
def build(context: Context) -> None:
    """Build the wheels of all packages, and SHA256SUMS for them, in dist/. Nothing is downloaded."""
    try:
        built = wheels.build(bootstrap.PACKAGES, bootstrap.ROOT / "dist")
    except wheels.BuildError as error:
        raise Exit(str(error), code=1) from error
    for wheel in built:
        print(wheel.relative_to(bootstrap.ROOT))


@task
def clean(context: Context) -> None:
    """Remove what checks, tests and builds left behind. Orchestrators stay, but for those of test runs that are over."""
    from inmanta_embedded.layout import BASE_FOLDER
    from inmanta_embedded.testing import run_folder

    for pattern in LEFT_BEHIND:
        for path in bootstrap.ROOT.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    for folder, inner, _ in bootstrap.ROOT.walk():
        if "__pycache__" in inner:
            shutil.rmtree(folder / "__pycache__")
        inner[:] = [name for name in inner if name != "__pycache__" and not name.startswith(".")]
    for folder in run_folder.remove_abandoned(bootstrap.ROOT / BASE_FOLDER):
        print(f"Removed {folder.relative_to(bootstrap.ROOT)}")


@task(help={"minutes": "How long to work.", "seed": "Decides what happens."})
def soak(context: Context, minutes: float = 30.0, seed: int = 0) -> None:
    """Work on an orchestrator while it is killed, stopped and cut off, and check at the end that nothing was lost."""
    run(f"{PYTHON} -m soak --minutes {minutes} --seed {seed}")


@task
def test_env_vars(context: Context) -> None:
    """Print the variables for full tests on the licensed container: export $(inv test-env-vars)."""
    variables = yaml.safe_load((bootstrap.ROOT / ".ci-integration-tests.yml").read_text())["environment"]
    for name, value in variables.items():
        print(f"{name}={value}")
