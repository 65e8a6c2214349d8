"""Lists: what the address of a page says about them."""

from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st
from inmanta_services.client import Cursor
from inmanta_services.pages.listing import LIMITS, Listing

SORTABLE = ["name", "state", "created_at"]
TEXTS = st.text(min_size=1, max_size=10).filter(lambda text: text.isprintable())
LISTINGS = st.builds(
    Listing,
    states=st.lists(TEXTS, max_size=3).map(tuple),
    text=st.just("") | TEXTS,
    sort=st.tuples(st.sampled_from(SORTABLE), st.sampled_from(["asc", "desc"])).map(".".join),
    limit=st.sampled_from(LIMITS),
    deleted=st.booleans(),
    at=st.builds(Cursor, start=st.none() | TEXTS, first_id=st.none() | TEXTS),
)


@given(LISTINGS)
def test_an_address_says_all_about_a_list(listing: Listing) -> None:
    assert Listing.parse(parse_qs(listing.query().removeprefix("?")), SORTABLE) == listing


def test_the_usual_list_needs_no_query() -> None:
    assert Listing().query() == ""


def test_what_makes_no_sense_in_an_address_is_left_out() -> None:
    query = {"sort": ["attribute'; drop.desc"], "limit": ["100000"], "deleted": ["perhaps"], "state": [""]}

    assert Listing.parse(query, SORTABLE) == Listing()


def test_sorting_turns_round_and_begins_at_the_beginning() -> None:
    listing = Listing(at=Cursor(start="x"))

    once = listing.sorted_by("state")
    twice = once.sorted_by("state")

    assert (once.sort, twice.sort, once.at) == ("state.asc", "state.desc", Cursor())
    assert (once.direction("state"), once.direction("name")) == ("asc", "")


def test_filters_are_those_of_the_orchestrator() -> None:
    assert Listing(states=("up",), text="core").filters() == {"state": ["up"], "id_or_service_identity": ["core"]}
    assert Listing().filters() == {}
