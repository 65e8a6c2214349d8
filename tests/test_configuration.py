"""
Tests of the configuration file: what may be left out, and that whatever is wrong with it is said in one sentence that names
the file and the key.
"""

import collections.abc
import contextlib
import os
import pathlib
import re
import socket
import time

import inmanta.plugins
import pytest
import pytest_inmanta.plugin
import yaml

from inmanta_plugins.integration_example import config
from tests import configuration_file

COMPLETE = {
    "basic_service": {"unique_id_range": {"start": 0, "end": 1000}},
    "important_customer_service": {
        "items_folder": "file:///tmp/items",
        "orders_folder": "file:///tmp/orders",
        "service_id_range": {"start": 0, "end": 1000},
        "service_item_id_range": {"start": 0, "end": 1000},
        "owner": None,
        "group": None,
    },
}


@pytest.fixture
def loaded_project(project: pytest_inmanta.plugin.Project) -> pytest_inmanta.plugin.Project:
    """A project, so that there is a folder to look for the configuration file in."""
    project.compile("import std")
    return project


@pytest.mark.usefixtures("loaded_project")
def test_the_file_is_looked_for_in_the_files_of_the_project(configure: configuration_file.Configure) -> None:
    path = configure("")

    assert config.Config.path().samefile(path)


@pytest.mark.usefixtures("loaded_project")
@pytest.mark.parametrize(
    "content",
    ["", "# nothing but a comment\n", "---\n", {}, {"basic_service": {}}, "basic_service:\n  # no key\n", COMPLETE],
    ids=["empty", "comment", "empty document", "empty mapping", "empty section", "section of comments", "every key"],
)
def test_every_key_may_be_left_out(configure: configuration_file.Configure, content: object) -> None:
    configure(content)

    assert config.Config.get() == config.Config()
    assert config.Config().model_dump() == COMPLETE


@pytest.mark.usefixtures("loaded_project")
def test_what_is_dumped_can_be_written_and_read_back(configure: configuration_file.Configure) -> None:
    changed = config.Config.model_validate(
        {
            "basic_service": {"unique_id_range": {"start": -5, "end": -5}},
            "important_customer_service": {"items_folder": "file:///srv/some things", "owner": "alice"},
        }
    )
    configure(yaml.safe_dump(changed.model_dump()))

    assert config.Config.get() == changed


@pytest.mark.usefixtures("loaded_project")
@pytest.mark.parametrize("url", ["file:////srv/things", "file:///srv/things/", "FILE:///srv/./thin%67s"])
def test_a_folder_has_one_path_however_it_is_written(configure: configuration_file.Configure, url: str) -> None:
    configure({"important_customer_service": {"items_folder": url}})

    assert str(config.Config.get().important_customer_service.items_folder) == "/srv/things"


@pytest.mark.usefixtures("loaded_project")
def test_the_example_file_of_the_module_holds_every_key_with_its_default(configure: configuration_file.Configure) -> None:
    example = (pathlib.Path(__file__).parents[1] / "files" / "integration-example-config.yml").read_text()
    configure(example)

    assert yaml.safe_load(example) == COMPLETE
    assert config.Config.get() == config.Config()


@pytest.mark.usefixtures("loaded_project")
def test_a_missing_file_is_one_error_that_says_that_an_empty_one_is_enough(configure: configuration_file.Configure) -> None:
    path = configure("")
    path.unlink()

    with pytest.raises(inmanta.plugins.PluginException, match="empty") as error:
        config.Config.get()

    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("loaded_project")
@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("basic_service: {unclosed", ""),
        ("name: \x00", ""),
        ("- a list\n", ""),
        ("just text\n", ""),
        ({"basic_servise": {}}, "basic_servise"),
        ({"basic_service": {"range": {}}}, "basic_service.range"),
        ({"basic_service": "unique_id_range"}, "basic_service"),
        ({"basic_service": {"unique_id_range": {"start": "zero"}}}, "basic_service.unique_id_range.start"),
        ({"basic_service": {"unique_id_range": {"start": 1.5}}}, "basic_service.unique_id_range.start"),
        ({"basic_service": {"unique_id_range": {"start": True}}}, "basic_service.unique_id_range.start"),
        ({"basic_service": {"unique_id_range": {"start": 5, "end": 4}}}, "basic_service.unique_id_range"),
        ({"important_customer_service": {"service_id_range": [0, 1000]}}, "important_customer_service.service_id_range"),
        ({"important_customer_service": {"items_folder": "/tmp/items"}}, "important_customer_service.items_folder"),
        ({"important_customer_service": {"items_folder": "file://tmp/items"}}, "important_customer_service.items_folder"),
        ({"important_customer_service": {"orders_folder": "http:///tmp"}}, "important_customer_service.orders_folder"),
        ({"important_customer_service": {"orders_folder": "file://[tmp"}}, "important_customer_service.orders_folder"),
        ({"important_customer_service": {"orders_folder": "file:///tmp/../etc"}}, "important_customer_service.orders_folder"),
        ({"important_customer_service": {"orders_folder": "file:///tmp/%00"}}, "important_customer_service.orders_folder"),
        ({"important_customer_service": {"orders_folder": "file:///tmp/%ff"}}, "important_customer_service.orders_folder"),
        ({"important_customer_service": {"orders_folder": 7}}, "important_customer_service.orders_folder"),
        ({"important_customer_service": {"orders_folder": "file:///tmp/a]b"}}, "important_customer_service.orders_folder"),
        ({"important_customer_service": {"orders_folder": "file:///tmp/a%5D"}}, "important_customer_service.orders_folder"),
        ({"important_customer_service": {"items_folder": "file:///tmp/a%0Ab"}}, "important_customer_service.items_folder"),
        ({"important_customer_service": {"items_folder": "file:///tmp/\u2028"}}, "important_customer_service.items_folder"),
        ({"important_customer_service": {"items_folder": f"file:///{'a' * 256}"}}, "important_customer_service.items_folder"),
        ({"important_customer_service": {"items_folder": "file://" + "/a" * 2000}}, "important_customer_service.items_folder"),
        ({"important_customer_service": {"owner": "a\nb"}}, "important_customer_service.owner"),
        ({"important_customer_service": {"owner": "a b"}}, "important_customer_service.owner"),
        ({"important_customer_service": {"owner": "a:b"}}, "important_customer_service.owner"),
        ({"important_customer_service": {"group": "\x1b[2J"}}, "important_customer_service.group"),
        ({"important_customer_service": {"group": "-R"}}, "important_customer_service.group"),
        ({"important_customer_service": {"group": "g" * 300}}, "important_customer_service.group"),
        ({"basic_service": {"unique_id_range": {"end": 10**30}}}, "basic_service.unique_id_range.end"),
        ({"basic_service": {"unique_id_range": {"start": -(10**30)}}}, "basic_service.unique_id_range.start"),
        ({"important_customer_service": {"owner": ""}}, "important_customer_service.owner"),
        ({"important_customer_service": {"group": 0}}, "important_customer_service.group"),
    ],
)
def test_bad_input_is_one_sentence_that_names_the_file_and_the_key(
    configure: configuration_file.Configure, content: object, key: str
) -> None:
    path = configure(content)

    with pytest.raises(inmanta.plugins.PluginException) as error:
        config.Config.get()

    message = str(error.value)
    assert str(path) in message
    assert "folder" not in key or ": write file:// followed by an absolute path" in message
    assert re.search(rf"{re.escape(key)}(?![\w.])", message), message
    assert "\n" not in message


ALIAS_BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))


@pytest.mark.usefixtures("loaded_project")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (ALIAS_BOMB, "stands for more than"),
        (f"a: &a {'x' * 30_000}\nb: [*a, *a, *a]\n", "stands for more than"),
        ("a: &a [*a]\n", "contains itself"),
        ("a: &a {b: {c: *a}}\n", "contains itself"),
        ("[" * 10_000, "nested deeper than"),
        ("{a: " * 10_000, "nested deeper than"),
        ("".join(f"{' ' * n}a:\n" for n in range(200)), "nested deeper than"),
        ("a: " + "9" * 5_000, "cannot be read"),
        ("a: 2026-13-45", "cannot be read"),
        ("a: !!int x", "cannot be read"),
        ("basic_service: {}\nbasic_service: {}\n", "has the key 'basic_service' twice, in line 2"),
        ("basic_service: {unique_id_range: {start: 1, end: 5, 'start': 2}}", "has the key 'start' twice, in line 1"),
        ("a: " + "x" * 100_000, "has more than 65536 bytes"),
        ("a: b\n---\nc: d\n", "is not valid YAML"),
        ("a: !!python/object/apply:os.system [x]", "is not valid YAML"),
        ("? [a]\n: b\n", "is not valid YAML"),
        ('"a\\nb": 1', "there is no key 'a\\nb'"),
        (f"{'k' * 900}: 1", "there is no key 'kkk"),
        (f"basic_service: [{'x, ' * 5_000}]", "is ['x', 'x'"),
    ],
)
def test_what_would_take_long_to_read_is_one_short_sentence(
    configure: configuration_file.Configure, content: str, reason: str
) -> None:
    path = configure(content)
    started = time.process_time()

    with pytest.raises(inmanta.plugins.PluginException) as error:
        config.Config.get()

    assert reason in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < len(str(path)) + 500
    # Generous for any machine, and far below the time that these took.
    assert time.process_time() - started < 5


@pytest.mark.usefixtures("loaded_project")
def test_an_alias_of_reasonable_size_is_fine(configure: configuration_file.Configure) -> None:
    configure("basic_service: {unique_id_range: &r {end: 7}}\nimportant_customer_service: {service_id_range: *r}\n")

    assert config.Config.get().important_customer_service.service_id_range.end == 7


def _pipe(path: pathlib.Path) -> None:
    os.mkfifo(path)


def _folder(path: pathlib.Path) -> None:
    path.mkdir()


def _link_to(target: str) -> collections.abc.Callable[[pathlib.Path], None]:
    return lambda path: path.symlink_to(target)


def _socket(path: pathlib.Path) -> None:
    # The address of a socket is short, the path of a test is not.
    with socket.socket(socket.AF_UNIX) as listener, contextlib.chdir(path.parent):
        listener.bind(path.name)


@pytest.mark.usefixtures("loaded_project")
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "make", [_pipe, _folder, _socket, _link_to("/dev/zero"), _link_to("/dev/stdin"), _link_to("."), _link_to("/dev/tty")]
)
def test_what_is_no_regular_file_is_not_opened(
    configure: configuration_file.Configure, make: collections.abc.Callable[[pathlib.Path], None]
) -> None:
    path = configure("")
    path.unlink()
    make(path)

    try:
        with pytest.raises(inmanta.plugins.PluginException, match=r"is no regular file: write one|cannot be read: ") as error:
            config.Config.get()
    finally:
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()

    assert str(path) in str(error.value)


@pytest.mark.usefixtures("loaded_project")
def test_a_link_to_itself_is_told(configure: configuration_file.Configure) -> None:
    path = configure("")
    path.unlink()
    path.symlink_to(path.name)

    try:
        with pytest.raises(inmanta.plugins.PluginException, match="cannot be read: Too many levels of symbolic links"):
            config.Config.get()
    finally:
        path.unlink()


def test_bad_input_fails_the_compile_with_the_same_sentence(
    project: pytest_inmanta.plugin.Project, configure: configuration_file.Configure, model: str
) -> None:
    path = configure({"basic_servise": {}})

    with pytest.raises(Exception, match=rf"(?s){re.escape(str(path))}.*basic_servise"):
        project.compile(model, no_dedent=False)
