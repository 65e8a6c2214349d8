"""Ratios of what was measured in one run: absolute times say more about the machine than about the code."""

import dataclasses
import os
import pathlib
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence


@dataclasses.dataclass(frozen=True)
class Ratio:
    """
    How something compares to something else.

    :param subject: what was measured
    :param reference: what it is compared to
    :param subject_seconds: how long the first took
    :param reference_seconds: how long the second took, in the same run
    :param goal: the most that the ratio should be, if there is a goal
    :param remark: what dominates, or what else a reader has to know
    """

    subject: str
    reference: str
    subject_seconds: float
    reference_seconds: float
    goal: float | None = None
    remark: str = ""

    @property
    def value(self) -> float:
        """How many times the reference the subject took."""
        return self.subject_seconds / self.reference_seconds


def seconds(action: Callable[[], object]) -> float:
    """
    Measure an action once.

    :param action: what to do
    :return: how long it took, on the wall clock, in seconds
    """
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def medians(actions: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """
    Measure actions in turn, so that what disturbs the machine for a while disturbs all of them.

    :param actions: what to do
    :param rounds: how often
    :return: for each action the median of how long it took, in seconds
    """
    times = [[seconds(action) for action in actions] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def command(*arguments: str, folder: pathlib.Path | None = None) -> Callable[[], object]:
    """
    Make an action of a command.

    :param arguments: the command and its arguments
    :param folder: where to run it; None: in the current folder
    :return: an action that runs it, and raises ``CalledProcessError`` when it fails
    """
    return lambda: subprocess.run(arguments, check=True, cwd=folder, stdout=subprocess.DEVNULL, env=os.environ)
