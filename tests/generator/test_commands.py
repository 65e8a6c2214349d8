"""The commands ``generate``, ``check``, ``list`` and ``diagram``, with their exit codes."""

import concurrent.futures
import contextlib
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from inmanta_embedded import patience
from service_generator.cli import main
from service_generator.errors import DescriptionError
from service_generator.lifecycles import read_machine

ROOT = Path(__file__).resolve().parents[2]
KITCHEN_SINK = "tests.generator.kitchen_sink.services"
SHOWROOM = "tests.generator.showroom.services"
NAMESPACE = "integration_example::services::important_customer"


def run(*arguments: str | Path) -> Result:
    """Run a command, on a screen that is wide enough for all columns."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, [str(argument) for argument in arguments])


def test_generate_writes_all_files_once(tmp_path: Path) -> None:
    first = run("generate", "--output", tmp_path)
    second = run("generate", "--output", tmp_path)

    assert first.exit_code == second.exit_code == 0
    assert f"wrote {tmp_path / 'services' / 'basic' / 'lsm' / '_init.cf'}" in first.output
    assert second.output == "Everything is up to date.\n"


def test_check_finds_files_in_sync(tmp_path: Path) -> None:
    run("generate", "--output", tmp_path)

    result = run("check", "--output", tmp_path)

    assert result.exit_code == 0
    assert result.output == "The generated files and the descriptions are in sync.\n"


def test_check_shows_a_difference_and_changes_nothing(tmp_path: Path) -> None:
    run("generate", "--output", tmp_path)
    edited = tmp_path / "_init.cf"
    text = edited.read_text() + "more = 1\n"
    edited.write_text(text)

    result = run("check", "--output", tmp_path)

    assert result.exit_code == 1
    assert "-more = 1\n" in result.stdout
    assert "Run `inv generate` or `python -m generator generate`." in result.stderr
    assert edited.read_text() == text


def test_a_file_in_the_way_ends_with_its_own_exit_code(tmp_path: Path) -> None:
    (tmp_path / "_init.cf").write_text("mine = true\n")

    result = run("generate", "--output", tmp_path)

    assert result.exit_code == 3
    assert result.stderr.startswith(f"Not written: {tmp_path / '_init.cf'} is in the way")
    assert [path.name for path in tmp_path.iterdir()] == ["_init.cf"]


def test_a_bad_description_ends_with_its_own_exit_code(tmp_path: Path) -> None:
    result = run("generate", "--descriptions", "not_a_package", "--output", tmp_path)

    assert result.exit_code == 2
    assert result.stderr == "Bad description: not_a_package: there is no Python package not_a_package.\n"
    assert list(tmp_path.iterdir()) == []


def test_list_shows_services_with_types_modifiers_and_descriptions() -> None:
    result = run("list")

    assert result.exit_code == 0
    for text in ("BasicService", "items.service_item_id", "item_priority", "rw+", '"NORMAL"', "Free text about the item."):
        assert text in result.output


def test_list_writes_a_file(tmp_path: Path) -> None:
    result = run("list", "--descriptions", KITCHEN_SINK, "--output", tmp_path / "services.txt")

    text = (tmp_path / "services.txt").read_text()
    assert result.exit_code == 0
    for part in ("vlan_id[]?", "Port [0:10]", "service Network [0:1]", "owner Tunnel", "Allocated by look_up."):
        assert part in text


def test_diagram_draws_entities_and_lifecycle() -> None:
    result = run("diagram", "ImportantCustomerService")

    assert result.exit_code == 0
    assert 'ImportantCustomerService *-- "0..*" ServiceItem : items' in result.output
    assert "update_inprogress --> update_failed: resource_based, error" in result.output
    assert "BasicService" not in result.output


def test_diagram_of_an_unknown_service_offers_the_closest_one() -> None:
    result = run("diagram", "BasicServic")

    assert result.exit_code == 2
    assert "there is no service BasicServic. Did you mean BasicService?" in result.output


def test_a_lifecycle_that_does_not_exist_is_refused() -> None:
    with pytest.raises(DescriptionError) as error:
        read_machine("lsm::fsm::simpel")

    assert str(error.value) == "there is no lifecycle simpel in lsm::fsm. Use one of fsm."


def test_diagram_writes_where_one_is_and_needs_no_other_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path)

    result = run("diagram", "BasicService", "--output", ".")

    drawing = ElementTree.parse(tmp_path / "BasicService.svg")
    titles = {element.text for element in drawing.iter("{http://www.w3.org/2000/svg}title")}
    assert result.exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"BasicService.md", "BasicService.svg"}
    assert {"BasicService", "update_inprogress->update_failed"} <= titles


def test_nothing_but_the_names_of_files_is_on_the_screen_when_a_drawing_is_made(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    result = run("diagram", "BasicService", "--output", tmp_path)

    assert result.stderr == f"wrote {tmp_path / 'BasicService.md'}\nwrote {tmp_path / 'BasicService.svg'}\n"
    assert capfd.readouterr().err == ""


def test_list_and_diagram_give_json(tmp_path: Path) -> None:
    listed = {service["name"]: service for service in json.loads(run("list", "--json").stdout)}
    (drawn,) = json.loads(run("diagram", "BasicService", "--json").stdout)
    run("diagram", "BasicService", "--json", "--output", tmp_path)
    run("list", "--json", "--output", tmp_path / "all.json")

    assert set(listed) == {"BasicService", "ImportantCustomerService"}
    (items,) = [one for one in listed["ImportantCustomerService"]["embedded"] if one["name"] == "items"]
    (priority,) = [one for one in items["attributes"] if one["name"] == "priority"]
    assert listed["BasicService"]["namespace"] == "integration_example::services::basic::lsm"
    assert (priority["type"], priority["modifier"], priority["default"]) == (f"{NAMESPACE}::item_priority", "rw+", "NORMAL")
    assert drawn["service"] == "BasicService"
    assert drawn["lifecycle"]["initial"] == "start"
    assert {"source": "up", "target": "deleting", "trigger": "on_delete", "on_error": False} in drawn["lifecycle"]["edges"]
    assert json.loads((tmp_path / "BasicService.json").read_text()) == drawn
    assert [service["name"] for service in json.loads((tmp_path / "all.json").read_text())] == list(listed)


def test_what_an_abstract_base_gives_is_listed_and_drawn_with_each_service() -> None:
    arguments = ("--descriptions", SHOWROOM, "--json")
    listed = {service["name"]: service for service in json.loads(run("list", *arguments).stdout)}
    drawn = {found["service"]: found for found in json.loads(run("diagram", *arguments).stdout)}

    assert [one["name"] for one in listed["FirstMachine"]["attributes"]] == ["name", "memory"]
    assert [one["name"] for one in drawn["FirstMachine"]["entities"][-1]["attributes"]] == ["name", "memory"]
    assert "Its memory, in GB." in run("list", "--descriptions", SHOWROOM).stdout


@contextlib.contextmanager
def screen(columns: int) -> Iterator[tuple[int, Future[str]]]:
    """A terminal to write to, and what is written, once nobody has it open any more."""
    output, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read() -> str:
        printed = b""
        # The end of a terminal that nobody writes to any more is an error on Linux.
        with contextlib.suppress(OSError):
            while more := os.read(output, 65536):
                printed += more
        os.close(output)
        return printed.decode().replace("\r\n", "\n")

    # Somebody has to read meanwhile: a terminal holds a few lines only.
    with concurrent.futures.ThreadPoolExecutor() as executor:
        yield terminal, executor.submit(read)


def on_a_screen(monkeypatch: pytest.MonkeyPatch, columns: int, **variables: str) -> str:
    """What ``list`` prints on a terminal."""
    for name in ("COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", **variables}.items():
        monkeypatch.setenv(name, value)
    with screen(columns) as (terminal, printed):
        with monkeypatch.context() as patch, os.fdopen(terminal, "w", encoding="utf-8") as stream:
            patch.setattr(sys, "stdout", stream)
            patch.setattr(sys, "__stdout__", stream)
            main(["list"], standalone_mode=False)
        return printed.result(timeout=patience.patient())


@pytest.mark.parametrize("columns", [70, 120, 200])
def test_list_fits_the_screen(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    lines = on_a_screen(monkeypatch, columns, NO_COLOR="1").splitlines()

    assert columns - 30 < max(map(len, lines)) <= columns


def test_list_is_colored_on_a_screen_unless_no_color_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" in on_a_screen(monkeypatch, 120)
    assert "\x1b[" in on_a_screen(monkeypatch, 120, NO_COLOR="")
    assert "\x1b[" not in on_a_screen(monkeypatch, 120, NO_COLOR="1")
    assert "\x1b[" not in on_a_screen(monkeypatch, 120, TERM="dumb")


def test_a_process_of_its_own_prints_the_same_on_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    here = on_a_screen(monkeypatch, 120)
    with screen(120) as (terminal, printed):
        # Without the size of a screen that readline sets where Python does not see it, and children would.
        environment = dict(os.environ)
        subprocess.run(
            [sys.executable, "-m", "service_generator", "list"], cwd=ROOT, env=environment, stdout=terminal, check=True
        )
        os.close(terminal)

    assert printed.result(timeout=patience.patient()) == here


@pytest.mark.parametrize("command", ["generate", "check", "list", "diagram"])
def test_every_command_explains_itself(command: str) -> None:
    result = run(command, "--help")

    assert result.exit_code == 0
    assert "--output" in result.output
    assert ("--json" in result.output) == (command in ("list", "diagram"))


def tree(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("content", ["own = true\n", '"""\nThis file is generated from generator/services/basic.py.\n"""\n'])
def test_a_folder_with_other_files_is_no_output(tmp_path: Path, content: str) -> None:
    other = tmp_path / "libs" / "other" / "model" / "_init.cf"
    other.parent.mkdir(parents=True)
    other.write_text(content)
    before = tree(tmp_path)

    result = run("generate", "--output", tmp_path / "libs")

    assert result.exit_code == 3
    assert result.stderr == (
        f"Not written: {tmp_path / 'libs'} holds other/model/_init.cf, which is not generated from generator/services for the "
        "module integration_example. Name an empty folder.\n"
    )
    assert tree(tmp_path) == before


@pytest.mark.parametrize("command", ["generate", "check", "diagram"])
def test_an_output_without_a_name_is_refused(command: str) -> None:
    result = run(command, "--output", "")

    assert result.exit_code == 2
    assert "the name of the folder is empty" in result.stderr


def test_a_mistake_in_the_generator_is_said_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(module: object, *, color: bool, width: int) -> str:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("service_generator.listing.listing", fail)

    result = run("list")
    shown = run("--traceback", "list")

    assert result.exit_code == shown.exit_code == 4
    assert result.stderr.startswith("This is a mistake in the generator, not in the description: ZeroDivisionError: oops (")
    assert "Traceback" not in result.stderr
    assert "Traceback" in shown.stderr


def test_an_interruption_has_its_own_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(module: object, *, color: bool, width: int) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("service_generator.listing.listing", interrupt)

    result = run("list")

    assert result.exit_code == 130
    assert result.stderr == "Interrupted: nothing was changed.\n"


@pytest.mark.parametrize("descriptions", ["generator.services", KITCHEN_SINK, SHOWROOM])
def test_all_descriptions_can_be_listed_and_drawn(descriptions: str) -> None:
    assert run("list", "--descriptions", descriptions).exit_code == 0
    assert run("diagram", "--descriptions", descriptions).exit_code == 0
