"""The generator: how much ``generate`` adds to the import of the library that it is built on, also for a large module."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from service_generator.scaffold.files import Licence, project, service
from service_generator.scaffold.making import make_project
from service_generator.scaffold.names import service_name

from benchmarks import ratio

MANY = 200
LIBRARY = "import inmanta_module_factory.builder"


def measure() -> list[ratio.Ratio]:
    """:return: ``generate``, here and for a module of many services, compared with the bare import of the library"""
    with large_module() as folder:
        generate, many, library = ratio.medians(
            [
                ratio.command(sys.executable, "-m", "generator", "generate"),
                ratio.command(sys.executable, "-m", "generator", "generate", folder=folder),
                ratio.command(sys.executable, "-c", LIBRARY),
            ],
            rounds=5,
        )
    return [
        ratio.Ratio("generate", LIBRARY, generate, library, goal=1.5),
        ratio.Ratio(f"generate, {MANY} services", LIBRARY, many, library, goal=3),
    ]


@contextlib.contextmanager
def large_module() -> Iterator[Path]:
    """Make a module of many services, whose model is generated."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = project("many", Licence.APACHE)
        for number in range(MANY - 1):
            descriptions = service("many", service_name(f"Service{number}")).items()
            texts |= {path: text for path, text in descriptions if path.parts[0] == "generator"}
        make_project(folder, texts)
        yield folder
