"""The options of the extension in the configuration of the server."""

import os

from inmanta.config import Option, is_float, is_int

SECTION = "warm_compiler"

idle_timeout: Option[float] = Option(
    SECTION,
    "idle-timeout",
    900.0,
    "Seconds after which a warm process that ran no compile ends. The next compile of its environment starts a new one.",
    is_float,
)
memory_limit: Option[int] = Option(
    SECTION,
    "memory-limit",
    1024,
    "Megabytes of memory (proportional set size) that all warm processes together may hold between compiles. When they hold "
    "more, those that were used least recently end. 0 means that no process is kept: all compiles run cold.",
    is_int,
)
start_timeout: Option[float] = Option(
    SECTION,
    "start-timeout",
    120.0,
    "Seconds that a warm process may take to load inmanta and the project. One that takes longer ends, and its compile runs "
    "cold.",
    is_float,
)
answer_timeout: Option[float] = Option(
    SECTION,
    "answer-timeout",
    20.0,
    "Seconds that a warm process may take to see whether its files changed and to start a compile. One that takes longer "
    "ends, and its compile runs cold.",
    is_float,
)


def forget_empty_variables() -> None:
    """
    Forget the environment variables for these options that are empty: that is how a shell says that there is none. inmanta-core
    takes them for values.
    """
    for option in (idle_timeout, memory_limit, start_timeout, answer_timeout):
        variable = option.get_environment_variable()
        if not os.environ.get(variable, variable).strip():
            del os.environ[variable]
