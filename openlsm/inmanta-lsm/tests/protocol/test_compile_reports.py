"""The report of a compile tells an outage of the database from what the compiler says."""

import asyncio
from typing import Any

import asyncpg
import pytest
from inmanta.server.services.compilerservice import CompileRun
from inmanta_lsm.const import DATABASE_UNAVAILABLE
from inmanta_lsm.lifecycle.verdict import COMPILE_STAGE, CutOff, Stage, cut_off
from inmanta_lsm.protocol.compile_reports import tell_outages


class Report:
    """A report that remembers what is written into it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def update_streams(self, err: str) -> None:
        """Remember it."""
        self.told.append(err)


@pytest.fixture(autouse=True)
def _reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports that tell outages, however often that was asked for."""
    monkeypatch.setattr(CompileRun, "_error", getattr(CompileRun._error, "__wrapped__", CompileRun._error))
    tell_outages()
    tell_outages()


def run_of(report: Report) -> Any:
    """A compile with a stage that is reported there."""
    run: Any = CompileRun.__new__(CompileRun)
    run.stage = report
    return run


@pytest.mark.parametrize(
    ("error", "cut"),
    [
        (asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"), True),
        (asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"), True),
        (asyncpg.AdminShutdownError("terminating connection due to administrator command"), True),
        (OSError("a folder is not there"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_outage_that_ends_a_compile_is_no_verdict(error: Exception, cut: bool) -> None:
    """As where core fails to write what a compile printed, and then writes why."""

    async def end(run: Any) -> None:
        try:
            raise error
        except Exception as exception:
            await run._error(message=str(exception))

    run = run_of(report := Report())

    asyncio.run(end(run))

    assert report.told == [f"{error}\n{DATABASE_UNAVAILABLE}\n" if cut else f"{error}\n"]
    found = cut_off(False, [Stage(COMPILE_STAGE, True, 1, report.told[0])], has_result=True)
    assert found == (CutOff("the database was not available") if cut else None)


def test_an_error_that_was_not_raised_is_told_as_it_is() -> None:
    run = run_of(report := Report())

    asyncio.run(run._error("The environment does not exist."))

    assert report.told == ["The environment does not exist.\n"]
