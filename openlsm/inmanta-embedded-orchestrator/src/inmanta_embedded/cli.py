"""The command line of the embedded orchestrator."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click

from inmanta_embedded import binaries, settings
from inmanta_embedded.errors import EmbeddedError, explain, last_lines
from inmanta_embedded.layout import DEFAULT_FOLDER
from inmanta_embedded.orchestrator import Orchestrator
from inmanta_embedded.settings import Settings
from inmanta_embedded.status import Phase

_LOGS = {"server": "server_log", "output": "server_output", "supervisor": "supervisor_log", "pages": "pages_log"}


class _Group(click.Group):
    """A group of commands whose expected errors are one message and exit code 1."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except EmbeddedError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            # Nobody reads on: click ends without a word.
            raise
        except OSError as error:
            raise click.ClickException(explain(error, Path(context.obj or DEFAULT_FOLDER))) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_FOLDER,
    show_default=True,
    envvar="INMANTA_EMBEDDED",
    help="Where the orchestrator keeps everything.",
)
@click.pass_context
def main(context: click.Context, folder: Path) -> None:
    """An inmanta orchestrator with LSM and PostgreSQL on this machine, in one folder, without any installation."""
    context.obj = folder


@main.command()
@click.option(
    "--auth/--no-auth",
    default=None,
    help="Ask for tokens; as last time, at first yes. Without, every user of this machine can do what you can.",
)
@click.option("--durable/--volatile", default=None, help="Survive a crash of the machine; as last time, at first yes.")
@click.option(
    "--console",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Serve the web console in a folder; as last time by default, at first none.",
)
@click.option("--no-console", is_flag=True, help="Serve no web console any more.")
@click.option(
    "--pages/--no-pages", default=None, help="Serve the web pages about services; as last time by default, at first not."
)
@click.option(
    "--log-level",
    type=click.Choice(settings.LOG_LEVELS, case_sensitive=False),
    help="What the log of the server tells; as last time, at first INFO.",
)
@click.pass_obj
def start(
    folder: Path,
    auth: bool | None,
    durable: bool | None,
    console: Path | None,
    no_console: bool,
    pages: bool | None,
    log_level: str | None,
) -> None:
    """Start it, or start it again with the same state, and wait until it is healthy."""
    if console is not None and no_console:
        raise click.UsageError("--console and --no-console exclude each other: give one of them.")
    last = settings.load(Orchestrator(folder).layout.settings) or Settings()
    chosen = replace(
        last,
        auth=last.auth if auth is None else auth,
        durable=last.durable if durable is None else durable,
        console=None if no_console else (console or last.console),
        pages=last.pages if pages is None else pages,
        log_level=log_level or last.log_level,
    )
    orchestrator = Orchestrator(folder, chosen, detached=True)
    orchestrator.start()
    actual = orchestrator.started_with()
    click.echo(f"The orchestrator is running: {orchestrator.url}")
    if actual != chosen:
        click.echo("It was running already, with other settings, which it keeps: stop it, and start it again with these.")
    click.echo(f"Documentation of its API: {orchestrator.url}/api/v2/docs")
    if orchestrator.console_url is not None:
        click.echo(f"Web console: {orchestrator.console_url}")
    link = orchestrator.pages_link()
    if link is not None:
        click.echo(f"Pages: {link}{' (logs in once)' if actual.auth else ''}")
    if actual.auth:
        click.echo("It asks for tokens; `inmanta-embedded token` makes one, which the documentation takes as ?token=...")
        _tell_first_user(orchestrator)


def _tell_first_user(orchestrator: Orchestrator) -> None:
    """Make the first user where there is none, and say how to log in: the password is never told again."""
    user = orchestrator.make_first_user()
    if user is not None:
        click.echo(f"Its first user is {user.name}, with the password {user.password} (note it: it is not told again).")


@main.command()
@click.pass_obj
def stop(folder: Path) -> None:
    """Stop it; its state stays."""
    Orchestrator(folder).stop()
    click.echo("The orchestrator is stopped.")


@main.command()
@click.option("--url", "url_only", is_flag=True, help="Print the URL of its API and nothing else.")
@click.pass_obj
def status(folder: Path, url_only: bool) -> None:
    """Say how it is; exit code 0 when it is running, 3 when it is not."""
    orchestrator = Orchestrator(folder)
    now = orchestrator.status()
    if url_only and now.phase is Phase.RUNNING:
        click.echo(orchestrator.url)
        return
    click.echo(f"The orchestrator in {orchestrator.layout.folder} is {now.phase}.")
    if now.phase is Phase.RUNNING:
        click.echo(f"API: {orchestrator.url} (process {now.server_pid})")
        click.echo(f"PostgreSQL: {orchestrator.host}:{now.postgres_port} (process {now.postgres_pid})")
        return
    if now.error:
        click.echo(now.error)
    sys.exit(3)


@main.command()
@click.option("--of", "which", type=click.Choice([*_LOGS, "postgres"]), default="server", show_default=True)
@click.option("--lines", default=50, show_default=True, help="How many lines at the end.")
@click.option("--follow", is_flag=True, help="Go on as the log grows, until Ctrl-C.")
@click.pass_obj
def logs(folder: Path, which: str, lines: int, follow: bool) -> None:
    """Show the end of a log."""
    layout = Orchestrator(folder).layout
    log = layout.postgres / "postgres.log" if which == "postgres" else Path(getattr(layout, _LOGS[which]))
    if follow:
        subprocess.run(["tail", f"--lines={lines}", "--follow=name", "--retry", str(log)], check=False)
    else:
        click.echo(last_lines(log, lines))


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def psql(folder: Path, arguments: tuple[str, ...]) -> None:
    """Open its database with psql, which gets the ARGUMENTS: -c "SELECT ..." for one statement, for example."""
    program = binaries.find().program("psql")
    database = Orchestrator(folder).database
    # In place of this process: from here on, Ctrl-C is for psql.
    os.execve(program, [str(program), *arguments], database.environment)


@main.command()
@click.option("--environment", help="Id of the only environment that the token opens; all by default.")
@click.option(
    "--client-type",
    "client_types",
    type=click.Choice(["api", "compiler", "agent"]),
    multiple=True,
    default=["api"],
    show_default=True,
    help="What its bearer may pass for; tests with --lsm-token need api and compiler.",
)
@click.option(
    "--hours", type=click.FloatRange(0, 24 * 365, min_open=True), default=24, show_default=True, help="How long it is good for."
)
@click.pass_obj
def token(folder: Path, environment: str | None, client_types: tuple[str, ...], hours: float) -> None:
    """Print a token for the API of an orchestrator that asks for tokens."""
    click.echo(Orchestrator(folder).token(client_types, environment, hours * 3600))


@main.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reset(folder: Path, yes: bool) -> None:
    """Stop it and remove all that it knows."""
    orchestrator = Orchestrator(folder)
    if not yes:
        click.confirm(f"Remove {orchestrator.layout.folder}?", abort=True)
    orchestrator.reset()
    click.echo("The orchestrator and its state are gone.")
