"""What a diagram is drawn of: boxes, and arrows between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What a colour says; the names are those of the labels of states."""

    NEUTRAL = "neutral"
    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True)
class Box:
    """
    A thing in a diagram.

    :ivar key: by which arrows name it.
    :ivar title: what is written in it.
    :ivar note: a second, smaller line.
    :ivar count: a number at its corner, None for none.
    :ivar current: whether it is the one where something is now.
    :ivar passed: whether something was there.
    :ivar link: where a click leads.
    """

    key: str
    title: str
    note: str = ""
    tone: Tone = Tone.NEUTRAL
    count: int | None = None
    current: bool = False
    passed: bool = False
    link: str | None = None


@dataclass(frozen=True)
class Arrow:
    """
    A way from one box to another.

    :ivar failure: whether it is the way of something that went wrong.
    :ivar passed: whether something went this way.
    :ivar label: what it is, for those who point at it.
    """

    source: str
    target: str
    failure: bool = False
    passed: bool = False
    label: str = ""


@dataclass(frozen=True)
class Graph:
    """
    A diagram that is to be drawn. Arrows from and to boxes that are not in it are left out.

    :ivar boxes: those that things begin with come first.
    """

    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
