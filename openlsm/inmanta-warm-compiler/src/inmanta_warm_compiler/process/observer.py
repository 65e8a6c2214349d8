"""What happens while inmanta and the project are loaded: which files are read, and what is started."""

import os
import sys
from collections.abc import Callable
from importlib.util import source_from_cache
from pathlib import Path
from types import FrameType
from typing import Any

from inmanta_warm_compiler.watch import Watch

_WRITES = os.O_WRONLY | os.O_RDWR
# The kernel makes these up when they are read: they have no state that could be watched. But memory can be the place of files,
# and a process the way to others.
_NO_FILES = ("/proc/", "/sys/", "/dev/")
_FILES = "/dev/shm/"
_STARTS = {
    "subprocess.Popen": "starts a process",
    "os.posix_spawn": "starts a process",
    "os.system": "starts a process",
    "os.fork": "forks",
    "os.forkpty": "forks",
    "os.exec": "becomes another program",
    "socket.connect": "opens a connection",
}
_THREADS = ("_thread.start_new_thread", "_thread.start_joinable_thread")


class Observer:
    """
    Listens to the audit events of Python.

    :param starts: what modules of the project started; it cannot be known what that depends on
    :param thread_starters: the modules that started threads, as far as that is known
    """

    def __init__(self, watch: Watch) -> None:
        """:param watch: gets all files that are read"""
        self.starts: list[str] = []
        self.thread_starters: list[str] = []
        self._watch = watch
        self._active = False
        self._actions: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._opened,
            "os.listdir": self._listed,
            "os.scandir": self._listed,
            **dict.fromkeys(_THREADS, self._thread_started),
        }

    def begin(self) -> None:
        """Listen from now on."""
        self._active = True
        sys.addaudithook(self._hook)

    def end(self) -> None:
        """Listen no longer."""
        self._active = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._active:
            return
        # What is done here is none of the project's business.
        self._active = False
        try:
            if event in self._actions:
                self._actions[event](arguments)
            elif event in _STARTS:
                self._started(_STARTS[event])
        finally:
            self._active = True

    def _opened(self, arguments: tuple[Any, ...]) -> None:
        path, _, flags = arguments
        if isinstance(path, int) or flags & _WRITES:
            return
        file = str(Path(os.fsdecode(path)).absolute())
        if "__pycache__" in file:
            try:
                file = source_from_cache(file)
            except ValueError:
                return
        watched = _watched(file)
        if watched is not None and f"{os.sep}.cfcache{os.sep}" not in file:
            self._watch.add_file(watched)

    def _listed(self, arguments: tuple[Any, ...]) -> None:
        (path,) = arguments
        if not isinstance(path, int):
            folder = _watched(str(Path(os.fsdecode(path or ".")).absolute()))
            if folder is not None:
                self._watch.add_folder(folder)

    def _started(self, what: str) -> None:
        module = _module_of_the_project()
        if module is not None:
            self.starts.append(f"{module} {what} when it is imported")

    def _thread_started(self, _: tuple[Any, ...]) -> None:
        module = _module_of_the_project()
        if module is not None:
            self.thread_starters.append(module)


def _watched(path: str) -> str | None:
    """
    Give the path by which to watch a file or folder, None for what cannot be watched.

    :param path: by which it was read; one that leads through a process may lead other processes somewhere else
    """
    if not path.startswith(_NO_FILES):
        return path
    real = os.path.realpath(path)
    return real if real.startswith(_FILES) or not real.startswith(_NO_FILES) else None


def _module_of_the_project() -> str | None:
    """Tell which module of an inmanta project is being imported, None when it is none."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name.startswith("inmanta_plugins."):
            return name
        frame = frame.f_back
    return None
