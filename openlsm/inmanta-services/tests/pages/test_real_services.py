"""The pages in a real browser, with services that are compiled and deployed."""

import asyncio
import importlib.metadata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from inmanta_embedded import Orchestrator
from inmanta_embedded.patience import patient
from inmanta_services import Address, Client, Connection
from inmanta_services.catalog_export import export_catalog
from inmanta_services.lookup import find
from inmanta_services.pages.places import Places
from playwright.async_api import Browser, expect

from demo import project

from ..helpers.browser import visitor

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("compiling"), pytest.mark.asyncio(loop_scope="session")]

SERVICE = "ImportantCustomerService"
REPAIRED = (
    "Its resources are deployed once more."
    if int(importlib.metadata.version("inmanta-core").split(".")[0]) >= 20
    else "A single service instance can be repaired with inmanta-core 20 and later"
)


@dataclass(frozen=True)
class Shop:
    """An environment with the services of the module, and the folder that they deploy to."""

    connection: Connection
    deployed: Path


@pytest.fixture
def shop(orchestrator: Orchestrator, tmp_path: Path) -> Iterator[Shop]:
    """An environment with the services of the module."""
    environment = uuid.uuid4()
    connection = Connection(Address(orchestrator.host, orchestrator.port), environment, orchestrator.token())

    async def prepare() -> None:
        client = Client(connection)
        await client.environments.create(f"shop-{environment}", environment)
        project.write(orchestrator, environment, tmp_path)
        await export_catalog(client, update=False)

    asyncio.run(prepare())
    yield Shop(connection, tmp_path)
    asyncio.run(Client(connection).environments.delete(environment))


async def test_an_order_comes_up_without_a_reload_is_changed_fails_is_explained_and_is_deleted(
    orchestrator: Orchestrator, browser: Browser, shop: Shop
) -> None:
    client, places = Client(shop.connection), Places(shop.connection.environment)
    link = orchestrator.pages_link()
    assert link is not None
    base = "{0.scheme}://{0.netloc}".format(urlsplit(link))
    async with visitor(browser, link) as who:
        page, state, long = who.page, who.page.locator(".title .badge"), 3 * patient() * 1000
        await page.goto(f"{base}{places.creation(SERVICE)}")
        await who.fill("Order id", "first")
        await who.fill("Customer reference", "acme")
        for number, name in enumerate(("cable", "router"), start=1):
            await who.clicks("button", "Add to items")
            await who.fill("Name", name, group=f"Items {number}")
        await who.clicks("button", "Create")
        await expect(page.get_by_role("heading", name="first")).to_be_visible()
        loaded = await page.evaluate("performance.timeOrigin")
        await expect(state).to_have_text("up", timeout=long)
        await expect(page.get_by_role("list", name="The way so far")).to_contain_text("creating")
        assert await page.evaluate("performance.timeOrigin") == loaded

        await page.get_by_role("tab", name="Resources").click()
        await expect(page.get_by_role("tabpanel").get_by_text("deployed", exact=True).first).to_be_visible()
        await who.clicks("button", "Repair")
        await expect(page.get_by_text(REPAIRED).first).to_be_visible()
        of_the_order = page.url
        await page.get_by_role("tab", name="Compiles").click()
        await page.get_by_role("tabpanel").get_by_role("link").first.click()
        await expect(page.get_by_role("heading", name="Stages")).to_be_visible()
        await who.sees("succeeded")
        await page.goto(of_the_order)
        await who.clicks("button", "Update")
        await who.clicks("button", "Remove Items 1")
        await expect(page.get_by_role("group", name="Items 2", exact=True)).to_have_count(0)
        await who.clicks("button", "Update")
        await expect(page.get_by_role("list", name="The way so far")).to_contain_text("update_inprogress", timeout=long)
        await expect(state).to_have_text("up", timeout=long)
        order = await find(client, f"{SERVICE}/first")
        assert [item["name"] for item in (order.active_attributes or {})["items"]] == ["router"]

        # A file is where the second order should have its folder.
        (shop.deployed / "orders" / "order-1").write_text("in the way")
        await page.goto(f"{base}{places.creation(SERVICE)}")
        await who.fill("Order id", "second")
        await who.fill("Customer reference", "acme")
        await who.clicks("button", "Create")
        await expect(state).to_have_text("failed", timeout=long)
        await page.get_by_role("tab", name="Diagnosis").click()
        await expect(page.get_by_role("tabpanel")).to_contain_text("could not be deployed")
        await expect(page.get_by_role("tabpanel")).to_contain_text(str(shop.deployed / "orders" / "order-1"))
        await page.goto(f"{base}{places.overview}")
        await expect(page.get_by_role("region", name="In trouble")).to_contain_text("second")

        await page.goto(f"{base}{places.instance(SERVICE, order.id)}")
        await who.clicks("button", "Delete")
        await page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
        await expect(state).to_have_text("terminated", timeout=long)
        assert (who.errors, who.elsewhere()) == ([], [])
