"""Files that only their owner can read."""

import os
from pathlib import Path


def write_atomically(file: Path, text: str) -> None:
    """
    Replace a file such that readers see the old or the new content, and nobody else can read either.

    :param text: its new content
    """
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    new.replace(file)
