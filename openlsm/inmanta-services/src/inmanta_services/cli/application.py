"""What all commands have in common: how they find the orchestrator, what they print, and how they end."""

import asyncio
import functools
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Concatenate

import click

from inmanta_services.attributes.display import clean
from inmanta_services.cli.output import Format, Output
from inmanta_services.client import Client
from inmanta_services.discovery import CA_CERTIFICATES, ENVIRONMENT, TOKEN, URL, Options, connect, discover
from inmanta_services.embedded import VARIABLE
from inmanta_services.errors import ServicesError

FAILED = 3
"""Exit code when the orchestrator did what it was asked for, and that failed."""

DIFFERENT = 4
"""Exit code, where it is asked for, when there are differences."""

INTERRUPTED = 130


@dataclass
class Session:
    """
    What the options of a command line say.

    :ivar options: which orchestrator is meant.
    :ivar format: what output looks like.
    """

    options: Options = field(default_factory=Options)
    format: Format = Format.TABLE

    async def client(self) -> Client:
        """
        A client for the orchestrator that is meant.

        :raises ServicesError: when it is not clear which one that is.
        """
        return await connect(discover(self.options, os.environ, Path.cwd()))

    @property
    def output(self) -> Output:
        """Where to tell what was found."""
        return Output(self.format)


def session_of(context: click.Context) -> Session:
    """
    The session of a command line.

    :param context: of one of its commands.
    """
    return context.find_root().ensure_object(Session)


def _chosen(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """
    Make a callback that notes an option that names the orchestrator.

    :param name: of the option.
    """

    def note(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is not None:
            session = session_of(context)
            session.options = replace(session.options, **{name: value})

    return note


def _read_token(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    """Note the token in a file."""
    if value is None:
        return
    try:
        token = value.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"The token cannot be read from {value}: {error}", context) from error
    _chosen("token")(context, _parameter, token)


def _format(chosen: Format) -> Callable[[click.Context, click.Parameter, bool], None]:
    """
    Make a callback that notes what output should look like.

    :param chosen: how, when the option is given.
    """

    def note(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        session = session_of(context)
        if not value:
            return
        if session.format not in (Format.TABLE, chosen):
            raise click.UsageError("Output is JSON or YAML: give one of --json and --yaml.", context)
        session.format = chosen

    return note


def _shared(*, hidden: bool) -> list[click.Parameter]:
    """
    The options that every command takes.

    :param hidden: whether the help leaves out those that name the orchestrator.
    """

    def option(*names: str, **settings: Any) -> click.Option:
        return click.Option(names, expose_value=False, **settings)

    return [
        option(
            "--url",
            callback=_chosen("url"),
            hidden=hidden,
            help=f"Address of the orchestrator, such as https://orchestrator.example:8888. [variable: {URL}]",
        ),
        option(
            "--embedded",
            callback=_chosen("embedded"),
            type=click.Path(path_type=Path, file_okay=False),
            hidden=hidden,
            help=f"Folder of an embedded orchestrator, in place of an address. [variable: {VARIABLE}]",
        ),
        option(
            "--environment",
            "-e",
            callback=_chosen("environment"),
            hidden=hidden,
            help=f"Id or name of the environment; not needed when there is only one. [variable: {ENVIRONMENT}]",
        ),
        option(
            "--token-file",
            callback=_read_token,
            type=click.Path(path_type=Path, dir_okay=False, allow_dash=False),
            hidden=hidden,
            help=f"File with the token to show. [variable with the token itself: {TOKEN}]",
        ),
        option(
            "--token",
            callback=_chosen("token"),
            hidden=hidden,
            help="The token to show. Other users of the machine can see it while the command runs: better use a file.",
        ),
        option(
            "--ca-certificates",
            callback=_chosen("ca_certificates"),
            type=click.Path(path_type=Path, dir_okay=False),
            hidden=hidden,
            help=f"Certificates that vouch for the orchestrator. [variable: {CA_CERTIFICATES}]",
        ),
        option("--json", is_flag=True, callback=_format(Format.JSON), help="Print JSON."),
        option("--yaml", is_flag=True, callback=_format(Format.YAML), help="Print YAML."),
    ]


class Command(click.Command):
    """A command that takes the shared options, too."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += _shared(hidden=True)


class Group(click.Group):
    """The commands. What goes wrong is one message and an exit code."""

    command_class = Command

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += _shared(hidden=False)

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        # What the protocol client logs about calls that fail is told by messages of our own.
        logging.getLogger().addHandler(logging.NullHandler())
        try:
            return super().invoke(context)
        except ServicesError as error:
            raise click.ClickException(clean(str(error))) from error
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            context.exit(INTERRUPTED)


def speaks[**P](
    function: Callable[Concatenate[Client, Output, P], Awaitable[int | None]],
) -> Callable[P, None]:
    """
    Make a command of a function that speaks to the orchestrator.

    :param function: takes client and output before its own arguments; returns an exit code, None for success.
    """

    @functools.wraps(function)
    def run(*arguments: P.args, **settings: P.kwargs) -> None:
        context = click.get_current_context()
        session = session_of(context)

        async def speak() -> int | None:
            return await function(await session.client(), session.output, *arguments, **settings)

        context.exit(asyncio.run(speak()) or 0)

    return run
