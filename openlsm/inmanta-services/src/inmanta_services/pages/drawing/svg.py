"""A diagram as SVG. Its colours are classes, which the stylesheet of the pages defines for both schemes."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from inmanta_services.pages.drawing.graph import Graph
from inmanta_services.pages.drawing.placing import BOX_HEIGHT, PlacedArrow, PlacedBox, place


def draw(graph: Graph, *, name: str, caption: str) -> Markup:
    """
    Draw a diagram.

    :param graph: the diagram.
    :param name: of the diagram, unique on its page.
    :param caption: what it shows, for those who do not see it.
    """
    drawing = place(graph)
    arrows = Markup("").join(_arrow(arrow, name) for arrow in drawing.arrows)
    boxes = Markup("").join(_box(box) for box in drawing.boxes)
    # With links in it, a diagram is no single image.
    role = "group" if any(box.link for box in graph.boxes) else "img"
    return Markup(
        '<svg class="diagram" role="{role}" aria-label="{caption}" viewBox="0 0 {width:.0f} {height:.0f}" '
        'width="{width:.0f}" height="{height:.0f}"><defs>{markers}</defs>{arrows}{boxes}</svg>'
    ).format(
        role=role,
        caption=caption,
        width=drawing.width,
        height=drawing.height,
        markers=Markup("").join(_marker(name, kind) for kind in ("plain", "failure", "passed")),
        arrows=arrows,
        boxes=boxes,
    )


def _marker(name: str, kind: str) -> Markup:
    """The head of a kind of arrows."""
    return Markup(
        '<marker id="{name}-{kind}" class="head {kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>'
    ).format(name=name, kind=kind)


def _arrow(placed: PlacedArrow, name: str) -> Markup:
    """An arrow with its head."""
    kind = "passed" if placed.arrow.passed else "failure" if placed.arrow.failure else "plain"
    classes = f"arrow {kind}" + (" failure" if placed.arrow.failure and placed.arrow.passed else "")
    title = Markup("<title>{}</title>").format(placed.arrow.label) if placed.arrow.label else Markup("")
    return Markup('<path class="{classes}" d="{line}" marker-end="url(#{name}-{kind})">{title}</path>').format(
        classes=classes, line=_line(placed.points), name=name, kind=kind, title=title
    )


def _line(points: Sequence[tuple[float, float]]) -> str:
    """
    A smooth line: straight through layers, bent between them.

    :param points: what it passes.
    """
    (x, y), *rest = points
    parts = [f"M{x:.1f} {y:.1f}"]
    for next_x, next_y in rest:
        middle = (y + next_y) / 2
        parts.append(f"C{x:.1f} {middle:.1f} {next_x:.1f} {middle:.1f} {next_x:.1f} {next_y:.1f}")
        x, y = next_x, next_y
    return "".join(parts)


def _box(placed: PlacedBox) -> Markup:
    """A box with what is written in it."""
    box = placed.box
    marks = [mark for mark, holds in (("current", box.current), ("passed", box.passed)) if holds]
    left = placed.x - placed.width / 2
    note = (
        Markup('<text class="note" x="{x:.1f}" y="{y:.1f}">{text}</text>').format(x=placed.x, y=placed.y + 33, text=box.note)
        if box.note
        else Markup("")
    )
    count = _count(left + placed.width, placed.y, box.count) if box.count else Markup("")
    body = Markup(
        '<g class="{classes}"><rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.0f}" rx="9"/>'
        '<text x="{x:.1f}" y="{line:.1f}">{title}</text>{note}{count}</g>'
    ).format(
        classes=" ".join(["box", str(box.tone), *marks]),
        left=left,
        top=placed.y,
        width=placed.width,
        height=BOX_HEIGHT,
        x=placed.x,
        line=placed.y + (19 if box.note else 27),
        title=box.title,
        note=note,
        count=count,
    )
    if box.link is None:
        return body
    return Markup('<a href="{}" data-key="{}">{}</a>').format(box.link, f"box {box.key}", body)


def _count(x: float, y: float, count: int) -> Markup:
    """A number at the corner of a box."""
    text = escape(str(count))
    width = 12 + 8 * len(text)
    return Markup(
        '<rect class="count" x="{left:.1f}" y="{top:.1f}" width="{width}" height="20" rx="10"/>'
        '<text class="count" x="{x:.1f}" y="{line:.1f}">{text}</text>'
    ).format(left=x - width / 2 - 2, top=y - 10, width=width, x=x - 2, line=y + 4.5, text=text)
