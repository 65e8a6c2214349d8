"""
Tests of the set-up: what ``bootstrap.py`` makes, and when it makes it anew.

They run it on a project that has the same file and next to no dependencies, so that a set-up takes some seconds.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys

import pytest

import bootstrap

# A build back-end that needs nothing installed: it makes editable wheels that point to the folder.
BACKEND = """
import pathlib
import zipfile


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "small-1-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("small.pth", str(pathlib.Path.cwd() / "code"))
        wheel.writestr("small-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1\\n")
        wheel.writestr("small-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("small-1.dist-info/RECORD", "")
    return name
"""
# In place of invoke: it says whose code runs, and in which Python.
TASKS = "import pathlib, sys\nprint(pathlib.Path(__file__).resolve(), sys.prefix, *sys.argv[1:], sep='|')\n"


def make_project(folder: pathlib.Path) -> pathlib.Path:
    """
    Make a small project that is set up as this one is.

    :param folder: where
    :return: the folder
    """
    (folder / "code" / "invoke").mkdir(parents=True)
    (folder / "code" / "invoke" / "__init__.py").touch()
    (folder / "code" / "invoke" / "__main__.py").write_text(TASKS)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "small"\nversion = "1"\n'
    )
    for pins in bootstrap.PINS.values():
        (folder / pins).write_text("# none\n")
    code = pathlib.Path(bootstrap.__file__).read_text()
    packages = next(line for line in code.splitlines() if line.startswith("PACKAGES = "))
    start = code.index(packages)
    end = code.index("]", start) + 1
    (folder / "bootstrap.py").write_text(code[:start] + 'PACKAGES = ["."]' + code[end:])
    return folder


def start(project: pathlib.Path, python: str = sys.executable, **variables: str) -> subprocess.Popen[str]:
    """
    Start the set-up of a project, followed by a task.

    :param project: its folder
    :param python: what runs it
    :param variables: more environment variables
    :return: the process
    """
    return subprocess.Popen(
        [python, str(project / "bootstrap.py"), "task", "--option"],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # In the background of a shell it is ignored, and what is started there inherits that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def set_up(project: pathlib.Path, python: str = sys.executable, **variables: str) -> str:
    """
    Set a project up and run a task in it.

    :param project: its folder
    :param python: what runs it
    :param variables: more environment variables
    :return: what was printed
    """
    process = start(project, python, **variables)
    output, _ = process.communicate()
    assert process.returncode == 0, output
    return output


def task_line(project: pathlib.Path) -> str:
    """
    Give what the task prints when it is the project's own, in the project's own environment.

    :param project: its folder
    :return: the line
    """
    return f"{project / 'code' / 'invoke' / '__main__.py'}|{project / '.venv'}|task|--option\n"


@pytest.fixture
def project(tmp_path: pathlib.Path) -> pathlib.Path:
    """A project that was not set up yet."""
    return make_project(tmp_path / "project")


def test_the_task_runs_in_the_environment_of_the_project(project: pathlib.Path) -> None:
    assert set_up(project).endswith(task_line(project))


def test_nothing_is_installed_twice(project: pathlib.Path) -> None:
    set_up(project)

    assert set_up(project) == task_line(project)


def test_changed_pins_are_installed(project: pathlib.Path) -> None:
    set_up(project)
    for pins in bootstrap.PINS.values():
        (project / pins).write_text("# still none\n")

    assert "Installing the pinned dependencies" in set_up(project)


@pytest.mark.parametrize(
    "name",
    ["two words", "it's", 'quo"te', "100%2F", "größe", "(a) & b;", "[x]#y", "-dash", "x" * 200],
    ids=["blank", "apostrophe", "quote", "percent", "unicode", "shell", "bracket", "dash", "long"],
)
def test_any_path_will_do(tmp_path: pathlib.Path, name: str) -> None:
    project = make_project(tmp_path / name)

    assert set_up(project).endswith(task_line(project))


def test_a_path_that_python_refuses_is_named(tmp_path: pathlib.Path) -> None:
    process = start(make_project(tmp_path / "a:b"))

    output, _ = process.communicate()

    assert process.returncode == 1
    assert "a:b" in output
    assert "Traceback" not in output


def test_a_project_that_was_moved_is_set_up_anew(project: pathlib.Path) -> None:
    set_up(project)
    moved = project.rename(project.with_name("moved"))

    assert set_up(moved).endswith(task_line(moved))
    assert str(project) not in (moved / ".venv" / "bin" / "activate").read_text()


def test_a_copy_runs_its_own_code(project: pathlib.Path) -> None:
    set_up(project)
    copy = project.with_name("copy")
    shutil.copytree(project, copy, symlinks=True)

    assert set_up(copy).endswith(task_line(copy))
    assert set_up(project) == task_line(project)


def test_an_environment_whose_python_became_another_one_is_made_anew(project: pathlib.Path) -> None:
    set_up(project)
    python = project / ".venv" / "bin" / "python"
    version = next(iter((project / ".venv" / "lib").iterdir()))
    version.rename(version.with_name("python3.8"))
    configuration = project / ".venv" / "pyvenv.cfg"
    configuration.write_text(configuration.read_text().replace("version = 3", "version = 2"))

    assert python.exists()
    assert "Making the virtual environment" in set_up(project)
    assert set_up(project) == task_line(project)


def test_an_environment_without_its_python_is_made_anew(project: pathlib.Path) -> None:
    set_up(project)
    python = project / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(project / "removed")

    assert set_up(project).endswith(task_line(project))


def test_an_active_environment_makes_itself_anew(project: pathlib.Path) -> None:
    set_up(project)
    (project / ".venv" / "installed").unlink()

    output = set_up(project, str(project / ".venv" / "bin" / "python"))

    assert "Making the virtual environment" in output
    assert output.endswith(task_line(project))


def test_two_at_once_set_up_once(project: pathlib.Path) -> None:
    processes = [start(project) for _ in range(3)]

    outputs = [process.communicate()[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert sum("Making the virtual environment" in output for output in outputs) == 1
    assert all(output.endswith(task_line(project)) for output in outputs)


@pytest.mark.parametrize("line", ["Making the virtual", "Installing the pinned", "Installing the packages"])
def test_an_interrupted_set_up_is_done_again(project: pathlib.Path, line: str) -> None:
    process = start(project)
    assert process.stdout is not None
    assert any(printed.startswith(line) for printed in process.stdout)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    assert set_up(project).endswith(task_line(project))


def test_ctrl_c_ends_it_with_a_sentence(project: pathlib.Path) -> None:
    process = start(project)
    assert process.stdout is not None
    assert any(printed.startswith("Making the virtual") for printed in process.stdout)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate()

    assert process.returncode == 130
    assert output.endswith("Interrupted. The next run sets up what is missing.\n")


def test_settings_of_pip_that_redirect_an_installation_do_not_reach_it(project: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "pip.conf").write_text(
        "[global]\nuser = true\ndry-run = true\n[install]\ntarget = elsewhere\nprefix = elsewhere\nroot = elsewhere\n"
    )

    assert set_up(project, PIP_CONFIG_FILE=str(tmp_path / "pip.conf")).endswith(task_line(project))
    assert not (project / "elsewhere").exists()


@pytest.mark.parametrize("name", ["PIP_USER", "PIP_TARGET", "PIP_DRY_RUN"])
def test_nor_do_such_variables(project: pathlib.Path, tmp_path: pathlib.Path, name: str) -> None:
    assert set_up(project, **{name: "1"}, PYTHONUSERBASE=str(tmp_path / "base")).endswith(task_line(project))


def test_settings_of_pip_that_name_an_index_reach_it(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pip.conf").write_text(
        "[global]\nproxy = http://192.0.2.1:3128\nindex-url = http://192.0.2.1/global\nuser = true\n"
        "[install]\nindex-url = http://192.0.2.1/install\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_CERT", "certificate")

    settings = bootstrap.pip_settings(sys.executable)

    assert settings["PIP_PROXY"] == "http://192.0.2.1:3128"
    assert settings["PIP_INDEX_URL"] == "http://192.0.2.1/install"
    assert settings["PIP_CERT"] == "certificate"
    assert settings["PIP_CONFIG_FILE"] == os.devnull
    assert "PIP_USER" not in settings


def test_variables_of_python_do_not_lead_to_other_code(project: pathlib.Path, tmp_path: pathlib.Path) -> None:
    other = tmp_path / "other" / "invoke"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    (other / "__main__.py").write_text("print('foreign code')\n")

    assert set_up(project, PYTHONPATH=str(other.parent)).endswith(task_line(project))


def test_it_needs_no_home(project: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME", raising=False)

    assert set_up(project, LC_ALL="C").endswith(task_line(project))


def test_a_folder_that_it_did_not_make_is_left_alone(project: pathlib.Path) -> None:
    (project / ".venv").mkdir()
    (project / ".venv" / "mine").write_text("mine")
    process = start(project)

    output, _ = process.communicate()

    assert process.returncode == 1
    assert (
        output == f"{project / '.venv'} is there, but was not made by this command: move it away, and run this command again.\n"
    )
    assert (project / ".venv" / "mine").read_text() == "mine"


def test_a_file_in_the_place_of_the_environment_is_named(project: pathlib.Path) -> None:
    (project / ".venv").write_text("mine")
    process = start(project)

    output, _ = process.communicate()

    assert process.returncode == 1
    assert str(project / ".venv") in output
    assert "Traceback" not in output


def test_an_unknown_python_is_refused(project: pathlib.Path) -> None:
    process = subprocess.run(
        [sys.executable, str(project / "bootstrap.py"), "--python", "2.7"], capture_output=True, text=True, check=False
    )

    assert process.returncode == 1
    assert process.stderr == "--python 2.7: this project runs on Python 3.12, 3.13, 3.14; name one of these.\n"
