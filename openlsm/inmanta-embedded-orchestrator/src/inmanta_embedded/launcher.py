"""
Become the process that is asked for: with another identity where needed, and never outliving the parent.

Run as a script (``python -I -S launcher.py <identity> <parent pid> <signal> [command ...]``), because what happens between
fork and exec must not run in a process that has threads. Only the standard library, and little of it: this starts in 15 ms.
Without a command it only tries the identity. Exit code 126 and one line on stderr when the identity is refused.
"""

import ctypes
import os
import sys
from pathlib import Path

REFUSED = 126
_PR_SET_PDEATHSIG = 1


def _enter_namespace(uid: int) -> None:
    """
    Move to a user namespace of its own in which the own account is known as another one.

    Outside of it nothing changes: files keep their owner and their rights.

    :param uid: user and group id inside of the namespace
    """
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    os.unshare(os.CLONE_NEWUSER)
    # The kernel accepts a group map of an unprivileged process only after it gave up setgroups.
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"{uid} {outer_gid} 1")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")


def _become_account(uid: int, gid: int) -> None:
    """
    Give up root for an account of the machine, for good.

    :param uid: its user id
    :param gid: its group id
    """
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _assume(identity: str) -> None:
    """
    Take on an identity.

    :param identity: ``same``, ``namespace:<uid>`` or ``account:<uid>:<gid>``
    :raises OSError: when the machine does not allow it
    """
    kind, *ids = identity.split(":")
    if kind == "namespace":
        _enter_namespace(int(ids[0]))
    elif kind == "account":
        _become_account(int(ids[0]), int(ids[1]))


def main(arguments: list[str]) -> int:
    """
    Take on the identity, tie the life of this process to its parent's, and become the command.

    :param arguments: identity, pid of the parent, number of the signal to get when it dies, then the command
    :return: exit code, when there is no command or it cannot be run
    """
    identity, parent, signal_number, *command = arguments
    try:
        _assume(identity)
    except OSError as error:
        print(f"{identity}: {error}", file=sys.stderr)
        return REFUSED
    if not command:
        return 0
    # Only now: a change of credentials takes the death signal away again.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal_number))
    if os.getppid() != int(parent):
        return REFUSED
    try:
        os.execv(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        return REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
