"""The generator: how much ``generate`` adds to the import of the library that it is built on."""

import sys

from benchmarks import ratio


def measure() -> list[ratio.Ratio]:
    """:return: ``generate`` compared with the bare import of inmanta_module_factory"""
    generate, library = ratio.medians(
        [
            ratio.command(sys.executable, "-m", "generator", "generate"),
            ratio.command(sys.executable, "-c", "import inmanta_module_factory.builder"),
        ],
        rounds=5,
    )
    return [ratio.Ratio("generate", "import inmanta_module_factory.builder", generate, library, goal=1.5)]
