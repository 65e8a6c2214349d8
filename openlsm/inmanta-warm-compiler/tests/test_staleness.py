"""Whatever changes before a compile, the compile has it."""

import logging
import os
import shutil
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from .helpers.lab import Lab

pytestmark = pytest.mark.asyncio

# Each word comes from somewhere else, of which each test changes one.
PLUGINS = """
import os
import sys
from pathlib import Path
from inmanta.config import Config
from inmanta_plugins.lab.current.word import WORD as behind_a_link
from inmanta_plugins.lab.same import WORD as of_the_same_size
from inmanta_plugins.lab.word import WORD as of_a_module

sys.path.append("package")
from lab_package import WORD as of_a_package

def of(name):
    try:
        return __import__(f"inmanta_plugins.lab.{name}", fromlist=["WORD"]).WORD
    except ImportError:
        return "none"

def read(name):
    try:
        return Path(name).read_text()
    except OSError:
        return "none"

WORDS = {
    "behind a link": behind_a_link,
    "of the same size": of_the_same_size,
    "of a module": of_a_module,
    "of a package": of_a_package,
    "of a new module": of("extra"),
    "of a gone module": of("gone"),
    "of a file": read("word.txt"),
    "of a new file": read("extra.txt"),
    "of a folder": sorted(path.name for path in Path("words").iterdir()),
    "of the configuration": Config.get("lab", "word"),
    "of a variable": os.environ.get("LAB_WORD"),
    "of Python": sys.flags.hash_randomization,
}

@plugin
def say(name: "string") -> "string":
    return f"{name}: {WORDS[name]}"
"""


def same_size_and_time(lab: Lab) -> None:
    """Change a file such that only its content and the time of the change tell."""
    file = lab.folder / "libs/lab/plugins/same.py"
    before = file.stat()
    file.write_text("WORD = 'new'\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    # The bytecode of Python itself knows only size and time: without it, a cold compile has the new content, too.
    shutil.rmtree(file.parent / "__pycache__")


def replaced_folder(lab: Lab) -> None:
    """Replace a folder that a link leads to by another one, as a deployment of a new release does."""
    os.utime(lab.write("releases/2/word.py", "WORD = 'new'\n"), (2, 2))
    link = lab.folder / "libs/lab/plugins/current"
    link.unlink()
    link.symlink_to(lab.folder / "releases/2")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def watched(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """A project that depends on all kinds of things. The tests change one each, and share a process in between."""
    lab = Lab(tmp_path_factory.mktemp("watched"))
    lab.plugin(PLUGINS)
    for file in ("word", "same", "gone"):
        lab.write(f"libs/lab/plugins/{file}.py", "WORD = 'old'\n")
    os.utime(lab.write("releases/1/word.py", "WORD = 'old'\n"), (1, 1))
    (lab.folder / "libs/lab/plugins/current").symlink_to(lab.folder / "releases/1")
    # On the path of Python, as what an editable install leads to.
    lab.write("package/lab_package/__init__.py", "WORD = 'old'\n")
    lab.write("word.txt", "old")
    lab.write("words/old", "")
    lab.write(".inmanta.cfg", "[lab]\nword = old\n")
    lab.write("libs/lab/model/sub.cf", "")
    lab.write("libs/lab/model/more.cf", "")
    names = [line.split('"')[1] for line in PLUGINS.splitlines() if line.startswith('    "')]
    lab.model("\n".join(["import lab::sub", "import lab::more", *(f'std::print(lab::say("{name}"))' for name in names)]))
    yield lab
    await lab.pool.close()


def another_file(lab: Lab) -> None:
    """Have a file of the model take the place of another one."""
    (lab.folder / "libs/lab/model/sub.cf").unlink()
    lab.write("libs/lab/model/sub/_init.cf", 'import std\nstd::print("from another file")')


def one_more_line(lab: Lab) -> None:
    main = lab.folder / "main.cf"
    lab.write("main.cf", f'{main.read_text()}\nstd::print("new in main.cf")\n')


def variable(name: str, value: str) -> Callable[[Lab], object]:
    """
    Have later compiles of a project get an environment variable.

    :param name: of the variable
    :param value: of the variable
    """
    return lambda lab: lab.variables.update({name: value})


# What changes, how it changes, what the log says of it, and what the next compile prints.
CHANGES: dict[str, tuple[Callable[[Lab], object], str, str]] = {
    "a file that was read at import": (lambda lab: lab.write("word.txt", "new"), "word.txt changed", "of a file: new"),
    "a module of the plugins": (
        lambda lab: lab.write("libs/lab/plugins/word.py", "WORD = 'newer'\n"),
        "word.py changed",
        "of a module: newer",
    ),
    "a module with the same size and time": (same_size_and_time, "changed", "of the same size: new"),
    "a module that was not there": (
        lambda lab: lab.write("libs/lab/plugins/extra.py", "WORD = 'new'\n"),
        "changed",
        "of a new module: new",
    ),
    "a module that is gone": (
        lambda lab: (lab.folder / "libs/lab/plugins/gone.py").unlink(),
        "changed",
        "of a gone module: none",
    ),
    "a file that was not there": (lambda lab: lab.write("extra.txt", "new"), "extra.txt changed", "of a new file: new"),
    "a folder that was listed": (lambda lab: lab.write("words/new", ""), "changed", "of a folder: ['new', 'old']"),
    "a folder behind a link": (replaced_folder, "changed", "behind a link: new"),
    "a package of the path": (
        lambda lab: lab.write("package/lab_package/__init__.py", "WORD = 'newer'\n"),
        "changed",
        "of a package: newer",
    ),
    "the main file": (one_more_line, "main.cf changed", "new in main.cf"),
    "the model of a module": (
        lambda lab: lab.write("libs/lab/model/more.cf", 'import std\nstd::print("new in a module")\n'),
        "model/more.cf changed",
        "new in a module",
    ),
    "a model file that takes the place of another": (another_file, "changed", "from another file"),
    "the version of a module": (
        lambda lab: lab.write("libs/lab/module.yml", "name: lab\nversion: 2.0.0\nlicense: ASL 2.0\n"),
        "module.yml changed",
        "lab: 2.0.0",
    ),
    "the configuration": (
        lambda lab: lab.write(".inmanta.cfg", "[lab]\nword = new\n"),
        ".inmanta.cfg changed",
        "of the configuration: new",
    ),
    "a variable that was read at import": (
        variable("LAB_WORD", "new"),
        "the environment variable LAB_WORD changed",
        "of a variable: new",
    ),
    "a variable of Python itself": (
        variable("PYTHONHASHSEED", "1"),
        "the environment variable PYTHONHASHSEED changed",
        "of Python: 1",
    ),
}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.long
@pytest.mark.xdist_group("watched")
@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_is_noticed(watched: Lab, what: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "inmanta_warm_compiler")
    change, reason, expected = CHANGES[what]
    before = await watched.warm()
    assert (before.warm, before.code) == (True, 0), watched.pool.refusals
    assert f"{expected}\n" not in before.output.decode()
    starts = watched.pool.counts.starts
    assert (await watched.warm()).warm
    assert watched.pool.counts.starts == starts, caplog.text
    caplog.clear()

    change(watched)

    outcome = await watched.warm()
    assert (outcome.warm, outcome.code) == (True, 0), watched.pool.refusals
    assert f"{expected}\n" in outcome.output.decode()
    assert watched.pool.counts.starts == starts + 1
    assert reason in caplog.text


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.long
@pytest.mark.xdist_group("watched")
async def test_a_changed_project_file_is_noticed_and_then_all_is_as_in_a_cold_compile(
    watched: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "inmanta_warm_compiler")
    await watched.warm()
    starts = watched.pool.counts.starts
    watched.write("project.yml", "name: lab\nmodulepath: [libs, more]\npip:\n  use_system_config: true\n")

    warm = await watched.warm()
    cold = await watched.cold()

    assert warm.warm, watched.pool.refusals
    assert warm.comparable == cold.comparable
    assert watched.pool.counts.starts == starts + 1
    assert "project.yml changed" in caplog.text


async def test_any_variable_is_noticed_when_all_were_read_at_import(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.prints("ALL.get('LAB_WORD')", before="import os\nALL = dict(os.environ)")
    await lab.warm()

    assert b"new\n" in (await lab.warm(variables={"LAB_WORD": "new"})).output


async def test_what_inmanta_and_python_write_themselves_is_no_change(lab: Lab) -> None:
    await lab.warm()
    for folder in (lab.folder / "libs/lab").rglob("__pycache__"):
        shutil.rmtree(folder)
    shutil.rmtree(lab.folder / ".cfcache", ignore_errors=True)
    (lab.folder / ".inmanta_last_compile").write_text("")

    assert (await lab.warm()).warm

    assert lab.pool.counts.starts == 1
