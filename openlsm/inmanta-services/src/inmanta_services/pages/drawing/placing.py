"""Where the boxes and arrows of a diagram are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from inmanta_services.pages.drawing.graph import Arrow, Box, Graph
from inmanta_services.pages.drawing.layers import Layered, Spot, layered

BOX_HEIGHT = 44.0
_CHARACTER = 7.4
_PADDING = 26.0
_MINIMUM_WIDTH = 96.0
_VIA_WIDTH = 14.0
_GAP = 26.0
_LAYER_HEIGHT = 76.0
_MARGIN = 16.0
_PASSES = 24


@dataclass(frozen=True)
class PlacedBox:
    """A box with the middle of its upper edge and its width."""

    box: Box
    x: float
    y: float
    width: float


@dataclass(frozen=True)
class PlacedArrow:
    """An arrow with the points that it passes, from its source to its target."""

    arrow: Arrow
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Drawing:
    """A diagram with a place for everything."""

    width: float
    height: float
    boxes: Sequence[PlacedBox]
    arrows: Sequence[PlacedArrow]


def place(graph: Graph) -> Drawing:
    """
    Find a place for everything in a diagram. An arrow from a box to itself is not drawn.

    :param graph: the diagram.
    """
    boxes = {box.key: box for box in graph.boxes}
    arrows = [a for a in graph.arrows if a.source in boxes and a.target in boxes and a.source != a.target]
    laid = layered(list(boxes), [(arrow.source, arrow.target) for arrow in arrows])
    widths = {spot: _width(boxes[spot]) if isinstance(spot, str) else _VIA_WIDTH for layer in laid.layers for spot in layer}
    middles = _middles(laid, widths)
    left = min((middles[spot] - widths[spot] / 2 for spot in middles), default=0.0) - _MARGIN
    right = max((middles[spot] + widths[spot] / 2 for spot in middles), default=0.0) + _MARGIN
    tops = {spot: _MARGIN + number * _LAYER_HEIGHT for number, layer in enumerate(laid.layers) for spot in layer}
    placed = [PlacedBox(box, middles[key] - left, tops[key], widths[key]) for key, box in boxes.items()]
    lines = []
    for number, (arrow, route) in enumerate(zip(arrows, laid.routes, strict=True)):
        points = _points(route, {spot: middles[spot] - left for spot in route}, tops)
        lines.append(PlacedArrow(arrow, points[::-1] if number in laid.upward else points))
    height = 2 * _MARGIN + max(0, len(laid.layers) - 1) * _LAYER_HEIGHT + BOX_HEIGHT
    return Drawing(right - left, height, placed, lines)


def _width(box: Box) -> float:
    """The width of a box: its text fits."""
    return max(_MINIMUM_WIDTH, _PADDING + _CHARACTER * max(len(box.title), 0.85 * len(box.note)))


def _points(route: Sequence[Spot], middles: Mapping[Spot, float], tops: Mapping[Spot, float]) -> list[tuple[float, float]]:
    """
    The points of an arrow: from the lower edge of a box to the upper edge of another one.

    :param route: what it passes, from top to bottom.
    """
    first, *between, last = route
    through = [point for spot in between for point in ((middles[spot], tops[spot]), (middles[spot], tops[spot] + BOX_HEIGHT))]
    return [(middles[first], tops[first] + BOX_HEIGHT), *through, (middles[last], tops[last])]


def _middles(laid: Layered, widths: Mapping[Spot, float]) -> dict[Spot, float]:
    """
    Where the middle of each spot is: near its neighbours above and below, and clear of those beside it.

    :param laid: the layers.
    :param widths: of all spots.
    """
    neighbours: dict[Spot, list[Spot]] = {}
    for route in laid.routes:
        for upper, lower in pairwise(route):
            neighbours.setdefault(upper, []).append(lower)
            neighbours.setdefault(lower, []).append(upper)
    middles: dict[Spot, float] = {}
    for layer in laid.layers:
        _spread(layer, dict.fromkeys(layer, 0.0), widths, middles)
    for sweep in range(_PASSES):
        for layer in laid.layers if sweep % 2 == 0 else reversed(laid.layers):
            wishes = {
                spot: sum(middles[other] for other in neighbours[spot]) / len(neighbours[spot])
                if neighbours.get(spot)
                else middles[spot]
                for spot in layer
            }
            _spread(layer, wishes, widths, middles)
    return middles


def _spread(
    layer: Sequence[Spot], wishes: Mapping[Spot, float], widths: Mapping[Spot, float], middles: dict[Spot, float]
) -> None:
    """
    Put the spots of a layer where they wish to be, as far as they do not overlap: those that do form a block around the
    average of their wishes.

    :param layer: the spots from left to right.
    :param middles: where the result goes.
    """
    blocks: list[tuple[list[Spot], list[float]]] = []
    offsets: dict[Spot, float] = {}
    position = 0.0
    for number, spot in enumerate(layer):
        if number:
            position += (widths[layer[number - 1]] + widths[spot]) / 2 + _GAP
        offsets[spot] = position
        blocks.append(([spot], [wishes[spot] - position]))
        # Blocks whose wishes contradict their order become one.
        while len(blocks) > 1 and _mean(blocks[-2][1]) > _mean(blocks[-1][1]):
            spots, shifts = blocks.pop()
            blocks[-1][0].extend(spots)
            blocks[-1][1].extend(shifts)
    for spots, shifts in blocks:
        for spot in spots:
            middles[spot] = offsets[spot] + _mean(shifts)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
