"""Generating in a process of its own, since Python keeps what it has imported."""

import subprocess
import sys
from pathlib import Path


def generated(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """
    Generate what the descriptions of a project give.

    :param folder: the folder of the project
    :param options: those of the command ``generate``
    :return: how that went, with what it printed
    """
    command = [sys.executable, "-m", "service_generator", "generate", *options]
    # Of a group of its own: an interrupt of the one that waits is none of the one that writes.
    with subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            output, errors = process.communicate()
        except KeyboardInterrupt:
            # What it writes is written to the end.
            process.communicate()
            raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)
