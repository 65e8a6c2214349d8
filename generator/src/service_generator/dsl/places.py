"""Which line of a description is being run."""

import sys

from service_generator.places import Place

RECORDER = "__recorded__"
"""The name that every description file knows the recorder by, which tells it from other Python."""


def here() -> Place | None:
    """The line of a description that is being run, or that called what is being run."""
    frame = sys._getframe(1)
    while frame is not None:
        variables = frame.f_globals
        if RECORDER in variables:
            path = str(variables["__name__"]).replace(".", "/")
            return Place(f"{path}/__init__.py" if "__path__" in variables else f"{path}.py", frame.f_lineno)
        if frame.f_back is None:
            break
        frame = frame.f_back
    return None
