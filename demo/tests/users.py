"""Users that the demo is run by."""

import signal
from collections.abc import Sequence

from inmanta_embedded.processes import launch_command


def nameless(command: Sequence[str]) -> list[str]:
    """
    A command, run by a user whom the machine has no name for, also where root runs the tests.

    :param command: absolute path of the program, and its arguments
    """
    return launch_command(command, "namespace:54321", signal.SIGKILL)
