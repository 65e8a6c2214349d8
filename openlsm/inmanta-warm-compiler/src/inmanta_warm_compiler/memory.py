"""The memory of a process."""

from pathlib import Path

_KILOBYTES = 1024


def proportional_set_size(pid: int) -> int:
    """
    Tell how much memory a process holds: its own, and its share of what several processes hold together.

    :param pid: id of the process
    :return: in bytes; 0 when it is gone, or the kernel does not tell
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * _KILOBYTES for line in lines if line.startswith("Pss:")), 0)
