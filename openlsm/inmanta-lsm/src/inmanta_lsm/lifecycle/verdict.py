"""Whether the end of a compile is a verdict on the model, or whether the compile was cut off: a pure function of its report."""

from collections.abc import Sequence
from dataclasses import dataclass

from inmanta_lsm.const import DATABASE_UNAVAILABLE

FIRST_STAGE = "Init"
COMPILE_STAGE = "Recompiling configuration model"
MAXIMUM_DEATHS = 3
"""How many times the compile of one flow may die before that is taken for the fault of the model."""

MAXIMUM_UNREACHED = 12
"""
How many times the compile of one flow may not reach the server before that is taken for a wrong address: with the pauses these
are more than five minutes. A server that is being started runs compiles before it takes calls.
"""

LONGEST_PAUSE = 60.0
"""Seconds between two compiles of one flow at most, when one after the other is cut off."""

_UNREACHABLE = "Failed to send request"
"""What core's clients log when a call does not reach the server: it was being stopped, or started again."""

_OUTAGES = {
    DATABASE_UNAVAILABLE: "the database was not available",
    "No space left on device": "the disk was full",
    "Disk quota exceeded": "its share of the disk was used up",
}
"""What passes, by what the errors say."""


@dataclass(frozen=True, slots=True)
class Stage:
    """
    A stage of a compile, as it is reported.

    :param is_process: whether a process was started for it
    :param returncode: of the process or the stage: negative when a signal ended it, None when nobody saw the end
    :param errors: the end of what was written about errors
    """

    name: str
    is_process: bool
    returncode: int | None
    errors: str = ""


@dataclass(frozen=True, slots=True)
class CutOff:
    """
    What ended a compile that did not end by itself.

    :param reason: in words that complete "The compile was cut off: ..."
    :param limit: how many compiles of a flow may end like this before that is a failure, None for any number
    """

    reason: str
    limit: int | None = None


def cut_off(success: bool, stages: Sequence[Stage], *, has_result: bool) -> CutOff | None:
    """
    Find out whether a compile was cut off.

    :param stages: what is reported of it, the oldest first; of a compile that was started twice the last start counts
    :param has_result: whether the compile wrote what it has to say about the model
    :return: None for a compile that ran to its end, or that ended by itself with an error
    """
    if success:
        return None
    if not stages:
        return None if has_result else CutOff("it left no report", MAXIMUM_DEATHS)
    stages = _of_last_start(stages)
    last = stages[-1]
    if last.returncode is None:
        return CutOff("it was stopped")
    if last.returncode < 0:
        return CutOff(f"its process was ended by signal {-last.returncode}, or by an internal error", MAXIMUM_DEATHS)
    for error, outage in _OUTAGES.items():
        if error in last.errors:
            return CutOff(outage)
    if last.returncode > 0 and _UNREACHABLE in last.errors:
        # It counts, as a server whose address is wrong is never reached.
        return CutOff("it could not reach the server", MAXIMUM_UNREACHED)
    if last.returncode == 0:
        # Also after the last stage, whose end the server could still write: a compile that went through is a success.
        return CutOff(f"it was stopped after the stage {last.name}")
    if last.name == COMPILE_STAGE:
        return None
    if not last.is_process and last.errors:
        return CutOff(f"the stage {last.name} failed with an internal error", MAXIMUM_DEATHS)
    return None


def pause(before: int) -> float:
    """
    How many seconds to wait before a compile that was cut off is requested again.

    :param before: how many compiles of the flow were cut off before this one
    """
    return 0.0 if before == 0 else min(2.0 ** (before - 1), LONGEST_PAUSE)


def _of_last_start(stages: Sequence[Stage]) -> Sequence[Stage]:
    starts = [number for number, stage in enumerate(stages) if stage.name == FIRST_STAGE]
    return stages[starts[-1] :] if starts else stages
