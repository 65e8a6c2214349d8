"""Which files a new project or service begins with, and what they say: nothing is read or written but the templates."""

from enum import StrEnum
from functools import cache
from pathlib import PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined

from service_generator.scaffold.names import ServiceName


class Link(str):
    """In place of a text: where a link points to, from the folder that it is in."""

    __slots__ = ()


type Texts = dict[PurePosixPath, str]
"""The text of each file, by its path."""


class Licence(StrEnum):
    """The licences that a project can have, by what the metadata calls them."""

    APACHE = "Apache-2.0"
    MIT = "MIT"
    PROPRIETARY = "Proprietary"


EXECUTABLE = frozenset({PurePosixPath(".ci/run")})
"""The files that are commands."""

_PROJECT = {
    ".ci/run": "ci",
    ".gitattributes": "gitattributes",
    ".gitignore": "gitignore",
    "MANIFEST.in": "MANIFEST.in",
    "demo/__main__.py": "demo.py",
    "README.md": "README.md",
    "files/{configuration}": "configuration.yml",
    "generator/__init__.py": "generator_init.py",
    "generator/__main__.py": "generator_main.py",
    "generator/services/__init__.py": "services_init.py",
    "generator/services/note.py": "note.py",
    "inmanta_plugins/{module}/__init__.py": "plugins_init.py",
    "inmanta_plugins/{module}/config.py": "config.py",
    "pyproject.toml": "pyproject.toml",
    "setup.cfg": "setup.cfg",
    "tasks.py": "tasks.py",
    "tests/conftest.py": "conftest.py",
    "tests/full/test_note.py": "full.py",
    "tests/interference/test_side_by_side.py": "interference.py",
    "tests/mocked/test_note.py": "mocked.py",
    "tests/partial_compile/test_every_state.py": "partial_compile.py",
    "tests/sync/test_generated_files.py": "sync.py",
}


def project(module: str, licence: Licence) -> Texts:
    """
    List the files of a new project, but for those that are generated.

    :param module: the name of the module
    :param licence: its licence
    """
    distribution = module.replace("_", "-")
    values = {
        "module": module,
        "distribution": distribution,
        "configuration": f"{distribution}-config.yml",
        "licence": licence.value,
        "holder": f"the authors of {module}",
    }
    texts = {PurePosixPath(path.format_map(values)): _render(f"project/{name}", values) for path, name in _PROJECT.items()}
    return texts | {
        PurePosixPath("LICENSE"): _render(f"licences/{licence.value.lower()}", values),
        # Where a module of the first generation has its Python.
        PurePosixPath("plugins"): Link(f"inmanta_plugins/{module}"),
    }


def service(module: str, name: ServiceName) -> Texts:
    """
    List the files of a new service.

    :param module: the name of the module that it is added to
    :param name: its name
    """
    values = {"module": module, "entity": name.entity, "name": name.file}
    return {
        PurePosixPath(f"generator/services/{name.file}.py"): _render("service/description.py", values),
        PurePosixPath(f"tests/mocked/test_{name.file}.py"): _render("service/mocked.py", values),
    }


def _render(template: str, values: dict[str, str]) -> str:
    return _environment().get_template(f"{template}.j2").render(values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("service_generator.scaffold"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
