"""The commands ``generate``, ``check``, ``list`` and ``diagram``, with their exit codes."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from service_generator.cli import main
from service_generator.errors import DescriptionError
from service_generator.lifecycles import read_machine

KITCHEN_SINK = "tests.generator.kitchen_sink.services"


def run(*arguments: str | Path) -> Result:
    """Run a command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


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


def test_diagram_writes_a_drawing_where_graphviz_is_installed(tmp_path: Path) -> None:
    result = run("diagram", "BasicService", "--output", tmp_path)

    written = {path.name for path in tmp_path.iterdir()}
    assert result.exit_code == 0
    assert written == ({"BasicService.md", "BasicService.svg"} if shutil.which("dot") else {"BasicService.md"})


def test_diagram_says_so_where_graphviz_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    result = run("diagram", "BasicService", "--output", tmp_path / "drawings")

    assert result.exit_code == 0
    assert "There is no SVG: graphviz is not installed." in result.stderr


@pytest.mark.parametrize("command", ["generate", "check", "list", "diagram"])
def test_every_command_explains_itself(command: str) -> None:
    result = run(command, "--help")

    assert result.exit_code == 0
    assert "--output" in result.output


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
    def fail(module: object, *, color: bool) -> str:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("service_generator.listing.listing", fail)

    result = run("list")
    shown = run("--traceback", "list")

    assert result.exit_code == shown.exit_code == 4
    assert result.stderr.startswith("This is a mistake in the generator, not in the description: ZeroDivisionError: oops (")
    assert "Traceback" not in result.stderr
    assert "Traceback" in shown.stderr


def test_an_interruption_has_its_own_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(module: object, *, color: bool) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("service_generator.listing.listing", interrupt)

    result = run("list")

    assert result.exit_code == 130
    assert result.stderr == "Interrupted: nothing was changed.\n"


@pytest.mark.parametrize("descriptions", ["generator.services", KITCHEN_SINK, "tests.generator.showroom.services"])
def test_all_descriptions_can_be_listed_and_drawn(descriptions: str) -> None:
    assert run("list", "--descriptions", descriptions).exit_code == 0
    assert run("diagram", "--descriptions", descriptions).exit_code == 0
