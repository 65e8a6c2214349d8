"""The command itself, which the modules next to this one add theirs to."""

import importlib.metadata

import click

from inmanta_services.cli.application import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(importlib.metadata.version("inmanta-services"), prog_name="inmanta-services")
def main() -> None:
    """
    Services of an inmanta orchestrator with LSM: see them, order them, watch them, and keep their inventory in files.

    The orchestrator is the one that options name, else variables, else a file .inmanta in the working directory (that of
    inmanta's own commands), else an embedded one in the working directory. An INSTANCE is SERVICE/IDENTITY, such as
    Network/core, or an id.

    Exit code: 0 done, 1 not done, 2 wrong usage, 3 done but it failed, 4 there are differences (where that is asked for).
    """
