"""Where tests of the demo find the older release of inmanta, and the folder that they play in."""

import bootstrap

OLDER = bootstrap.ROOT / ".venv-3.12" / "bin"
"""The commands of the older release, where it is set up."""

ODD = 'it\'s 100%2F "größe" {x} $HOME #1'
"""The name of a folder, with all that something on the way might take for something else."""


def has_older_release() -> bool:
    """Tell whether the older release is set up beside the current one."""
    return (OLDER / "python").exists()
