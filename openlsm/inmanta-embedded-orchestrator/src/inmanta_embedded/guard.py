"""
The process that makes sure that an orchestrator ends, and that all of it ends.

``python -m inmanta_embedded.guard <folder> <owner>``. It runs the supervisor of the folder, stops it when the owner is gone
(0: there is no owner) or when it gets SIGTERM, and kills what is left when the supervisor is gone. The kernel tells the
supervisor when the guard is gone. So both have to be killed at the same moment for a process to stay, and what stays then is
ended by the next start.
"""

import os
import select
import signal
import sys
from pathlib import Path

from inmanta_embedded import processes
from inmanta_embedded.control import STOP
from inmanta_embedded.layout import Layout

_PATIENCE = 60.0
"""Seconds that a supervisor gets to stop everything; it needs 40 when nothing reacts."""


def _watch(supervisor_pid: int, owner: int | None) -> None:
    """
    Wait until the supervisor ends, or somebody wants it to.

    :param supervisor_pid: the supervisor
    :param owner: descriptor of the owner's process, None when there is no owner
    """
    wake_up, notify = os.pipe()
    os.set_blocking(notify, False)
    signal.set_wakeup_fd(notify)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    poller = select.poll()
    for descriptor in (wake_up, os.pidfd_open(supervisor_pid), *([] if owner is None else [owner])):
        poller.register(descriptor, select.POLLIN)
    poller.poll()


def main(arguments: list[str]) -> int:
    """
    Guard the orchestrator of a folder.

    :param arguments: the folder, and the process id of the owner
    :return: exit code of the supervisor
    """
    folder, owner_pid = Path(arguments[0]), int(arguments[1])
    processes.become_subreaper()
    owner = None
    if owner_pid:
        try:
            owner = os.pidfd_open(owner_pid)
        except ProcessLookupError:
            return 1
        if os.getppid() != owner_pid:
            return 1
    layout = Layout(folder)
    supervisor = processes.spawn(
        [sys.executable, "-P", "-m", "inmanta_embedded.supervisor", folder],
        log=layout.supervisor_log,
        env=os.environ,
        cwd=layout.temporary,
        death_signal=STOP,
    )
    _watch(supervisor.pid, owner)
    processes.stop(supervisor, [(STOP, _PATIENCE)])
    processes.kill(processes.descendants(os.getpid()))
    processes.reap_orphans()
    return supervisor.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
