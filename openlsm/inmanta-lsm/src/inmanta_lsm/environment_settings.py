"""The environment settings of the extension."""

import math

from inmanta.data import Setting, convert_boolean

_MOST_DAYS = 36_500

PARTIAL_COMPILE = "lsm_partial_compile"
EXPERT_MODE = "enable_lsm_expert_mode"
TRANSFER_OPTIMIZATION = "enable_lsm_transfer_optimization"
BATCHED_PARTIAL_COMPILES = "enable_batched_partial_compiles"
DELETED_INSTANCE_RETENTION = "lsm_deleted_instance_retention"


def _days(value: object) -> int:
    """
    Read a number of days.

    :raises ValueError: when it is none
    """
    try:
        days = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        days = math.nan
    if not 0 <= days <= _MOST_DAYS or days != int(days):
        raise ValueError(f"{value} is no number of days: give a whole one from 0 (keep forever) to {_MOST_DAYS}.")
    return int(days)


def _switch(name: str, doc: str, recompile: bool = False) -> Setting:
    return Setting(
        name=name,
        typ="bool",
        default=False,
        validator=convert_boolean,  # type: ignore[arg-type]  # core types validators as if each took all kinds of values
        doc=doc,
        recompile=recompile,
        section="lsm",
    )


SETTINGS = [
    _switch(PARTIAL_COMPILE, "Compile only the service instances that are involved in a lifecycle transfer."),
    _switch(EXPERT_MODE, "Allow the expert calls, which change service instances without any check."),
    # The deployment of a resource of the previous version would not be reported after a switch: every one is exported again.
    _switch(
        TRANSFER_OPTIMIZATION,
        "Leave out the export compile of transfers between states with the same desired state.",
        recompile=True,
    ),
    _switch(BATCHED_PARTIAL_COMPILES, "Merge partial export compiles that are waiting for the compiler into one."),
    Setting(
        name=DELETED_INSTANCE_RETENTION,
        typ="int",
        default=0,
        validator=_days,
        doc="How many days the events and the log of a service instance are kept after it was deleted. 0 keeps them forever.",
        section="lsm",
    ),
]
