"""
How the orchestrators of a test run compile: from warm processes, as they do by themselves, or cold, to see that it is the same.

Set ``INMANTA_TEST_COLD_COMPILES`` to 1 for a run in which every compile starts a process of its own.
"""

import os
from collections.abc import Sequence

from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.settings import Settings

VARIABLE = "INMANTA_TEST_COLD_COMPILES"
WARM = "warm_compiler"


def are_cold() -> bool:
    """
    Whether the environment asks for cold compiles.

    :raises EmbeddedError: it says neither yes nor no
    """
    text = os.environ.get(VARIABLE, "").strip()
    if text not in ("", "0", "1"):
        raise EmbeddedError(f"{VARIABLE} is {text!r}: set it to 1 for cold compiles, or unset it.")
    return text == "1"


def extensions() -> Sequence[str]:
    """The extensions of an orchestrator of this test run: those of any other one, without warm compiles where they are cold."""
    return [name for name in Settings().extensions if name != WARM or not are_cold()]
