"""The web pages about services, which run beside the server of an orchestrator and end with it."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit

from inmanta_embedded import ports, processes
from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.layout import Layout
from inmanta_embedded.server import clean_environment

_STOP_TIMEOUT = 5.0


def check() -> None:
    """
    Make sure that pages can be served.

    :raises EmbeddedError: when the package that serves them is missing
    """
    if any(importlib.util.find_spec(name) is None for name in ("inmanta_services", "nicegui")):
        raise EmbeddedError("The pages take more packages: pip install inmanta-embedded-orchestrator[pages] installs them.")


def link(layout: Layout) -> str | None:
    """
    The link to the pages, which logs in once where the orchestrator asks for tokens.

    :param layout: of the orchestrator
    :return: None when they are not there, or not yet
    """
    try:
        return str(json.loads(layout.pages_link.read_text())["link"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Pages:
    """The process that serves the pages of an orchestrator."""

    def __init__(self, layout: Layout) -> None:
        """:param layout: of the orchestrator, which runs"""
        self._layout = layout
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, None when it is not running."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it, at the port of last time where that is free. The link is there when it serves."""
        before = link(self._layout)
        port = ports.keep_or_choose(urlsplit(before).port if before is not None else None)
        self._layout.pages_link.unlink(missing_ok=True)
        arguments = ["--embedded", str(self._layout.folder), "pages", "--port", str(port)]
        self._process = processes.spawn(
            [sys.executable, "-P", "-m", "inmanta_services", *arguments, "--link-file", str(self._layout.pages_link)],
            log=self._layout.pages_log,
            env={**clean_environment(os.environ), processes.MARKER: str(self._layout.folder)},
            cwd=self._layout.temporary,
        )

    def stop(self) -> None:
        """Stop it; the next start remembers its port."""
        if self._process is not None:
            processes.stop(self._process, [(signal.SIGTERM, _STOP_TIMEOUT)])
            self._process = None
