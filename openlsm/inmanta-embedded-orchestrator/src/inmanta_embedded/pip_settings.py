"""
The settings of pip for the server, its compiles and its agents: where packages come from is for the user to say, and where they
go is not.
"""

import configparser
import contextlib
import io
import os
from collections.abc import Mapping
from pathlib import Path

from inmanta_embedded.private_file import write_atomically

# What would have packages go elsewhere than into the environments that are made for compiles and agents, and what pip takes
# for not given.
_STRAIGHT = {"target": "", "prefix": "", "root": "", "user": "false", "dry-run": "false", "require-virtualenv": "false"}

# Of a file of pip, what holds for all commands, and what holds for installations.
_SECTIONS = ("global", "install")

CONFIG_FILE = "PIP_CONFIG_FILE"


def without_redirection(environment: Mapping[str, str]) -> dict[str, str]:
    """
    Leave out the variables that have pip install elsewhere.

    :param environment: the variables
    """
    redirecting = {f"PIP_{option.upper().replace('-', '_')}" for option in _STRAIGHT}
    return {name: value for name, value in environment.items() if name not in redirecting}


def straightened(environment: Mapping[str, str], file: Path) -> dict[str, str]:
    """
    Write a file for pip that takes precedence over all other ones, and says that nothing goes elsewhere.

    :param environment: the variables of the user
    :param file: to write, with what the file says that had that precedence, or those of the user, which pip does not read then
    :return: the variables that have pip read it
    """
    named = environment.get(CONFIG_FILE, "")
    if named == os.devnull:
        # Then pip reads no file at all.
        return {}
    parser = configparser.RawConfigParser()
    # A file that pip cannot read either is for pip to tell about.
    with contextlib.suppress(configparser.Error, UnicodeError):
        parser.read([named] if named else _files_of_user(environment), encoding="utf-8")
    for section in _SECTIONS:
        if not parser.has_section(section):
            parser.add_section(section)
        for option, value in _STRAIGHT.items():
            # As pip knows it: the last of several spellings counts.
            parser.remove_option(section, option.replace("-", "_"))
            parser.set(section, option, value)
    text = io.StringIO()
    parser.write(text)
    # The address of an index may hold a password.
    write_atomically(file, text.getvalue())
    return {CONFIG_FILE: str(file)}


def _files_of_user(environment: Mapping[str, str]) -> list[Path]:
    """
    The files of pip in the home of the user, as its documentation names them: the last one counts most.

    :param environment: the variables of the user
    """
    home = environment.get("HOME")
    if not home:
        return []
    return [
        Path(home, ".pip", "pip.conf"),
        Path(environment.get("XDG_CONFIG_HOME") or Path(home, ".config"), "pip", "pip.conf"),
    ]
