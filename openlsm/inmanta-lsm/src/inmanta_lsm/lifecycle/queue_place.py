"""
Where an export stands in the queue of compiles: pure functions over the queue.

Compiles run in the order of their requests. In a burst all validations are requested before the first export is, and nothing
would be deployed before the last one is validated. So an export overtakes validations: the first one all of them, the others
all but the next few. Exports that wait run as one compile, and the more instances share one, the less longer the burst takes.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

BATCH = 10
"""
How many validations run between two exports. The burst takes a tenth more compiles, and at most a fifth longer where an export
takes up to twice as long as a validation.
"""

_STEP = datetime.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    A compile that waits.

    :param requested: when it was requested, which is its place
    """

    requested: datetime.datetime
    is_validation: bool


def place(queue: Sequence[Waiting], now: datetime.datetime, *, is_first: bool) -> datetime.datetime:
    """
    Give the place of an export that is requested now, and with which none that waits would run as one.

    :param queue: what waits, in the order in which it runs
    :param is_first: whether nothing was exported since the first of the waiting validations was requested
    """
    left = 0 if is_first else BATCH
    before: Waiting | None = None
    for waiting in queue:
        if waiting.is_validation:
            if left == 0:
                # Behind what stands there already, and before this one.
                return waiting.requested - _STEP if before is None else before.requested + _STEP
            left -= 1
        before = waiting
    return now
