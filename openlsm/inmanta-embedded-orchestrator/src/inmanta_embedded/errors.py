"""What goes wrong around an embedded orchestrator, told to the person who started it."""

from pathlib import Path


class EmbeddedError(Exception):
    """Something that the embedded orchestrator needs is missing or refused to work; the message says what to do."""


def last_lines(log: Path, count: int = 20) -> str:
    """
    The end of a log file, for an error message.

    :param log: the file; it need not exist
    :param count: how many lines at most
    :return: the lines, indented, below a line that names the file; or a remark that the file is empty or missing
    """
    try:
        lines = log.read_text(errors="replace").splitlines()[-count:]
    except OSError:
        lines = []
    if not lines:
        return f"{log} is empty."
    return "\n".join([f"The last lines of {log}:", *(f"    {line}" for line in lines)])
