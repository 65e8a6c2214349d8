"""The configuration file of the project that the tests compile."""

import collections.abc
import pathlib

import yaml

# Takes plain data, or the text of the file as it is, writes the file, and tells where it is.
Configure = collections.abc.Callable[[object], pathlib.Path]


def write(path: pathlib.Path, content: object) -> pathlib.Path:
    """
    Write a configuration file.

    :param path: where the file goes
    :param content: plain data, or the text of the file as it is
    :return: the same path
    """
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path
