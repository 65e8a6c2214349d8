"""Projects that a fork would not compile like a process of its own."""

import pytest

from .helpers.lab import Lab

pytestmark = pytest.mark.asyncio

STARTS = {
    "a thread": (
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True, name='worker').start()",
        "inmanta_plugins.lab starts a thread (worker) when it is imported",
    ),
    "a process": (
        "import subprocess\nsubprocess.run(['true'], check=True)",
        "inmanta_plugins.lab starts a process when it is imported",
    ),
    "a process that stays": (
        "import os\nif os.fork() == 0:\n    os._exit(0)",
        "inmanta_plugins.lab forks when it is imported",
    ),
    "a connection": (
        "import contextlib, socket\nwith contextlib.suppress(OSError):\n    socket.create_connection(('127.0.0.1', 1))",
        "inmanta_plugins.lab opens a connection when it is imported",
    ),
    "a socket": ("import socket\nSOCKET = socket.socket()", "opens socket:"),
    "a pipe": ("import os\nPIPE = os.pipe()", "opens pipe:"),
    "an open file": ("FILE = open('project.yml')", "project.yml when it is imported, and leaves it open"),
    "an event loop": ("import asyncio\nLOOP = asyncio.new_event_loop()", "and leaves it open"),
    "a timer": ("import signal\nsignal.setitimer(signal.ITIMER_REAL, 1000)", "a module starts a timer when it is imported"),
    "another folder": ("import os\nos.chdir('libs')", "a module changes the working directory"),
    "an option of the compile": (
        "from inmanta.config import Config\nWORD = Config.get('config', 'environment')",
        "a module reads the option config.environment",
    ),
}


@pytest.mark.parametrize("what", STARTS)
async def test_a_project_compiles_cold_when_a_module_starts(lab: Lab, what: str, caplog: pytest.LogCaptureFixture) -> None:
    code, reason = STARTS[what]
    lab.prints("'compiled'", before=code)

    for _ in range(2):
        assert not (await lab.warm()).warm

    assert reason in lab.pool.refusals[lab.environment]
    assert caplog.text.count("compiles cold") == 1
    assert lab.pool.counts.starts == 1
    assert not lab.pool.processes


async def test_a_project_that_ends_its_compile_at_import_compiles_cold(lab: Lab) -> None:
    lab.prints("'compiled'", before="import sys\nsys.exit(7)")

    assert [(await lab.warm()).warm for _ in range(2)] == [False, False]

    assert "cannot be loaded (SystemExit: 7)" in lab.pool.refusals[lab.environment]
    assert lab.pool.counts.starts == 1


async def test_a_compile_of_another_main_file_runs_cold(lab: Lab) -> None:
    lab.write("other.cf", "import std\nstd::print('other')\n")
    assert (await lab.warm()).warm

    assert not (await lab.warm("-f", "other.cf")).warm


async def test_a_project_is_tried_again_whenever_it_changed(lab: Lab) -> None:
    refusals = []
    lab.prints("'compiled'", before="import socket\nSOCKET = socket.socket()")
    assert not (await lab.warm()).warm
    refusals.append(lab.pool.refusals[lab.environment])
    lab.prints("'compiled'")
    for mistake in ("this is no model", "entity Box extends Nothing:\nend"):
        lab.model(mistake)
        assert not (await lab.warm()).warm
        refusals.append(lab.pool.refusals[lab.environment])

    lab.model("std::print('mended')")

    mended = await lab.warm()
    assert mended.warm
    assert b"mended\n" in mended.output
    assert not lab.pool.refusals
    for refusal, reason in zip(refusals, ("opens socket:", "cannot be loaded", "could not find type Nothing"), strict=True):
        assert reason in refusal
