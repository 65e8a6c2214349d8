"""What a support archive is made of."""

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path

LONGEST_LOG = 10_000_000
"""Bytes at the end of a log that are kept: what happened last is what is asked for."""


def pack(documents: Mapping[str, object], logs: Path) -> bytes:
    """
    Make an archive.

    :param documents: what to put in as JSON, by name of the file
    :param logs: the folder of the logs, all of which are put in
    :return: a zip file
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in documents.items():
            archive.writestr(name, json.dumps(content, indent=2, default=str))
        for name, text in _ends(logs):
            archive.writestr(f"logs/{name}", text)
    return target.getvalue()


def versions() -> dict[str, str]:
    """The packages that are installed, with their versions."""
    found = {distribution.name: distribution.version for distribution in distributions()}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def _ends(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The ends of the logs in a folder, each with its name, or the reason why it cannot be read."""
    for file in sorted(folder.rglob("*")):
        if file.is_symlink() or not file.is_file():
            continue
        try:
            with file.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - LONGEST_LOG))
                yield str(file.relative_to(folder)), stream.read(LONGEST_LOG)
        except OSError as error:
            yield f"{file.relative_to(folder)}.missing", str(error).encode()
