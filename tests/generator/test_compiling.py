"""What only the compiler finds is told with the place in the description."""

import re
from pathlib import Path

import pytest
from service_generator.compiling import compile_module
from service_generator.emit.module import emit
from service_generator.errors import DescriptionError
from service_generator.model.services import Module
from service_generator.ownership import Owner
from service_generator.read.descriptions import locate
from service_generator.writer import apply, plan_module

from tests.generator.conftest import Describe
from tests.generator.test_rejected_descriptions import SERVICE, with_field, with_resource

CONFIG = '''
from inmanta.plugins import plugin


@plugin
def get_config() -> dict[str, object]:
    """The configuration."""
    return {"ids": {"start": 1, "end": 2}, "folder": "/tmp"}
'''


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path) -> None:
    """The Python side of the described module."""
    folder = tmp_path / "inmanta_plugins" / "described"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").touch()
    (folder / "config.py").write_text(CONFIG)
    # As in a module that was built: its model is in its package.
    (tmp_path / "model").mkdir()
    (folder / "model").symlink_to(tmp_path / "model")
    (folder / "setup.cfg").write_text("[metadata]\nname = inmanta-module-described\nversion = 0.1\nlicense = none\n")


def compile_described(module: Module) -> None:
    """Generate a module, and compile it."""
    # Its allocators are only there to be read.
    (module.root / "inmanta_plugins" / "described" / "described_by_test" / "first" / "lsm.py").unlink()
    files = emit(module)
    apply(plan_module(module.root, files, Owner(module.name, module.source)))
    compile_module(module, files)


def test_a_model_that_is_right_compiles(describe: Describe) -> None:
    module = describe(with_resource("return testing.NullResource(name=self.name)"))

    compile_described(module)


@pytest.mark.parametrize(
    ("description", "where", "line"),
    [
        (with_field('size: std.ipv4_address = rw("Size.", default="x")'), "Shop.size", 18),
        (
            '@shared\ndef host() -> Reference:\n    "A host."\n    return std.Host(name="a b", os=std.linux)\n' + SERVICE,
            "described::described_by_test::first",
            None,
        ),
    ],
    ids=["default of an installed type", "something shared"],
)
def test_what_the_compiler_says_is_told_of_the_description(
    describe: Describe, description: str, where: str, line: int | None
) -> None:
    module = describe(description)

    with pytest.raises(DescriptionError) as error:
        compile_described(module)
    found = locate(error.value, "described_by_test")

    assert found.where == where
    assert re.match("the compiler refuses what is generated for it: .*Correct it.", found.rule)
    assert line is None or (found.place is not None and found.place.line == line)
