"""How an embedded orchestrator is doing, as its supervisor tells everybody."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from inmanta_embedded import processes
from inmanta_embedded.private_file import write_atomically

_FOLDER = "folder"


class Phase(StrEnum):
    """Where an orchestrator is in its life."""

    STARTING = "starting"
    RUNNING = "running"
    DOWN = "down"
    """The server ended by itself or was killed; its database still runs."""
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    """It could not be started; the error says why."""


@dataclass(frozen=True)
class Status:
    """
    The state of an orchestrator at one moment.

    :param phase: where it is in its life
    :param guard_pid: the process to stop, None when there is none
    :param guard_birth: when that process was started, in ticks of the kernel; tells it from others with its id
    :param server_pid: the inmanta server, None when it does not run
    :param server_port: its port on the loopback interface, None before the first start
    :param postgres_pid: the database server, None when it does not run
    :param postgres_port: its port on the loopback interface, None before the first start
    :param pages_pid: the process that serves the pages, None when there is none
    :param error: why it failed or went down, one or more lines; None when it is well
    """

    phase: Phase
    guard_pid: int | None = None
    guard_birth: int | None = None
    server_pid: int | None = None
    server_port: int | None = None
    postgres_pid: int | None = None
    postgres_port: int | None = None
    error: str | None = None
    pages_pid: int | None = None

    def write(self, file: Path) -> None:
        """
        Tell everybody, and of which folder that is true.

        :param file: where they look
        """
        write_atomically(file, json.dumps({**asdict(self), _FOLDER: _identity(file.parent)}, indent=2))

    @property
    def is_alive(self) -> bool:
        """Whether the processes that keep the orchestrator are there."""
        if self.guard_pid is None or self.guard_birth is None:
            return False
        return processes.birth(self.guard_pid) == self.guard_birth


def read(file: Path) -> Status:
    """
    The state of an orchestrator.

    :param file: where its supervisor tells it
    :return: as the file says where its processes live, otherwise stopped or failed
    """
    try:
        content = json.loads(file.read_text())
        # Before there was one, nothing told a copy from its original.
        is_copy = content.pop(_FOLDER, None) not in (None, _identity(file.parent))
        status = Status(**{**content, "phase": Phase(content["phase"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Status(Phase.STOPPED)
    if is_copy:
        # It speaks of the orchestrator in the original, which is nobody's to end from here.
        return Status(Phase.STOPPED)
    if status.is_alive or status.phase in (Phase.FAILED, Phase.STOPPED):
        return status
    return Status(Phase.STOPPED)


def _identity(folder: Path) -> list[int]:
    """What tells a folder from its copies, whatever they are called."""
    found = folder.stat()
    return [found.st_dev, found.st_ino]
