"""A project made by ``init`` is complete, and ``new`` and ``generate --watch`` work in it."""

import os
import selectors
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from inmanta_embedded import patience
from service_generator.cli import main
from service_generator.errors import WriteError
from service_generator.scaffold.files import Licence, project, service
from service_generator.scaffold.making import add
from service_generator.scaffold.names import BadNameError, ServiceName, module_name, service_name


def invoke(*arguments: str | Path) -> Result:
    """Run a command that writes."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def environment() -> dict[str, str]:
    """The environment of commands that are run in a project of its own: nothing of this test run."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python module in the folder of a project."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=patience.patient(),
        check=False,
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was just made, for copies."""
    folder = tmp_path_factory.mktemp("original") / "made"
    result = invoke("init", "my_company", "--folder", folder)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def made(original: Path, tmp_path: Path) -> Path:
    """A project of the test's own that was just made."""
    return Path(shutil.copytree(original, tmp_path / "made", symlinks=True))


def check_tests_with_a_second_service(project: Path, selection: str, passed: int) -> None:
    """Run tests of a project to which a service was added."""
    added = python(project, "service_generator", "new", "VpnLink")
    # Without plugins that the environment of such a project does not have, or that do not concern it.
    plugins = [word for name in ("xdist", "randomly", "schemathesis") for word in ("-p", f"no:{name}")]
    tests = python(project, "pytest", "tests", "-m", selection, *plugins, "-q")

    assert added.returncode == 0, added.stderr
    assert (project / "model" / "services" / "vpn_link" / "lsm" / "_init.cf").is_file()
    assert tests.returncode == 0, tests.stdout + tests.stderr
    assert f"{passed} passed" in tests.stdout


def test_the_fast_tests_of_a_new_project_are_green_also_with_a_second_service(
    request: pytest.FixtureRequest, made: Path
) -> None:
    if "test_tutorial.py" in {item.path.name for item in request.session.items}:
        pytest.skip("This run follows the tutorial, which runs those of a new project with a second service.")

    # Those of the project itself, and the one that came with the service.
    check_tests_with_a_second_service(made, "not full", 6)


@pytest.mark.full
@pytest.mark.long
def test_the_full_tests_of_a_new_project_are_green_also_with_a_second_service(made: Path) -> None:
    check_tests_with_a_second_service(made, "full", 2)


@pytest.mark.full
def test_the_demo_of_a_new_project_deploys_and_leaves_nothing(made: Path) -> None:
    demo = python(made, "demo")

    shown = demo.stdout.splitlines()
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "The catalog has Note." in shown
    assert [line for line in shown if line in ("Hello", "Bye")] == ["Hello", "Bye"]
    assert [line for line in shown if line.endswith("Note first: terminated")]
    assert not (made / ".inmanta-embedded" / "demo" / "deployed").exists()


def test_check_notices_an_edit_of_a_new_project(made: Path) -> None:
    edited = made / "model" / "services" / "note" / "_init.cf"
    edited.write_text(edited.read_text(encoding="utf-8") + "more = 1\n", encoding="utf-8")

    result = python(made, "service_generator", "check")

    assert result.returncode == 1
    assert "-more = 1" in result.stdout


@pytest.mark.parametrize("name", ["my_company", "a" * 40])
def test_the_style_of_a_new_project_is_clean_whatever_its_name(original: Path, tmp_path: Path, name: str) -> None:
    folder = original if name == "my_company" else tmp_path
    if folder != original:
        assert invoke("init", name, "--folder", folder).exit_code == 0

    for arguments in (["check"], ["format", "--check"]):
        result = python(folder, "ruff", *arguments, "--no-cache", ".")
        assert result.returncode == 0, result.stdout


def test_new_refuses_a_service_that_is_there_already(made: Path) -> None:
    again = python(made, "service_generator", "new", "Note")

    assert again.returncode == 2
    assert "has a service Note already: choose another name." in again.stderr


def test_a_file_of_a_new_service_that_is_there_already_is_left_alone(made: Path) -> None:
    (made / "tests" / "mocked" / "test_link.py").write_text("mine = True\n", encoding="utf-8")

    with pytest.raises(WriteError, match=r"test_link\.py is in the way\. Choose another name"):
        add(made, service("my_company", service_name("link")))

    assert not (made / "generator" / "services" / "link.py").exists()
    assert (made / "tests" / "mocked" / "test_link.py").read_text(encoding="utf-8") == "mine = True\n"


def contents(folder: Path) -> dict[Path, bytes]:
    """All files of a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    before = contents(tmp_path)

    result = invoke("init", "my_company", "--folder", tmp_path)

    assert result.exit_code == 3
    assert result.stderr.startswith(f"Not written: {tmp_path} is not an empty folder. Name an empty one")
    assert contents(tmp_path) == before


def test_the_python_of_a_project_is_also_where_older_tools_look(made: Path) -> None:
    assert (made / "plugins").readlink() == Path("inmanta_plugins/my_company")
    assert (made / "plugins" / "config.py").is_file()


@pytest.mark.parametrize("folder", [".", "deep/er"])
def test_nothing_is_left_of_a_project_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    # A Python that cannot generate.
    monkeypatch.setattr(sys, "executable", "/bin/false")

    result = invoke("init", "my_company", "--folder", tmp_path / folder)

    assert result.exit_code == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["", "MyCompany", "my-company", "1st", "my__company", "_my", "../up", "class", "entity", "std", "a" * 41, "é", "a\n"],
)
def test_bad_names_of_modules_are_refused(tmp_path: Path, name: str) -> None:
    result = invoke("init", "--folder", tmp_path, "--", name)

    assert result.exit_code == 2
    assert "cannot be the name of a module" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "my-link", "1st", "a__b", "../up", "class", "Entity", "None", "service", "A" * 41, "a\n"])
def test_bad_names_of_services_are_refused(name: str) -> None:
    with pytest.raises(BadNameError, match="cannot be the name of a service"):
        service_name(name)


def test_names_of_services_are_written_as_classes_or_as_files() -> None:
    assert service_name("VpnLink") == service_name("vpn_link") == ServiceName("VpnLink", "vpn_link")
    assert module_name("l3_vpn") == "l3_vpn"


@pytest.mark.parametrize("licence", Licence)
def test_the_licence_is_that_of_choice(licence: Licence) -> None:
    texts = {str(path): text for path, text in project("my_company", licence).items()}

    first = {Licence.APACHE: "Apache License", Licence.MIT: "MIT License", Licence.PROPRIETARY: "All rights reserved"}[licence]
    assert first in texts["LICENSE"]
    assert f"license = {licence.value}\n" in texts["setup.cfg"]


@pytest.fixture
def watching(made: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that watches the descriptions of a new project."""
    command = [sys.executable, "-m", "service_generator", "generate", "--watch"]
    with subprocess.Popen(command, cwd=made, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(process: subprocess.Popen[bytes], text: str) -> None:
    """Wait until a process has printed a text."""
    assert process.stdout is not None
    printed = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while text.encode() not in printed:
            assert selector.select(timeout=patience.patient()), printed
            read = os.read(process.stdout.fileno(), 65536)
            assert read, printed
            printed += read


def test_watch_generates_after_each_change_until_it_is_interrupted(made: Path, watching: subprocess.Popen[bytes]) -> None:
    description = made / "generator" / "services" / "note.py"
    text = description.read_text(encoding="utf-8")
    wait_for(watching, "Everything is up to date.")

    description.write_text(text.replace('identity = "title"', 'identity = "name"'), encoding="utf-8")
    wait_for(watching, "Bad description: ")

    description.write_text(text.replace("What the note says.", "What it says."), encoding="utf-8")
    wait_for(watching, "services/note/_init.cf")
    assert "What it says." in (made / "model" / "services" / "note" / "_init.cf").read_text(encoding="utf-8")

    watching.send_signal(signal.SIGINT)
    wait_for(watching, "Stopped watching.")
    assert watching.wait(timeout=patience.patient()) == 130
