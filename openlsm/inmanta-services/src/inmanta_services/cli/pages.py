"""The command that serves the web pages."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from inmanta_services.cli.application import session_of
from inmanta_services.cli.main import main
from inmanta_services.discovery import Target, discover
from inmanta_services.errors import ServicesError

_PORT = 8899


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; others reach it only when told.")
@click.option(
    "--port", default=_PORT, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on; 0 for a free one."
)
@click.option("--name", "names", multiple=True, help="Another name by which browsers call this machine; repeat it for more.")
@click.option(
    "--link-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the link to this file, which only its owner can read, in place of printing it.",
)
@click.pass_context
def pages(context: click.Context, host: str, port: int, names: Sequence[str], link_file: Path | None) -> None:
    """
    Serve web pages about the services, until Ctrl-C.

    Where the orchestrator asks for tokens, the link that is printed logs in, once; who comes otherwise is asked for a user of
    the orchestrator and the password, or for a token.
    """

    def find() -> Target:
        return discover(session_of(context).options, os.environ, Path.cwd())

    try:
        from inmanta_services.pages.server import Listening, serve, write_link
    except ImportError as error:
        raise ServicesError("The pages take more packages: install inmanta-services[pages].") from error

    def ready(link: str) -> None:
        if link_file is not None:
            write_link(link_file, link)
        else:
            click.echo(f"Pages: {link}")

    serve(find, Listening(host, port, names), ready)
