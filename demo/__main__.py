"""
The life of both services on an orchestrator of their own: ``python -m demo``.

Everything that the demo needs, and all that it deploys, is in one folder of the project, which is gone at the end.
"""

import asyncio
import os
import sys
import time
import uuid
from pathlib import Path

import click
from inmanta_embedded import EmbeddedError, Orchestrator, Phase, Settings
from inmanta_embedded.patience import patient
from inmanta_services import ServicesError

from demo import project, story, turn
from demo.errors import DemoError
from demo.screen import Screen, output

FOLDER = Path(__file__).parents[1] / ".inmanta-embedded" / "demo"


async def tell(screen: Screen, orchestrator: Orchestrator, timeout: float, keep: bool) -> uuid.UUID:
    """
    Take both services through their life.

    :param screen: where it is shown
    :param orchestrator: runs
    :param timeout: seconds that each thing that is waited for may take
    :param keep: whether to stop before the services are deleted
    :return: id of their environment
    """
    tale = await story.Story.begin(screen, orchestrator, timeout)
    basic, order = await tale.create()
    order = await tale.update(order)
    if not keep:
        await tale.delete([basic, order])
    return tale.environment


def start(screen: Screen, orchestrator: Orchestrator) -> float:
    """
    Start an orchestrator without any state.

    :param screen: where that is shown
    :param orchestrator: the orchestrator
    :return: how many seconds that took
    :raises DemoError: when it runs already
    """
    screen.step("Start an orchestrator: PostgreSQL and the inmanta server with LSM")
    now = orchestrator.status()
    # One whose demo was killed is about to end, and a reset waits for that.
    if now.is_alive and now.phase not in (Phase.STOPPING, Phase.FAILED):
        raise DemoError(
            "The orchestrator of an earlier demo is still running. "
            f"This ends it: inmanta-embedded --folder {orchestrator.layout.folder} reset"
        )
    began = time.monotonic()
    with screen.busy("It starts …"):
        orchestrator.reset()
        orchestrator.start()
    return time.monotonic() - began


def explain_kept(screen: Screen, orchestrator: Orchestrator, environment: uuid.UUID) -> None:
    """
    Say how to go on with an orchestrator that stays.

    :param screen: where to say it
    :param orchestrator: the orchestrator
    :param environment: id of the environment of the services
    """
    screen.step("Go on yourself")
    cli = f"inmanta-embedded --folder {orchestrator.layout.folder}"
    link = orchestrator.pages_link()
    if link is not None:
        screen.say(f"Pages about the services:  {link}")
    if orchestrator.console_url is not None:
        screen.say(f"Web console:               {orchestrator.console_url}/lsm/catalog?env={environment}")
        user = orchestrator.make_first_user()
        if user is not None:
            screen.say(f"Log in there as:           {user.name}, with the password {user.password}")
    screen.say(f"Documentation of the API:  {orchestrator.url}/api/v2/docs")
    screen.say(f"Documentation of services: {orchestrator.url}/lsm/v1/service_catalog_docs?environment={environment}")
    screen.say(f"Environment:               {environment} (header X-Inmanta-tid)")
    screen.say(f"A token, for a day:        {cli} token (header Authorization: Bearer ...)")
    screen.say(f"Its services:              inmanta-services --embedded {orchestrator.layout.folder} catalog")
    screen.say(f"Files of the services:     {orchestrator.layout.folder / 'deployed'}")
    screen.say(f"Its log:                   {cli} logs --follow")
    screen.say(f"End it, files included:    {cli} reset")


def play(screen: Screen, orchestrator: Orchestrator, timeout: float, keep: bool) -> int:
    """
    Play the whole demo, while nobody else does in its folder.

    :param screen: where it is shown
    :param orchestrator: to start, with what its folder holds removed
    :param timeout: seconds that each thing that is waited for may take
    :param keep: whether to leave the orchestrator and the services running
    :return: the exit code
    :raises OSError: when nothing can be shown any more; whatever was started is removed
    """
    began = time.monotonic()
    started = False
    try:
        story.regenerate(screen)
        seconds = start(screen, orchestrator)
        started = True
        screen.say(f"It runs at {orchestrator.url}, after {seconds:.1f} s.")
        environment = asyncio.run(tell(screen, orchestrator, timeout, keep))
        if keep:
            explain_kept(screen, orchestrator, environment)
            return 0
        screen.step("Stop the orchestrator")
        orchestrator.reset()
        screen.say(f"That was all, in {time.monotonic() - began:.0f} s. Nothing is left running, and no file.")
    except (DemoError, EmbeddedError, ServicesError, ExceptionGroup) as error:
        problems = error.exceptions if isinstance(error, ExceptionGroup) else [error]
        for problem in problems:
            screen.problem(str(problem))
        if started:
            orchestrator.stop()
            screen.say(f"The orchestrator is stopped; its logs are in {orchestrator.layout.logs}.")
        return 1
    except KeyboardInterrupt:
        screen.problem("Interrupted: everything that was started is being stopped and removed.")
        if started:
            orchestrator.reset()
        return 130
    except (OSError, SystemExit):
        # Whoever read it went away, which rich answers with an exit, or what it is written to takes no more.
        if started:
            orchestrator.reset()
        raise
    return 0


def _patience() -> float:
    try:
        return patient()
    except EmbeddedError as error:
        raise click.UsageError(str(error)) from error


@click.command()
@click.option("--keep", is_flag=True, help="Leave the orchestrator and the services running, and say how to go on.")
@click.option("--folder", type=click.Path(path_type=Path), default=FOLDER, help="Where it keeps everything while it runs.")
@click.option(
    "--timeout",
    type=float,
    default=_patience,
    show_default="180, times INMANTA_TEST_PATIENCE",
    help="Seconds that each thing that is waited for may take.",
)
@click.option(
    "--console",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="With --keep: serve the web console in a folder.",
)
def main(keep: bool, folder: Path, timeout: float, console: Path | None) -> None:
    """Take both services through their life on an orchestrator of their own, and show what happens."""
    if console is not None and not keep:
        raise click.UsageError("--console is for an orchestrator that stays: give --keep as well.")
    screen = Screen(output())
    orchestrator = Orchestrator(
        folder, Settings(durable=False, console=console, pages=keep, start_timeout=timeout), detached=keep
    )
    try:
        project.check(project.deployed(orchestrator.layout.folder))
        with turn.taken(orchestrator.layout.folder, lambda: screen.say("Another demo runs here: this one begins after it.")):
            code = play(screen, orchestrator, timeout, keep)
    except (DemoError, EmbeddedError) as error:
        screen.problem(str(error))
        code = 1
    except KeyboardInterrupt:
        screen.problem("Interrupted: nothing was started.")
        code = 130
    except OSError as error:
        print(f"The demo cannot be shown: {error.strerror or error}. Nothing is left of it.", file=sys.stderr)
        # Python would try once more to print it.
        os._exit(1)
    sys.exit(code)


if __name__ == "__main__":
    main()
