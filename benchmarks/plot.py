"""A plot of measurements, as an SVG file of its own."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 110, 40, 60
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd")


@dataclasses.dataclass(frozen=True)
class Plot:
    """
    Lines over a common axis; both axes are logarithmic.

    :param title: above the plot
    :param x_label: what the horizontal axis is
    :param y_label: what the vertical axis is
    :param lines: points (x, y) by the name of the line; all above 0
    :param note: below the plot: how it was made
    """

    title: str
    x_label: str
    y_label: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    note: str

    def write(self, file: Path) -> None:
        """
        Write the plot.

        :param file: to write or replace
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.svg())

    def svg(self) -> str:
        """Draw the plot."""
        points = [point for line in self.lines.values() for point in line]
        x_axis = _Axis(min(x for x, _ in points), max(x for x, _ in points), _LEFT, _WIDTH - _RIGHT)
        y_axis = _Axis(min(y for _, y in points), max(y for _, y in points), _HEIGHT - _BOTTOM, _TOP)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">',
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
            _text(_LEFT, 22, self.title, size=14),
            _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 24, self.x_label, anchor="middle"),
            f'<g transform="rotate(-90 18 {_HEIGHT / 2})">{_text(18, _HEIGHT / 2, self.y_label, anchor="middle")}</g>',
            _text(_LEFT, _HEIGHT - 6, self.note, size=10),
        ]
        for value in x_axis.ticks():
            x = x_axis.position(value)
            parts.append(f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{_HEIGHT - _BOTTOM}" stroke="#ddd"/>')
            parts.append(_text(x, _HEIGHT - _BOTTOM + 16, f"{value:g}", anchor="middle"))
        for value in y_axis.ticks():
            y = y_axis.position(value)
            parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
            parts.append(_text(_LEFT - 6, y + 4, f"{value:g}", anchor="end"))
        for (name, line), colour in zip(self.lines.items(), _COLOURS, strict=False):
            at = [(x_axis.position(x), y_axis.position(y)) for x, y in line]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in at]
            parts.append(_text(at[-1][0] + 8, at[-1][1] + 4, name, colour=colour))
        return "\n".join([*parts, "</svg>", ""])


class _Axis:
    """A logarithmic axis, over whole powers of ten."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self._low = math.floor(math.log10(low))
        self._high = max(math.ceil(math.log10(high)), self._low + 1)
        self._start = start
        self._end = end

    def position(self, value: float) -> float:
        """Give the place of a value on the plot."""
        return self._start + (math.log10(value) - self._low) / (self._high - self._low) * (self._end - self._start)

    def ticks(self) -> list[float]:
        """Give the values to name."""
        decades = range(self._low, self._high + 1)
        values = [step * 10.0**decade for decade in decades for step in (1, 2, 5)]
        return [value for value in values if value <= 10.0**self._high]


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, colour: str = "#333") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="{size}" fill="{colour}">{escape(text)}</text>'
