"""The environment variables that the server, its compiles and its agents get."""

import getpass
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from inmanta_embedded.pip_settings import straightened, without_redirection
from inmanta_embedded.processes import launch_command
from inmanta_embedded.server import clean_environment, has_home, without_empty


@pytest.mark.parametrize(
    "name",
    [
        "INMANTA_SERVER_BIND_PORT",
        "PGHOST",
        "PYTEST_CURRENT_TEST",
        "PYTHONDONTWRITEBYTECODE",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
    ],
)
def test_what_would_lead_the_server_astray_does_not_reach_it(name: str) -> None:
    assert name not in clean_environment({name: "1"})


REDIRECTIONS = """
[global]
user = true
require_virtualenv = true
root = /elsewhere
index-url = https://packages.example/simple
[install]
target = /elsewhere
prefix = /elsewhere
dry-run = true
"""

TELL = """
from pip._internal.commands import create_command
options, _ = create_command('install').parser.parse_args(['any'])
straight = (options.dry_run, options.require_venv, options.use_user_site)
print([bool(value) for value in (*straight, options.target_dir, options.prefix_path, options.root_path)], options.index_url)
"""


@pytest.mark.parametrize("named", ["by a variable", "in the home", "in variables", "nowhere"])
def test_packages_for_agents_go_where_the_server_wants_them(tmp_path: Path, named: str) -> None:
    users = tmp_path / ".config" / "pip" / "pip.conf"
    users.parent.mkdir(parents=True)
    users.write_text(REDIRECTIONS)
    # Of those who run the tests, nothing.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "XDG_"))}
    given = {
        "by a variable": {**kept, "HOME": str(tmp_path / "none"), "PIP_CONFIG_FILE": str(users)},
        "in the home": {**kept, "HOME": str(tmp_path)},
        "in variables": {**kept, "HOME": str(tmp_path), "PIP_TARGET": "/t", "PIP_USER": "1", "PIP_DRY_RUN": "1"},
        "nowhere": {**kept, "HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull},
    }[named]

    file = tmp_path / "pip.conf"
    environment = {**without_redirection(given), **straightened(given, file)}
    told = subprocess.run([sys.executable, "-c", TELL], env=environment, capture_output=True, text=True, check=True).stdout

    assert told.startswith(str([False] * 6))
    assert ("https://packages.example/simple" in told) == (named != "nowhere")


@pytest.mark.parametrize("home", [None, "closed", "file"])
def test_a_user_without_a_home_has_none(tmp_path: Path, home: str | None) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "file").touch()
    kept = {name: value for name, value in os.environ.items() if name != "HOME"}
    code = "from inmanta_embedded.server import has_home; print(has_home(), end='')"

    told = subprocess.run(
        launch_command([sys.executable, "-c", code], "namespace:54321", signal.SIGKILL),
        env=kept if home is None else {**kept, "HOME": str(tmp_path / home)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout == "False"


def test_a_home_that_does_not_exist_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for home in (tmp_path, tmp_path / "missing"):
        monkeypatch.setenv("HOME", str(home))

        assert has_home()


def test_an_option_of_the_server_whose_variable_is_empty_is_not_given() -> None:
    given = {"INMANTA_SERVER_BIND_PORT": "", "INMANTA_LSM_CALLBACK_MAX_RETRIES": " ", "INMANTA_X": "1", "EMPTY": ""}

    assert without_empty(given) == {"INMANTA_X": "1", "EMPTY": ""}


def test_all_else_reaches_it() -> None:
    environment = {"LANG": "C.UTF-8", "USER": "alice"}

    assert clean_environment(environment).items() >= environment.items()
    assert "LOGNAME" not in clean_environment(environment)


def test_a_user_that_the_machine_has_no_name_for_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in clean_environment({"USER": ""}).items():
        monkeypatch.setenv(name, value)

    assert getpass.getuser()


@pytest.mark.parametrize("has_own", [False, True], ids=["nothing of their own", "something of their own"])
def test_processes_begin_with_what_makes_them_quick_and_then_with_what_they_would_have(tmp_path: Path, has_own: bool) -> None:
    if has_own:
        (tmp_path / "sitecustomize.py").write_text("print('own')")
    code = "import gc, sys; print(gc.get_threshold()[0] > 50_000, 'startup' in str(sys.path), *sys.path[1:2])"

    result = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environment({**os.environ, "PYTHONPATH": str(tmp_path)}),
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.splitlines() == ["own"] * has_own + [f"True False {tmp_path}"]
    assert not result.stderr
