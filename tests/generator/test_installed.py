"""What the installed modules define is read from their models, without a compile."""

from pathlib import Path

import pytest
from service_generator.errors import DescriptionError
from service_generator.installed import attributes_of, close_match, extends, member_kinds, read_module, relations_of
from service_generator.python_side import plugin_arguments, plugins_of


def test_inherited_attributes_are_known() -> None:
    assert {"path", "content", "purged", "send_event", "report_only"} <= attributes_of("fs::File")


def test_relations_of_both_ends_and_of_other_modules_are_known() -> None:
    read_module("mitogen")

    assert {"host", "via", "requires", "provides", "prefix_content"} <= relations_of("fs::File")
    assert {"via", "host_groups", "os"} <= relations_of("std::Host")
    assert "host" in relations_of("std::HostConfig")


def test_entities_of_a_namespace_see_those_around_it() -> None:
    assert {"name", "managed", "purged"} <= set(member_kinds("std::testing::NullResource"))


def test_inheritance_is_followed() -> None:
    assert extends("fs::File", "std::Resource")
    assert extends("mitogen::Ssh", "mitogen::Context")
    assert not extends("std::Host", "std::Resource")


def test_typedefs_variables_and_plugins_are_known() -> None:
    std = read_module("std")

    assert std.typedefs["std::port"] == "int"
    assert std.variables["std::linux"] == "std::OS"
    assert {"json_dumps", "count", "format"} <= set(plugins_of("std"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fs::Fil", "module fs has no entity fs::Fil. Did you mean File?"),
        ("nope::File", "no inmanta module nope is installed. Install inmanta-module-nope."),
    ],
)
def test_an_unknown_entity_is_refused(name: str, message: str) -> None:
    with pytest.raises(DescriptionError) as error:
        member_kinds(name)

    assert str(error.value) == message


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("nam", ["name", "size"], "Did you mean name?"),
        ("zzz", ["name", "size"], "There are: name, size."),
        ("zzz", [], "There are none."),
    ],
)
def test_the_closest_name_is_offered(name: str, known: list[str], hint: str) -> None:
    assert close_match(name, known) == hint


def test_arguments_of_an_allocator_are_read_from_its_source(tmp_path: Path) -> None:
    source = tmp_path / "lsm.py"
    source.write_text("@allocator()\ndef find(service, path, *, key, depth=1): ...\ndef other(service, path, *, key): ...\n")

    assert plugin_arguments(source, "find") == (frozenset({"key"}), frozenset({"key", "depth"}))
    assert plugin_arguments(source, "other") is None
    assert plugin_arguments(tmp_path / "missing.py", "find") is None
