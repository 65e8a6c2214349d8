"""Servers that the extension cannot hook into compile as ever, and say why."""

import importlib.metadata
import uuid
from pathlib import Path

import pytest
from inmanta import data
from inmanta.data.model import ReportedStatus
from inmanta.server.services.compilerservice import CompilerService, CompileRun
from inmanta_embedded import Settings
from inmanta_warm_compiler import hook
from inmanta_warm_compiler.pool import Pool
from inmanta_warm_compiler.runner import WarmCompileRun
from inmanta_warm_compiler.service import WarmCompilerSlice

from .helpers.lab import GENEROUS

pytestmark = pytest.mark.asyncio

# As it is when the tests are collected. Those of other packages put one of their own in its place while they run.
CORES_RUNNER = CompilerService._get_compile_runner


@pytest.fixture(autouse=True)
def core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the compiler service of core, whatever ran in this process before."""
    monkeypatch.setattr(CompilerService, "_get_compile_runner", CORES_RUNNER)


class OtherRun(CompileRun):
    """A runner of another extension."""


class OtherCompilerService(CompilerService):
    """A compiler service with such runners."""

    def _get_compile_runner(self, compile: data.Compile, project_dir: str) -> CompileRun:  # noqa: A002
        return OtherRun(compile, project_dir)


def request() -> data.Compile:
    """Make a compile that nobody runs."""
    return data.Compile(environment=uuid.uuid4(), remote_id=uuid.uuid4())


async def test_compiles_of_this_core_are_taken_over(tmp_path: Path) -> None:
    compiler = CompilerService()
    assert hook.obstacle(compiler) is None

    hook.install(compiler, Pool(lambda: GENEROUS), pytest.fail)

    assert isinstance(compiler._get_compile_runner(request(), str(tmp_path)), WarmCompileRun)


async def test_runners_of_another_class_are_left_alone(tmp_path: Path) -> None:
    compiler = OtherCompilerService()
    reports: list[str] = []

    hook.install(compiler, Pool(lambda: GENEROUS), reports.append)

    assert type(compiler._get_compile_runner(request(), str(tmp_path))) is OtherRun
    assert reports == ["compiles are run by another class, OtherRun"]


async def test_another_version_of_core_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "21.0.0")

    assert hook.obstacle(CompilerService()) == "inmanta-core 21.0.0 is not one of the versions that this extension knows"


async def test_a_core_that_runs_compiles_in_another_way_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CompileRun, "drain_out", lambda self, stream, more: None)

    assert str(hook.obstacle(CompilerService())).startswith("CompileRun.drain_out of inmanta-core")


async def test_the_status_and_one_line_of_the_log_say_that_all_compiles_run_cold(caplog: pytest.LogCaptureFixture) -> None:
    extension = WarmCompilerSlice()
    assert await extension.get_reported_status() == (ReportedStatus.OK, None)

    for _ in range(2):
        extension._report_obstacle("it is raining")

    assert await extension.get_reported_status() == (ReportedStatus.Warning, "All compiles run cold: it is raining.")
    assert caplog.text.count("All compiles run cold: it is raining.") == 1


async def test_the_embedded_orchestrator_compiles_warm_unless_told_otherwise() -> None:
    assert "warm_compiler" in Settings().extensions
