"""
The account under which PostgreSQL runs.

It refuses to run as root, and its initdb refuses an account that the machine has no name for. In both cases a user
namespace gives the own account another number as far as PostgreSQL can see, with no change to accounts or files. Where
the machine allows no user namespaces, root starts it as an account without rights instead.
"""

import os
import pwd
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.processes import SAME_IDENTITY, launch_command

_UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Identity:
    """
    Who runs a process.

    :param launch: how the launcher gets it
    :param owner: user and group id, as seen by everybody else, that the files of the process must have
    """

    launch: str
    owner: tuple[int, int]


def _unprivileged_account() -> pwd.struct_passwd:
    """
    An account of the machine that is not root.

    :raises EmbeddedError: when there is none
    """
    accounts = [account for account in pwd.getpwall() if account.pw_uid != 0]
    preferred = [account for account in accounts if account.pw_name == _UNPRIVILEGED]
    for account in (*preferred, *accounts):
        return account
    raise EmbeddedError("This machine has no account but root, and PostgreSQL does not run as root: add one (useradd).")


def _is_allowed(identity: str) -> bool:
    """
    Whether the machine lets processes of the current user take on an identity.

    :param identity: as the launcher takes it
    """
    return subprocess.run(launch_command([], identity, signal.SIGKILL), capture_output=True, check=False).returncode == 0


def _has_name(uid: int) -> bool:
    """
    Whether the machine knows an account.

    :param uid: its number
    """
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def choose() -> Identity:
    """
    The identity for PostgreSQL on this machine.

    :raises EmbeddedError: when the machine offers none
    """
    own = (os.geteuid(), os.getegid())
    if own[0] != 0 and _has_name(own[0]):
        return Identity(SAME_IDENTITY, own)
    account = _unprivileged_account()
    namespace = f"namespace:{account.pw_uid}"
    if _is_allowed(namespace):
        return Identity(namespace, own)
    other = f"account:{account.pw_uid}:{account.pw_gid}"
    if own[0] == 0 and _is_allowed(other):
        return Identity(other, (account.pw_uid, account.pw_gid))
    raise EmbeddedError(
        f"PostgreSQL does not run as user id {own[0]}, which is root or has no name, and this machine does not let it run as "
        "anybody else: allow user namespaces (sysctl user.max_user_namespaces), or run as an ordinary user."
    )


def require_reachable(identity: Identity, paths: Sequence[Path]) -> None:
    """
    Make sure that an identity may enter the folders that it needs.

    :param identity: who will run
    :param paths: folders and programs, absolute
    :raises EmbeddedError: when it may not; names the first one
    """
    script = 'for path; do test -x "$path" || { echo "$path"; exit 1; }; done'
    command = launch_command(["/bin/sh", "-c", script, "sh", *paths], identity.launch, signal.SIGKILL)
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise EmbeddedError(
            f"The account that runs PostgreSQL (user id {identity.owner[0]}) cannot enter "
            f"{answer.stdout.strip() or answer.stderr.strip()}: run as an ordinary user, allow user namespaces "
            "(sysctl user.max_user_namespaces), or move the project to a folder that everybody may enter."
        )


def give_to(identity: Identity, folder: Path) -> None:
    """
    Make an identity the owner of a folder and all that is in it, unless it is already.

    :param identity: the owner to be
    :param folder: the folder, which exists
    """
    uid, gid = identity.owner
    if folder.stat().st_uid == uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)
