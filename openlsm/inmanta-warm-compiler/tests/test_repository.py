"""Core asks git where a project comes from; without a repository, nobody needs git for that."""

import asyncio
import subprocess
import uuid
from pathlib import Path

import pytest
from inmanta import data
from inmanta.server.services.compilerservice import CompileRun
from inmanta_warm_compiler.pool import Pool
from inmanta_warm_compiler.runner import WarmCompileRun

from .helpers.lab import GENEROUS

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(not hasattr(CompileRun, "get_remote"), reason="this release of core does not ask"),
]

ADDRESS = "https://example.org/project.git"


async def remote(folder: Path) -> str | None:
    """Give what a compile takes for the address of the repository of a folder."""
    request = data.Compile(environment=uuid.uuid4(), remote_id=uuid.uuid4())
    return await WarmCompileRun(request, str(folder), Pool(lambda: GENEROUS)).get_remote()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder two below one that has no repository above it."""
    for name in ("GIT_DIR", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    project = tmp_path / "above" / "project"
    project.mkdir(parents=True)
    return project


async def test_no_process_is_started_where_there_is_no_repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "create_subprocess_exec", lambda *command, **options: pytest.fail(f"{command} is started"))

    assert await remote(project) is None


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("place", [".", ".."], ids=["its own", "above"])
async def test_the_address_of_a_repository_is_that_of_its_origin(project: Path, place: str, bare: bool) -> None:
    for command in (["init", *(["--bare"] if bare else [])], ["remote", "add", "origin", ADDRESS]):
        subprocess.run(["git", *command], cwd=project / place, check=True, capture_output=True)

    assert await remote(project) == ADDRESS


async def test_a_repository_can_be_named_by_a_variable(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for command in (["init"], ["remote", "add", "origin", ADDRESS]):
        subprocess.run(["git", *command], cwd=elsewhere, check=True, capture_output=True)
    monkeypatch.setenv("GIT_DIR", str(elsewhere / ".git"))

    assert await remote(project) == ADDRESS
