"""Whatever changes before a compile, the compile has it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .helpers.lab import Lab

pytestmark = pytest.mark.asyncio

READS_A_FILE = "from pathlib import Path\nWORD = Path('word.txt').read_text()"
LOOKS_FOR_A_MODULE = "try:\n    from inmanta_plugins.lab.extra import WORD\nexcept ImportError:\n    WORD = 'none'"
LOOKS_FOR_A_FILE = "try:\n    WORD = open('extra.txt').read()\nexcept OSError:\n    WORD = 'none'"
LISTS_A_FOLDER = "from pathlib import Path\nWORD = sorted(path.name for path in Path('words').iterdir())"


def same_size_and_time(lab: Lab) -> None:
    """Change a file such that only its content and the time of the change tell."""
    file = lab.folder / "libs/lab/plugins/word.py"
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


def linked_folder(lab: Lab) -> None:
    os.utime(lab.write("releases/1/word.py", "WORD = 'old'\n"), (1, 1))
    (lab.folder / "libs/lab/plugins/current").symlink_to(lab.folder / "releases/1")


def editable_install(lab: Lab) -> None:
    """Put a folder on the path of Python, as an editable install does."""
    lab.write("package/lab_package/__init__.py", "WORD = 'old'\n")


CHANGES: dict[str, tuple[str, Callable[[Lab], object], Callable[[Lab], object], str]] = {
    "a file that was read at import": (
        READS_A_FILE,
        lambda lab: lab.write("word.txt", "old"),
        lambda lab: lab.write("word.txt", "new"),
        "new",
    ),
    "a module of the plugins": (
        "from inmanta_plugins.lab.word import WORD",
        lambda lab: lab.write("libs/lab/plugins/word.py", "WORD = 'old'\n"),
        lambda lab: lab.write("libs/lab/plugins/word.py", "WORD = 'newer'\n"),
        "newer",
    ),
    "a module with the same size and time": (
        "from inmanta_plugins.lab.word import WORD",
        lambda lab: lab.write("libs/lab/plugins/word.py", "WORD = 'old'\n"),
        same_size_and_time,
        "new",
    ),
    "a module that was not there": (
        LOOKS_FOR_A_MODULE,
        lambda _: None,
        lambda lab: lab.write("libs/lab/plugins/extra.py", "WORD = 'new'\n"),
        "new",
    ),
    "a module that is gone": (
        LOOKS_FOR_A_MODULE,
        lambda lab: lab.write("libs/lab/plugins/extra.py", "WORD = 'old'\n"),
        lambda lab: (lab.folder / "libs/lab/plugins/extra.py").unlink(),
        "none",
    ),
    "a file that was not there": (LOOKS_FOR_A_FILE, lambda _: None, lambda lab: lab.write("extra.txt", "new"), "new"),
    "a folder that was listed": (
        LISTS_A_FOLDER,
        lambda lab: lab.write("words/old", ""),
        lambda lab: lab.write("words/new", ""),
        "['new', 'old']",
    ),
    "a folder behind a link": (
        "from inmanta_plugins.lab.current.word import WORD",
        linked_folder,
        replaced_folder,
        "new",
    ),
    "a package of the path": (
        "import sys; sys.path.append('package'); from lab_package import WORD",
        editable_install,
        lambda lab: lab.write("package/lab_package/__init__.py", "WORD = 'newer'\n"),
        "newer",
    ),
}


async def assert_noticed(lab: Lab, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    """
    Compile after a change, cold and warm.

    :param lab: whose project changed
    :param reason: words of the log that name the change
    :param caplog: the log
    """
    warm = await lab.warm()
    cold = await lab.cold()

    assert warm.warm, lab.pool.refusals
    assert warm.comparable == cold.comparable
    assert lab.pool.counts.starts == 2
    assert reason in caplog.text


@pytest.mark.parametrize("what", CHANGES)
async def test_a_changed_plugin_is_noticed(lab: Lab, what: str, caplog: pytest.LogCaptureFixture) -> None:
    before, prepare, change, expected = CHANGES[what]
    lab.prints("WORD", before=before)
    prepare(lab)
    assert (await lab.warm()).warm
    assert (await lab.warm()).warm
    assert lab.pool.counts.starts == 1, caplog.text

    change(lab)

    outcome = await lab.warm()
    assert (outcome.warm, outcome.code) == (True, 0), lab.pool.refusals
    assert f"\n{expected}\n" in outcome.output.decode()
    assert lab.pool.counts.starts == 2
    assert "changed" in caplog.text


@pytest.mark.parametrize("file", ["main.cf", "libs/lab/model/_init.cf"])
async def test_a_changed_model_is_noticed(lab: Lab, file: str, caplog: pytest.LogCaptureFixture) -> None:
    await lab.warm()

    lab.write(file, f'{"import lab" if file == "main.cf" else ""}\nimport std\nstd::print("new")\n')

    await assert_noticed(lab, f"{file} changed", caplog)
    assert b"new\n" in (await lab.warm()).output


async def test_a_changed_project_file_is_noticed(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    await lab.warm()
    lab.write("project.yml", "name: lab\nmodulepath: [libs, more]\npip:\n  use_system_config: true\n")

    await assert_noticed(lab, "project.yml changed", caplog)


async def test_a_model_file_that_takes_the_place_of_another_is_noticed(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.write("libs/lab/model/sub.cf", "")
    lab.model("import lab::sub")
    await lab.warm()
    (lab.folder / "libs/lab/model/sub.cf").unlink()
    lab.write("libs/lab/model/sub/_init.cf", 'import std\nstd::print("new")')

    await assert_noticed(lab, "changed", caplog)


async def test_another_version_of_a_module_is_noticed(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    await lab.warm()
    lab.write("libs/lab/module.yml", "name: lab\nversion: 2.0.0\nlicense: ASL 2.0\n")

    await assert_noticed(lab, "module.yml changed", caplog)
    assert b"lab: 2.0.0" in (await lab.warm()).output


async def test_a_variable_that_was_read_at_import_is_noticed(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.prints("WORD", before="import os\nWORD = os.environ.get('LAB_WORD')")
    assert b"None\n" in (await lab.warm()).output

    assert b"new\n" in (await lab.warm(variables={"LAB_WORD": "new"})).output

    assert "the environment variable LAB_WORD changed" in caplog.text


async def test_any_variable_is_noticed_when_all_were_read_at_import(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.prints("ALL.get('LAB_WORD')", before="import os\nALL = dict(os.environ)")
    await lab.warm()

    assert b"new\n" in (await lab.warm(variables={"LAB_WORD": "new"})).output


async def test_a_variable_of_python_itself_is_noticed(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.prints("sys.flags.hash_randomization", before="import sys")
    assert b"0\n" in (await lab.warm()).output

    assert b"1\n" in (await lab.warm(variables={"PYTHONHASHSEED": "1"})).output

    assert "the environment variable PYTHONHASHSEED changed" in caplog.text


async def test_a_changed_configuration_is_noticed(lab: Lab, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lab.prints("WORD", before="from inmanta.config import Config\nWORD = Config.get('lab', 'word')")
    (lab.folder / ".inmanta.cfg").write_text("[lab]\nword = old\n")
    assert b"old\n" in (await lab.warm()).output

    (lab.folder / ".inmanta.cfg").write_text("[lab]\nword = new\n")

    await assert_noticed(lab, ".inmanta.cfg changed", caplog)
    assert b"new\n" in (await lab.warm()).output


async def test_what_inmanta_and_python_write_themselves_is_no_change(lab: Lab) -> None:
    await lab.warm()
    for folder in (lab.folder / "libs/lab").rglob("__pycache__"):
        shutil.rmtree(folder)
    shutil.rmtree(lab.folder / ".cfcache", ignore_errors=True)
    (lab.folder / ".inmanta_last_compile").write_text("")

    assert (await lab.warm()).warm

    assert lab.pool.counts.starts == 1
