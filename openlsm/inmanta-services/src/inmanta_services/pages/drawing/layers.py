"""Which layer of a diagram each box is in, and in which order the boxes of a layer are: arrows mostly lead down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 12


@dataclass(frozen=True)
class Via:
    """A place where an arrow passes through a layer in which it has no end."""

    arrow: int
    layer: int


type Spot = str | Via
"""What has a place in a layer: a box, or an arrow on its way through."""


@dataclass(frozen=True)
class Layered:
    """
    A diagram in layers.

    :ivar layers: the spots of each layer from left to right.
    :ivar routes: the spots of each arrow from top to bottom.
    :ivar upward: the arrows that lead from bottom to top.
    """

    layers: Sequence[Sequence[Spot]]
    routes: Sequence[Sequence[Spot]]
    upward: frozenset[int]


def layered(keys: Sequence[str], arrows: Sequence[tuple[str, str]]) -> Layered:
    """
    Put boxes into layers.

    :param keys: the boxes; ways begin at the first ones.
    :param arrows: from which box to which other one.
    """
    upward = frozenset(_upward(keys, arrows))
    down = [(target, source) if number in upward else (source, target) for number, (source, target) in enumerate(arrows)]
    ranks = _ranks(keys, down)
    routes = [_route(number, source, target, ranks) for number, (source, target) in enumerate(down)]
    layers: list[list[Spot]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for key in keys:
        layers[ranks[key]].append(key)
    for route in routes:
        for spot in route[1:-1]:
            assert isinstance(spot, Via), "only the ends of a route are boxes"
            layers[spot.layer].append(spot)
    return Layered(_with_few_crossings(layers, routes), routes, upward)


def _upward(keys: Sequence[str], arrows: Sequence[tuple[str, str]]) -> Iterable[int]:
    """
    The arrows that lead back to where their way came from: without them there is no circle.

    :param keys: the boxes.
    :param arrows: from where to where.
    """
    leaving: dict[str, list[tuple[int, str]]] = {key: [] for key in keys}
    for number, (source, target) in enumerate(arrows):
        leaving[source].append((number, target))
    done: set[str] = set()
    for root in keys:
        if root in done:
            continue
        on_the_way = [root]
        stack = [iter(leaving[root])]
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
                done.add(on_the_way.pop())
                continue
            number, target = step
            if target in on_the_way:
                yield number
            elif target not in done:
                on_the_way.append(target)
                stack.append(iter(leaving[target]))


def _ranks(keys: Sequence[str], arrows: Sequence[tuple[str, str]]) -> dict[str, int]:
    """
    The layer of each box: below all from which an arrow leads to it.

    :param keys: the boxes.
    :param arrows: from where to where, without a circle.
    """
    above: dict[str, list[str]] = {key: [] for key in keys}
    below: dict[str, list[str]] = {key: [] for key in keys}
    for source, target in arrows:
        above[target].append(source)
        below[source].append(target)
    waiting = {key: len(sources) for key, sources in above.items()}
    ready = [key for key in keys if not waiting[key]]
    ranks: dict[str, int] = {}
    for key in ready:
        ranks[key] = max((ranks[source] + 1 for source in above[key]), default=0)
        for target in below[key]:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return ranks


def _route(number: int, source: str, target: str, ranks: Mapping[str, int]) -> list[Spot]:
    """The spots of an arrow, one a layer."""
    return [source, *(Via(number, layer) for layer in range(ranks[source] + 1, ranks[target])), target]


def _with_few_crossings(layers: list[list[Spot]], routes: Sequence[Sequence[Spot]]) -> list[list[Spot]]:
    """
    The same layers in an order in which few arrows cross: each spot moves to the middle of its neighbours, in sweeps down
    and up, and the best order that was seen is taken.

    :param layers: in any order.
    :param routes: the arrows.
    """
    above: dict[Spot, list[Spot]] = {}
    below: dict[Spot, list[Spot]] = {}
    for route in routes:
        for upper, lower in pairwise(route):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    best, fewest = [list(layer) for layer in layers], _crossings(layers, below)
    for sweep in range(_SWEEPS):
        order = range(1, len(layers)) if sweep % 2 == 0 else range(len(layers) - 2, -1, -1)
        neighbours, step = (above, -1) if sweep % 2 == 0 else (below, 1)
        for number in order:
            place = {spot: position for position, spot in enumerate(layers[number + step])}
            _sort(layers[number], neighbours, place)
        count = _crossings(layers, below)
        if count < fewest:
            best, fewest = [list(layer) for layer in layers], count
    return best


def _sort(layer: list[Spot], neighbours: Mapping[Spot, Sequence[Spot]], place: Mapping[Spot, int]) -> None:
    """Sort the spots of a layer by the middle of their neighbours in another one."""
    middles = {}
    for position, spot in enumerate(layer):
        places = [place[neighbour] for neighbour in neighbours.get(spot, ())]
        middles[spot] = sum(places) / len(places) if places else float(position)
    layer.sort(key=middles.__getitem__)


def _crossings(layers: Sequence[Sequence[Spot]], below: Mapping[Spot, Sequence[Spot]]) -> int:
    """How many pairs of arrows cross."""
    count = 0
    for upper, lower in pairwise(layers):
        place = {spot: position for position, spot in enumerate(lower)}
        ends = [place[target] for spot in upper for target in sorted(below.get(spot, ()), key=place.__getitem__)]
        count += sum(1 for left in range(len(ends)) for right in range(left + 1, len(ends)) if ends[left] > ends[right])
    return count
