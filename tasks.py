"""
The tasks of the project, for invoke: ``inv --list`` names them.

They run in the project's virtual environment; ``python3 bootstrap.py TASK`` sets that up first.
"""

import configparser
import io
import pathlib
import shlex
import sys
import tomllib

import yaml
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

import bootstrap

PYTHON = shlex.quote(sys.executable)
# Checked one by one: each has modules of its own named conftest.
TYPED = (
    "bootstrap.py conftest.py tasks.py generator demo benchmarks soak tests inmanta_plugins/integration_example",
    "openlsm/inmanta-lsm",
    "openlsm/inmanta-module-lsm/inmanta_plugins/lsm openlsm/inmanta-module-lsm/tests",
    "openlsm/inmanta-embedded-orchestrator",
    "openlsm/inmanta-services",
)


def run(context: Context, command: str, **options: object) -> None:
    """
    Run a command in the project's folder, with what it prints shown as it comes.

    :param context: Where invoke runs commands.
    :param command: The command, for a shell.
    :param options: More options for invoke.
    """
    with context.cd(bootstrap.ROOT):
        context.run(command, env=bootstrap.environment(), replace_env=True, pty=sys.stdout.isatty(), **options)


def distribution(package: str) -> str:
    """
    Give the name of the distribution that a package of this repository is.

    :param package: its folder, from that of the project.
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
        run(context, f"{compile_} --output-file {pins}", in_stream=io.StringIO(packages))


@task
def generate(context: Context) -> None:
    """Write the model that the descriptions in generator/ give."""
    run(context, f"{PYTHON} -m generator generate")


@task
def check(context: Context) -> None:
    """Compare the checked-in model with what the descriptions give, and show the difference."""
    run(context, f"{PYTHON} -m generator check")


@task(
    help={
        "fast": "Leave out the full tests, which need an orchestrator.",
        "arguments": "More arguments for pytest, in one string.",
    }
)
def test(context: Context, fast: bool = False, arguments: str = "") -> None:
    """Run the tests. The full ones run on the embedded orchestrator, unless pytest-inmanta-lsm is told of another one."""
    selection = "-m 'not full'" if fast else ""
    run(context, f"{PYTHON} -m pytest tests demo openlsm -n 2 --dist loadgroup {selection} {arguments}")


@task
def lint(context: Context) -> None:
    """Check style, which way imports go, and types."""
    run(context, f"{PYTHON} -m ruff check .")
    run(context, f"{PYTHON} -m ruff format --check .")
    run(context, shlex.quote(str(pathlib.Path(sys.executable).with_name("lint-imports"))))
    for paths in TYPED:
        run(context, f"{PYTHON} -m mypy {paths}")


@task(name="format")
def format_(context: Context) -> None:
    """Format the Python code."""
    run(context, f"{PYTHON} -m ruff check --fix .")
    run(context, f"{PYTHON} -m ruff format .")


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
    run(context, f"{PYTHON} -m demo {'--keep' if keep else ''} {served}")


@task
def catalog(context: Context) -> None:
    """Print what the service catalog holds: both services with their attributes, and their lifecycle."""
    run(context, f"{PYTHON} -m demo.catalog")


@task
def bench(context: Context) -> None:
    """Measure, and print ratios of what was measured in this one run."""
    run(context, f"{PYTHON} -m benchmarks")


@task(help={"minutes": "How long to work.", "seed": "Decides what happens."})
def soak(context: Context, minutes: float = 30.0, seed: int = 0) -> None:
    """Work on an orchestrator while it is killed, stopped and cut off, and check at the end that nothing was lost."""
    run(context, f"{PYTHON} -m soak --minutes {minutes} --seed {seed}")


@task
def test_env_vars(context: Context) -> None:
    """Print the variables for full tests on the licensed container: export $(inv test-env-vars)."""
    variables = yaml.safe_load((bootstrap.ROOT / ".ci-integration-tests.yml").read_text())["environment"]
    for name, value in variables.items():
        print(f"{name}={value}")
