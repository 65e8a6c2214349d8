"""The token of a compile is for the user of the server only."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import pytest
from inmanta.server.services.compilerservice import CompileRun
from inmanta_lsm.protocol.compiler_token import VARIABLE, hide, without_token


@pytest.mark.parametrize(
    ("command", "rest", "variables"),
    [
        (["inmanta", "export", "--token", "secret", "-j", "f"], ["inmanta", "export", "-j", "f"], {VARIABLE: "secret"}),
        (["inmanta", "export"], ["inmanta", "export"], {}),
        (["git", "--token"], ["git", "--token"], {}),
    ],
)
def test_a_token_is_taken_off_a_command_line(command: list[str], rest: list[str], variables: dict[str, str]) -> None:
    assert without_token(command) == (rest, variables)


def test_a_compile_shows_its_token_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    async def start_stage(self: Any, name: str, command: str) -> None:
        told.append(command)

    async def end_stage(self: Any, returncode: int | None) -> int | None:
        return returncode

    async def drain(self: Any, process: asyncio.subprocess.Process) -> int:
        told.append(Path(f"/proc/{process.pid}/cmdline").read_text())
        return await process.wait()

    of_core = getattr(CompileRun._run_compile_stage, "__wrapped__", CompileRun._run_compile_stage)
    monkeypatch.setattr(CompileRun, "_run_compile_stage", of_core)
    monkeypatch.setattr(CompileRun, "_start_stage", start_stage)
    monkeypatch.setattr(CompileRun, "_end_stage", end_stage)
    monkeypatch.setattr(CompileRun, "drain", drain)
    hide()
    run = CompileRun.__new__(CompileRun)
    token, seen = str(uuid.uuid4()), tmp_path / "seen"
    script = ["/bin/sh", "-c", f'echo "${VARIABLE} $OTHER" > {seen}; sleep 0.2', "compile", "--token", token]

    asyncio.run(run._run_compile_stage("Compile", script, str(tmp_path), {"OTHER": "kept"}))

    assert seen.read_text() == f"{token} kept\n"
    assert len(told) == 2
    assert token not in str(told)


def test_a_runner_of_another_extension_hides_it_too() -> None:
    class OtherRun(CompileRun):
        async def _run_compile_stage(self, name: str, cmd: list[str], cwd: str, env: Any = None) -> Any:
            return cmd, env

    hide()
    command = asyncio.run(OtherRun.__new__(OtherRun)._run_compile_stage("Compile", ["a", "--token", "secret"], "/"))

    assert command == (["a"], {VARIABLE: "secret"})
