"""Completion for shells."""

import click
from click.shell_completion import get_completion_class

from inmanta_services.cli.main import main

_PROGRAM = "inmanta-services"
_VARIABLE = "_INMANTA_SERVICES_COMPLETE"


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """
    Print the script that makes a shell complete commands, services and instances.

    For example in ~/.bashrc: eval "$(inmanta-services completion bash)"
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click knows the shells of the choice"
    click.echo(kind(main, {}, _PROGRAM, _VARIABLE).source())
