"""The options of the server for callbacks."""

from inmanta.config import Option, is_float, is_int, is_list

SECTION = "lsm.callback"

REQUEST_TIMEOUT = Option(
    SECTION, "request-timeout", 10.0, "How many seconds a receiver of events may take to answer.", is_float
)

MAX_RETRIES = Option(
    SECTION, "max-retries", 3, "How many times an event is sent again when its receiver did not accept it.", is_int
)

RETRY_INTERVAL = Option(SECTION, "retry-interval", 5.0, "How many seconds to wait before an event is sent again.", is_float)

ALLOWED_HOSTS = Option(
    SECTION,
    "allowed-hosts",
    [],
    "The hosts that callbacks may reach: names (* stands for any characters), addresses and networks, separated by commas."
    " Without it, they may reach every host but this machine (loopback) and what is on its link only (link-local).",
    is_list,
)
