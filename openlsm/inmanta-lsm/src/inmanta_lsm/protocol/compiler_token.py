"""
The token with which a compile reaches the server.

Core puts it on the command line of the compiler, which every user of the machine can read, and with that into the report of the
compile, which everybody can read who may read anything in the environment. Here it goes into the environment variables, which
are for the user of the server alone.
"""

import functools
from collections.abc import Sequence
from typing import Any

from inmanta.server.services.compilerservice import CompileRun

OPTION = "--token"
VARIABLE = "INMANTA_COMPILER_REST_TRANSPORT_TOKEN"


def hide() -> None:
    """Hand the token over as a variable in every compile from now on. To do so again changes nothing."""
    # Other extensions have runners of their own, which are known when a server starts.
    runners: list[type[CompileRun]] = [CompileRun, *CompileRun.__subclasses__()]
    for runner in runners:
        if "_run_compile_stage" in vars(runner) and not hasattr(runner._run_compile_stage, "__wrapped__"):
            _hide(runner)


def _hide(runner: type[CompileRun]) -> None:
    run = runner._run_compile_stage

    @functools.wraps(run)
    async def run_compile_stage(self: CompileRun, name: str, cmd: list[str], cwd: str, env: Any = None) -> Any:
        command, variables = without_token(cmd)
        return await run(self, name, command, cwd, {**(env or {}), **variables})

    setattr(runner, "_run_compile_stage", run_compile_stage)  # noqa: B010 it is a method


def without_token(command: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """
    Take the token off a command line.

    :param command: the command
    :return: the command without it, and the variables that it needs instead
    """
    words = list(command)
    if OPTION not in words[:-1]:
        return words, {}
    index = words.index(OPTION)
    token = words[index + 1]
    return words[:index] + words[index + 2 :], {VARIABLE: token}
