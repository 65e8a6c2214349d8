"""Names of the extension."""

EXTENSION = "warm_compiler"
SLICE_PROCESSES = f"{EXTENSION}.processes"

COMPILE_STAGE = "Recompiling configuration model"
"""The stage of a compile that runs from a warm process, as core names it."""

PROCESS_MODULE = f"{__package__}.process"
"""What the Python of an environment runs to be its warm process."""
