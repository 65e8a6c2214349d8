"""
The pages of services: what a look at the inventory costs with many instances, compared with few.

What is measured is the answer that a browser gets, with the rows in it: all that follows is the same for both.
"""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import inmanta_embedded
import requests
from inmanta_services.pages.places import Places

from benchmarks import ratio
from benchmarks.inventory import FEW, GOAL, MANY, SERVICE, fill

ROUNDS = 40

PAGES: dict[str, Callable[[Places], str]] = {
    "the inventory": lambda places: places.inventory(SERVICE),
    "the inventory, those in a state": lambda places: places.in_state(SERVICE, "failed"),
    "a service": lambda places: places.service(SERVICE),
    "the overview": lambda places: places.overview,
}


def viewer(session: requests.Session, url: str) -> Callable[[], object]:
    """
    Make an action of a look at a page.

    :param session: of somebody who logged in
    :param url: the page
    :return: an action that gets the page, and raises ``RuntimeError`` when it is not there
    """

    def look() -> None:
        answer = session.get(url, timeout=60, allow_redirects=False)
        if answer.status_code != requests.codes.ok:
            raise RuntimeError(f"GET {url} was answered with {answer.status_code}: {answer.text[:500]}")

    return look


def measure() -> list[ratio.Ratio]:
    """:return: each page with many instances compared with the same with few"""
    settings = inmanta_embedded.Settings(pages=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        inmanta_embedded.Orchestrator(Path(folder) / "orchestrator", settings) as orchestrator,
        requests.Session() as session,
    ):
        places = [Places(asyncio.run(fill(orchestrator.database.dsn, instances))[0]) for instances in (FEW, MANY)]
        link = orchestrator.pages_link()
        assert link is not None, "it was started with pages"
        session.get(link, timeout=60).raise_for_status()
        base = "{0.scheme}://{0.netloc}".format(urlsplit(link))
        ratios = []
        for subject, page in PAGES.items():
            few, many = ratio.medians([viewer(session, f"{base}{page(place)}") for place in places], ROUNDS)
            ratios.append(ratio.Ratio(f"{subject}, {MANY} instances", f"{FEW} instances", many, few, goal=GOAL))
    return ratios
