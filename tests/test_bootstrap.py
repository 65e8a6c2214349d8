"""
Tests of the set-up: what ``bootstrap.py`` makes, and when it makes it anew.

They run it on a project that has the same file and next to no dependencies, so that a set-up takes some seconds. What does not
depend on a set-up from nothing begins with one that is there already, or with a copy of it.
"""

import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import venv
import zipfile

import pytest
from inmanta_embedded import processes

import bootstrap

pytestmark = pytest.mark.set_up

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


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A project that is set up, for all tests that leave it so."""
    project = make_project(tmp_path_factory.mktemp("installed") / "project")
    assert set_up(project).endswith(task_line(project))
    return project


@pytest.fixture
def own(installed: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    """A project of the test's own that looks as if it had been set up where it is; the code that it runs is that of another."""
    project = tmp_path / "own"
    shutil.copytree(installed, project, symlinks=True)
    stamp = project / ".venv" / "installed"
    stamp.write_text(stamp.read_text().replace(str(installed), str(project)))
    assert "Making" not in set_up(project)
    return project


def change_pins(project: pathlib.Path) -> None:
    """
    Change the pinned dependencies, so that an installation is due.

    :param project: its folder
    """
    for pins in bootstrap.PINS.values():
        with (project / pins).open("a") as file:
            file.write("# and still none\n")


def test_nothing_is_installed_twice(installed: pathlib.Path) -> None:
    assert set_up(installed) == task_line(installed)


def test_changed_pins_are_installed(installed: pathlib.Path) -> None:
    change_pins(installed)

    output = set_up(installed)

    assert "Installing the pinned dependencies" in output
    assert "Making the virtual environment" not in output
    assert output.endswith(task_line(installed))


def test_any_path_will_do(tmp_path: pathlib.Path) -> None:
    # Each of these names is one that something on the way might take for something else.
    project = make_project(tmp_path / "two words, it's größe 100%2F" / "(a) & b; [x]#y" / "-dash" / ("x" * 100))

    assert set_up(project).endswith(task_line(project))


def test_a_task_does_not_see_what_inmanta_accepts_in_no_path(tmp_path: pathlib.Path) -> None:
    project = make_project(tmp_path / 'a "quote" $HOME `id`')

    code, prefix, *arguments = set_up(project).splitlines()[-1].split("|")

    assert pathlib.Path(code) == project / "code" / "invoke" / "__main__.py"
    assert prefix.startswith("/proc/")
    assert prefix.endswith("/cwd/.venv")
    assert arguments == ["task", "--option"]


def test_a_path_that_python_refuses_is_named(tmp_path: pathlib.Path) -> None:
    process = start(make_project(tmp_path / "a:b"))

    output, _ = process.communicate()

    assert process.returncode == 1
    assert "a:b" in output
    assert "Traceback" not in output


def version_of(project: pathlib.Path) -> tuple[int, int]:
    """The version of the Python that the environment of a project was made with: the newest one of the machine."""
    (libraries,) = (project / ".venv" / "lib").iterdir()
    major, minor = libraries.name.removeprefix("python").split(".")
    return int(major), int(minor)


def is_usable(project: pathlib.Path, version: tuple[int, int]) -> bool:
    """Whether the environment of a project can be run and installed into, with a version of Python."""
    return bootstrap.Environment(project / ".venv", sys.executable, version).is_usable()


def test_the_environment_of_a_project_that_was_moved_is_not_usable(own: pathlib.Path) -> None:
    version = version_of(own)
    assert is_usable(own, version)

    moved = own.rename(own.with_name("moved"))

    assert not is_usable(moved, version)


def test_a_copy_is_set_up_anew_and_runs_its_own_code(installed: pathlib.Path, tmp_path: pathlib.Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(installed, copy, symlinks=True)

    assert set_up(copy).endswith(task_line(copy))
    assert str(installed) not in (copy / ".venv" / "bin" / "activate").read_text()
    assert set_up(installed) == task_line(installed)


def test_an_environment_whose_python_became_another_one_is_not_usable(own: pathlib.Path) -> None:
    version = version_of(own)
    assert is_usable(own, version)

    libraries = own / ".venv" / "lib" / f"python{version[0]}.{version[1]}"
    libraries.rename(libraries.with_name("python3.8"))
    configuration = own / ".venv" / "pyvenv.cfg"
    configuration.write_text(configuration.read_text().replace("version = 3", "version = 2"))

    assert (own / ".venv" / "bin" / "python").exists()
    assert not is_usable(own, version)


def test_an_environment_without_its_python_is_not_usable(own: pathlib.Path) -> None:
    python = own / ".venv" / "bin" / "python"
    version = version_of(own)
    python.unlink()
    python.symlink_to(own / "removed")

    assert not is_usable(own, version)


def test_an_active_environment_that_is_not_usable_makes_itself_anew(own: pathlib.Path) -> None:
    (own / ".venv" / "installed").unlink()

    output = set_up(own, str(own / ".venv" / "bin" / "python"))

    assert "Making the virtual environment" in output
    assert output.endswith(task_line(own))
    assert set_up(own) == task_line(own)


def test_the_pip_of_its_python_is_enough(installed: pathlib.Path) -> None:
    environment = bootstrap.Environment(installed / ".venv", sys.executable, version_of(installed))

    assert environment.has_pip()
    assert not bootstrap.starts(str(environment.venv_python), "import pip")


def test_an_environment_has_its_own_pip_where_its_python_has_none(tmp_path: pathlib.Path) -> None:
    venv.create(tmp_path / "bare", symlinks=True, with_pip=False)
    environment = bootstrap.Environment(tmp_path / ".venv", str(tmp_path / "bare" / "bin" / "python"), sys.version_info[:2])

    environment.make()

    assert environment.pip()[0] == str(environment.venv_python)
    bootstrap.run(*environment.pip(), "--version")


def make_wheel(folder: pathlib.Path, name: str) -> None:
    """
    Make a wheel of a package with nothing in it.

    :param folder: where
    :param name: of the package
    """
    about = f"{name}-1.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")


def test_many_pins_are_all_installed_and_one_that_is_not_there_is_named(project: pathlib.Path, tmp_path: pathlib.Path) -> None:
    names = [f"tiny{number}" for number in range(50)]
    for name in names[:-1]:
        make_wheel(tmp_path, name)
    for pins in bootstrap.PINS.values():
        (project / pins).write_text("# all\n" + "".join(f"{name}==1\n" for name in names))
    index = {"PIP_FIND_LINKS": str(tmp_path), "PIP_NO_INDEX": "1"}

    failed = start(project, **index)
    output, _ = failed.communicate()
    assert failed.returncode == 1
    assert f"No matching distribution found for {names[-1]}==1" in output

    make_wheel(tmp_path, names[-1])
    assert set_up(project, **index).endswith(task_line(project))
    packages = next((project / ".venv" / "lib").glob("python*")) / "site-packages"
    assert {path.name for path in packages.glob("tiny*")} == {f"{name}-1.dist-info" for name in names}


@pytest.mark.parametrize(("cores", "count"), [(1, 1), (2, 2), (64, 4)])
def test_each_pin_is_in_one_part(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, cores: int, count: int) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    environment = bootstrap.Environment(tmp_path, sys.executable, sys.version_info[:2])

    parts = environment.parts()

    assert len(parts) == count
    lines = [line for part in parts for line in (tmp_path.parent / part if count > 1 else bootstrap.ROOT / part).open()]
    pins = (bootstrap.ROOT / environment.pins).read_text().splitlines()
    assert sorted(line.strip() for line in lines) == sorted(pins)


def test_a_pip_that_could_be_replaced_works_alone(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    venv.create(tmp_path / "bare", symlinks=True, with_pip=False)
    environment = bootstrap.Environment(tmp_path, str(tmp_path / "bare" / "bin" / "python"), sys.version_info[:2])

    assert environment.parts() == [environment.pins]


def test_two_at_once_set_up_once(project: pathlib.Path) -> None:
    processes = [start(project) for _ in range(3)]

    outputs = [process.communicate()[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert sum("Making the virtual environment" in output for output in outputs) == 1
    assert all(output.endswith(task_line(project)) for output in outputs)


def test_packages_are_installed_into_one_environment_at_a_time(project: pathlib.Path) -> None:
    with (project / ".venv-packages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = start(project)
        assert process.stdout is not None
        assert "Waiting for another set-up to install them\n" in process.stdout
        assert not (project / ".venv" / "installed").exists()

    output, _ = process.communicate()

    assert process.returncode == 0, output
    assert output.endswith(task_line(project))


def test_a_set_up_that_is_interrupted_at_any_point_is_done_again(project: pathlib.Path) -> None:
    for line in ("Making the virtual", "Installing the pinned", "Installing the packages"):
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


def test_settings_of_pip_that_redirect_an_installation_do_not_reach_it(installed: pathlib.Path, tmp_path: pathlib.Path) -> None:
    change_pins(installed)
    (tmp_path / "pip.conf").write_text(
        "[global]\nuser = true\ndry-run = true\n[install]\ntarget = elsewhere\nprefix = elsewhere\nroot = elsewhere\n"
    )

    assert set_up(installed, PIP_CONFIG_FILE=str(tmp_path / "pip.conf")).endswith(task_line(installed))
    assert not (installed / "elsewhere").exists()


def test_nor_do_such_variables(installed: pathlib.Path, tmp_path: pathlib.Path) -> None:
    change_pins(installed)
    variables = dict.fromkeys(("PIP_USER", "PIP_TARGET", "PIP_DRY_RUN"), "1")

    assert set_up(installed, **variables, PYTHONUSERBASE=str(tmp_path / "base")).endswith(task_line(installed))
    assert not (installed / "1").exists()
    assert not (tmp_path / "base").exists()


def test_settings_of_pip_that_name_an_index_reach_it(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pip.conf").write_text(
        "[global]\nproxy = http://192.0.2.1:3128\nindex-url = http://192.0.2.1/global\nuser = true\n"
        "[install]\nindex-url = http://192.0.2.1/install\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_CERT", "certificate")

    settings = bootstrap.pip_settings([sys.executable, "-m", "pip"])

    assert settings["PIP_PROXY"] == "http://192.0.2.1:3128"
    assert settings["PIP_INDEX_URL"] == "http://192.0.2.1/install"
    assert settings["PIP_CERT"] == "certificate"
    assert settings["PIP_CONFIG_FILE"] == os.devnull
    assert "PIP_USER" not in settings


def test_variables_of_python_do_not_lead_to_other_code(installed: pathlib.Path, tmp_path: pathlib.Path) -> None:
    other = tmp_path / "other" / "invoke"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    (other / "__main__.py").write_text("print('foreign code')\n")

    change_pins(installed)
    assert set_up(installed, PYTHONPATH=str(other.parent)).endswith(task_line(installed))


@pytest.mark.parametrize(("given", "kept"), [("ascii", "ascii:replace"), ("ascii:ignore", "ascii:ignore"), ("", "")])
def test_output_that_an_encoding_cannot_hold_ends_nothing(monkeypatch: pytest.MonkeyPatch, given: str, kept: str) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", given)

    assert bootstrap.environment()["PYTHONIOENCODING"] == kept


def test_it_needs_no_home(installed: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME", raising=False)
    change_pins(installed)

    assert set_up(installed, LC_ALL="C", PYTHONIOENCODING="ascii").endswith(task_line(installed))


def run_as_nameless(command: list[str], cwd: pathlib.Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """
    Run a command as a user without a name and without a home, also where root runs the tests.

    :param command: program and arguments
    :param cwd: where it runs
    :param variables: more environment variables
    """
    return subprocess.run(
        processes.launch_command(command, "namespace:54321", signal.SIGKILL),
        cwd=cwd,
        env={**{name: value for name, value in os.environ.items() if name != "HOME"}, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("home", [None, "closed"])
def test_nor_does_a_user_without_a_name(installed: pathlib.Path, tmp_path: pathlib.Path, home: str | None) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    change_pins(installed)
    variables = {} if home is None else {"HOME": str(tmp_path / home)}

    answer = run_as_nameless([sys.executable, "bootstrap.py", "task", "--option"], installed, **variables)

    assert answer.returncode == 0, answer.stdout
    assert answer.stdout.endswith(task_line(installed))


@pytest.mark.parametrize("home", [None, "closed", "closed/below", "file"])
def test_a_user_without_a_home_gets_one_in_the_project(
    installed: pathlib.Path, tmp_path: pathlib.Path, home: str | None
) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "file").touch()
    code = "import bootstrap; print(bootstrap.environment()['HOME'], end='')"
    variables = {} if home is None else {"HOME": str(tmp_path / home)}

    told = run_as_nameless([sys.executable, "-c", code], installed, **variables)

    assert told.stdout == str(installed / ".home")


def test_a_home_stays_also_when_it_does_not_exist(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for home in (tmp_path, tmp_path / "missing"):
        monkeypatch.setenv("HOME", str(home))

        assert bootstrap.environment()["HOME"] == str(home)


@pytest.mark.parametrize(
    ("closed", "is_due"), [("<&-", False), (">&-", False), ("2>&-", False), ("<&- >&- 2>&-", False), ("<&- >&- 2>&-", True)]
)
def test_it_needs_no_output(installed: pathlib.Path, closed: str, is_due: bool) -> None:
    if is_due:
        change_pins(installed)
    command = f'"{sys.executable}" bootstrap.py task --option {closed}'

    answer = subprocess.run(["sh", "-c", command], cwd=installed, capture_output=True, text=True, check=False)

    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.endswith("" if ">&-" in closed.replace("2>&-", "") else task_line(installed))


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


def test_what_the_machine_refuses_is_told_with_place_and_remedy(project: pathlib.Path) -> None:
    (project / ".venv.lock").mkdir()
    process = start(project)

    output, _ = process.communicate()

    assert process.returncode == 1
    assert output == (
        f"The project cannot be set up: Is a directory: {project / '.venv.lock'}. Mend that, or move the project elsewhere, "
        "and run this command again.\n"
    )


def test_a_home_that_is_closed_to_the_user_holds_no_python(tmp_path: pathlib.Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    code = "import bootstrap, sys; print(bootstrap.find_environment(None).version == sys.version_info[:2])"

    process = subprocess.run(
        # Also where root runs the tests, whom nothing is closed to.
        processes.launch_command([sys.executable, "-c", code], "namespace:54321", signal.SIGKILL),
        cwd=bootstrap.ROOT,
        env={**os.environ, "PYENV_ROOT": str(tmp_path / "closed"), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (process.stdout, process.stderr) == ("True\n", "")


def test_an_unknown_python_is_refused(project: pathlib.Path) -> None:
    process = subprocess.run(
        [sys.executable, str(project / "bootstrap.py"), "--python", "2.7"], capture_output=True, text=True, check=False
    )

    assert process.returncode == 1
    assert process.stderr == "--python 2.7: this project runs on Python 3.12, 3.13, 3.14; name one of these.\n"
