"""What a test run says below its results."""

from typing import Any

import pytest

_TOLD = pytest.StashKey[list[str]]()
_OUTPUT = "inmanta_embedded"


def tell(config: pytest.Config, text: str) -> None:
    """
    Show something below the results of the test run.

    :param config: of the test run, or of one of its workers
    :param text: one line
    """
    told = config.stash.setdefault(_TOLD, [])
    told.append(text)
    # Only a worker of pytest-xdist has one, and hands it over to the process that has the terminal.
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output[_OUTPUT] = told


def take_over(node: Any) -> None:
    """
    Show what a worker of pytest-xdist had to say.

    :param node: the worker, as the process that has the terminal knows it
    """
    node.config.stash.setdefault(_TOLD, []).extend(getattr(node, "workeroutput", {}).get(_OUTPUT, []))


def lines(config: pytest.Config) -> list[str]:
    """All that there is to show, of the test run and its workers."""
    return config.stash.get(_TOLD, [])
