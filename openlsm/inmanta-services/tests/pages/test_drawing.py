"""Diagrams: where boxes and arrows are."""

import re
from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from inmanta_services.pages.drawing.graph import Arrow, Box, Graph, Tone
from inmanta_services.pages.drawing.layers import layered
from inmanta_services.pages.drawing.lifecycles import lifecycle_graph, tone_of
from inmanta_services.pages.drawing.placing import BOX_HEIGHT, place
from inmanta_services.pages.drawing.svg import draw

from ..helpers.services import QUIET, VALIDATED

KEYS = st.integers(1, 9).map(lambda count: [f"state {number}" for number in range(count)])
GRAPHS = KEYS.flatmap(
    lambda keys: st.tuples(st.just(keys), st.lists(st.tuples(st.sampled_from(keys), st.sampled_from(keys)), max_size=20))
)


@given(GRAPHS)
def test_every_box_has_one_place_and_every_arrow_leads_down_or_is_known_to_lead_up(
    graph: tuple[list[str], list[tuple[str, str]]],
) -> None:
    keys, arrows = graph
    arrows = [arrow for arrow in arrows if arrow[0] != arrow[1]]

    laid = layered(keys, arrows)

    layer_of = {spot: number for number, layer in enumerate(laid.layers) for spot in layer}
    assert sorted(spot for layer in laid.layers for spot in layer if isinstance(spot, str)) == sorted(keys)
    for number, (source, target) in enumerate(arrows):
        upper, lower = (target, source) if number in laid.upward else (source, target)
        assert (laid.routes[number][0], laid.routes[number][-1]) == (upper, lower)
        assert [layer_of[spot] for spot in laid.routes[number]] == list(range(layer_of[upper], layer_of[lower] + 1))


@given(GRAPHS)
def test_no_boxes_overlap_and_all_are_on_the_drawing(graph: tuple[list[str], list[tuple[str, str]]]) -> None:
    keys, arrows = graph

    drawing = place(Graph([Box(key, key) for key in keys], [Arrow(*arrow) for arrow in arrows]))

    for box in drawing.boxes:
        assert box.x - box.width / 2 >= 0
        assert box.x + box.width / 2 <= drawing.width
        assert 0 <= box.y <= drawing.height - BOX_HEIGHT
    for left, right in pairwise(sorted(drawing.boxes, key=lambda box: (box.y, box.x))):
        assert left.y != right.y or left.x + left.width / 2 < right.x - right.width / 2


def test_an_arrow_begins_and_ends_at_its_boxes_also_when_it_leads_up() -> None:
    drawing = place(Graph([Box("a", "a"), Box("b", "b")], [Arrow("a", "b"), Arrow("b", "a")]))
    a, b = drawing.boxes

    down, up = drawing.arrows

    assert (down.points[0], down.points[-1]) == ((a.x, a.y + BOX_HEIGHT), (b.x, b.y))
    assert (up.points[0], up.points[-1]) == (down.points[-1], down.points[0])


def test_texts_of_a_diagram_are_escaped() -> None:
    evil = '"><script>alert(1)</script>'

    svg = str(draw(Graph([Box("k", evil, note=evil, link=f"/x{evil}")], []), name="d", caption=evil))

    assert "<script" not in svg
    assert [text.text for text in ElementTree.fromstring(svg).iter() if text.tag == "text"] == [evil, evil]


def test_a_lifecycle_shows_where_an_instance_was_and_is() -> None:
    graph = lifecycle_graph(VALIDATED, way=["start", "rejected"])

    assert [(box.key, box.passed, box.current) for box in graph.boxes] == [
        ("start", True, False),
        ("active", False, False),
        ("rejected", True, True),
        ("gone", False, False),
    ]
    assert [(arrow.source, arrow.target, arrow.failure, arrow.passed) for arrow in graph.arrows] == [
        ("start", "active", False, False),
        ("start", "rejected", True, True),
        ("rejected", "gone", False, False),
    ]


def test_a_step_that_no_transfer_provides_is_shown_too() -> None:
    graph = lifecycle_graph(VALIDATED, way=["active", "start"])

    assert ("active", "start", True) in [(arrow.source, arrow.target, arrow.passed) for arrow in graph.arrows]


def test_states_have_counts_links_and_the_colours_of_their_labels() -> None:
    graph = lifecycle_graph(QUIET, counts={"active": 3}, link=lambda state: f"/{state}")

    assert [(box.key, box.tone, box.count, box.link) for box in graph.boxes] == [
        ("active", Tone.SUCCESS, 3, "/active"),
        ("parked", Tone.INFO, None, "/parked"),
        ("gone", Tone.NEUTRAL, None, None),
    ]
    assert tone_of(QUIET, "of another version") is Tone.NEUTRAL
    assert re.search(r'class="box success"', str(draw(graph, name="d", caption="c")))
