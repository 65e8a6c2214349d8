"""Who runs PostgreSQL."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from inmanta_embedded import identity
from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.processes import launch_command

CHOOSE = "from inmanta_embedded import identity; print(identity.choose().launch)"


def choose(uid: int, before: str = "true") -> subprocess.CompletedProcess[str]:
    """
    Ask for the identity in a process of its own.

    :param uid: who asks
    :param before: a command of the shell to run first
    """
    script = f'{before} && exec "$0" -c "$1"'
    command = launch_command(["/bin/sh", "-c", script, sys.executable, CHOOSE], f"namespace:{uid}", signal.SIGKILL)
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_an_ordinary_user_runs_it_himself() -> None:
    assert choose(1).stdout == "same\n"


@pytest.mark.parametrize("uid", [0, 54321], ids=["root", "a user without a name"])
def test_others_run_it_under_another_number(uid: int) -> None:
    kind, number = choose(uid).stdout.strip().split(":")

    assert kind == "namespace"
    assert int(number) not in (0, uid)


def test_where_nothing_is_allowed_the_error_says_what_to_allow() -> None:
    answer = choose(0, "echo 0 > /proc/sys/user/max_user_namespaces")

    assert answer.returncode != 0
    assert "allow user namespaces (sysctl user.max_user_namespaces)" in answer.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can become another account.")
def test_a_folder_that_the_other_account_can_not_enter_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)

    with pytest.raises(EmbeddedError, match=f"user id 1\\) cannot enter {closed / 'data'}"):
        identity.require_reachable(identity.Identity("account:1:1", (1, 1)), [closed / "data"])
