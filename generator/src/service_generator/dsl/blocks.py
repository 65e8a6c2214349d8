"""Where a method that yields resources is just now: inside of which loops and conditions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from service_generator.dsl.expressions import Reference, element_of, opposite
from service_generator.dsl.flow import assuming
from service_generator.dsl.unknown import kind_of, to_node
from service_generator.errors import DescriptionError
from service_generator.kinds import ANY, BOOL
from service_generator.model.resources import Around, InLoop, OnlyIf


@dataclass(frozen=True)
class Block:
    """A loop or a condition, and for a loop the stand-in for an element."""

    around: Around
    element: Reference | None = None


@dataclass
class _Recording:
    blocks: list[Block] = field(default_factory=list)


_recordings: list[_Recording] = []


@contextmanager
def recording() -> Iterator[None]:
    """Run a method that yields resources; what its loops and conditions are is kept until it ends."""
    _recordings.append(_Recording())
    try:
        yield
    finally:
        _recordings.pop()


def current() -> tuple[Block, ...]:
    """The loops and conditions around the place where the method is just now, the outermost first."""
    return tuple(_recordings[-1].blocks) if _recordings else ()


@contextmanager
def loop(elements: Reference, name: str) -> Iterator[Reference]:
    """
    Go through a list whose elements are not known.

    :param elements: the list
    :param name: what the description calls an element
    """
    variable, stand_in = element_of(elements, name)
    with _inside(Block(InLoop(variable, to_node(elements)), stand_in)):
        yield stand_in


@contextmanager
def condition(value: Reference, *, holds: bool) -> Iterator[None]:
    """
    Go into what a condition decides on.

    :param value: the condition
    :param holds: whether what follows is done when it holds, or when it does not
    """
    if kind_of(value) not in (BOOL, ANY):
        raise DescriptionError(f"a condition is a boolean, and this is {kind_of(value)}. Write a comparison.")
    node = to_node(value if holds else opposite(value))
    with assuming(node), _inside(Block(OnlyIf(node))):
        yield


@contextmanager
def _inside(block: Block) -> Iterator[None]:
    if not _recordings:
        raise DescriptionError(
            "the elements and conditions of a service are only known to methods with @resource or @helper that yield. "
            "Call the function from one."
        )
    _recordings[-1].blocks.append(block)
    try:
        yield
    finally:
        _recordings[-1].blocks.pop()
