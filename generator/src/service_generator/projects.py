"""Projects that are only there to compile something."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


@contextmanager
def compiled_project(folder: Path) -> Iterator[None]:
    """
    Compile a project meanwhile; afterwards the project and the current folder are those of before.

    :param folder: the folder of the project
    """
    # Late: only what compiles needs the compiler.
    from inmanta.module import Project

    before, home = _current_project(), Path.cwd()
    try:
        Project.set(Project(str(folder)))
        yield
    finally:
        # Their folders may be gone by now, as they are after a test.
        if before is not None:
            with suppress(OSError):
                Project.set(before)
        # A project that is compiled makes its folder the current one.
        with suppress(OSError):
            os.chdir(home)


def _current_project() -> Any:
    from inmanta.module import Project, ProjectNotFoundException

    try:
        return Project.get()
    except (ProjectNotFoundException, OSError):
        return None
