"""The pages in a real browser, with services whose orders are done at once."""

import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
import requests
from inmanta_embedded import Orchestrator
from inmanta_embedded.patience import patient
from inmanta_lsm.order.model import CreateWritableServiceOrderItem
from inmanta_services import Client
from inmanta_services.lookup import find
from inmanta_services.pages.places import Places
from playwright.async_api import Browser, ViewportSize, expect

from ..conftest import make_environment
from ..helpers.browser import PHONE, WIDE, Visitor, visitor
from ..helpers.services import NAME, NETWORK, PORT, QUIET, service
from ..helpers.world import World

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("pages"), pytest.mark.asyncio(loop_scope="session")]

type Look = Callable[[str], Awaitable[None]]


def base_of(orchestrator: Orchestrator) -> str:
    """The address of the pages, without a login."""
    link = orchestrator.pages_link()
    assert link is not None
    return "{0.scheme}://{0.netloc}".format(urlsplit(link))


@asynccontextmanager
async def somebody(orchestrator: Orchestrator, browser: Browser, **options: object) -> AsyncIterator[tuple[Visitor, Look]]:
    """Somebody who logged in by the link, and how he goes to a page; nothing went wrong in his browser at the end."""
    link = orchestrator.pages_link()
    assert link is not None
    base = base_of(orchestrator)
    async with visitor(browser, link, **options) as who:  # type: ignore[arg-type]

        async def look(path: str) -> None:
            await who.page.goto(f"{base}{path}")
            await expect(who.page.locator("main")).to_be_visible()

        yield who, look
        assert (who.errors, who.elsewhere()) == ([], [])


def places_of(world: World) -> Places:
    return Places(world.connection.environment)


async def test_an_instance_is_created_updated_and_deleted(orchestrator: Orchestrator, browser: Browser, world: World) -> None:
    client, places = Client(world.connection), places_of(world)
    async with somebody(orchestrator, browser) as (who, look):
        await look(places.creation(NETWORK))
        await who.fill("Name", "core")
        await who.clicks("button", "Add to rules")
        await who.fill("Key", "web", group="Rules 1")
        await who.clicks("button", "Add to rules")
        await who.fill("Key", "mail", group="Rules 2")
        await who.clicks("button", "Create")
        await who.sees("core")

        created = await find(client, f"{NETWORK}/core")
        assert [rule["key"] for rule in (created.candidate_attributes or created.active_attributes or {})["rules"]] == [
            "web",
            "mail",
        ]

        await who.clicks("button", "Update")
        await who.clicks("button", "Remove Rules 1")
        await expect(who.page.get_by_role("group", name="Rules 2", exact=True)).to_have_count(0)
        await who.fill("Note", "less")
        await who.clicks("button", "Update")
        await expect(who.page.get_by_role("tab", name="Attributes")).to_be_visible()
        updated = await find(client, f"{NETWORK}/core")
        after = updated.candidate_attributes or updated.active_attributes or {}
        assert ([rule["key"] for rule in after["rules"]], after["note"]) == (["mail"], "less")

        await who.clicks("button", "Set state: parked")
        await who.clicks("button", "Set to parked")
        # The state is on the page without it being loaded again.
        await expect(who.page.get_by_role("list", name="The way so far")).to_contain_text("parked")

        await who.clicks("button", "Delete")
        await who.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
        await who.sees("Its lifecycle offers nothing to do in this state.")
        assert (await client.inventory.by_id(created.id)).deleted


async def test_what_is_wrong_is_said_at_its_field(orchestrator: Orchestrator, browser: Browser, world: World) -> None:
    places = places_of(world)
    await Client(world.connection).inventory.create(NETWORK, {"name": "taken"})
    async with somebody(orchestrator, browser) as (who, look):
        await look(places.creation(NETWORK))
        await who.fill("Size", "many")
        await who.clicks("button", "Create")
        await expect(who.page.locator(".q-field", has=who.page.get_by_label("Name", exact=True))).to_contain_text(
            "Fill this in."
        )
        await who.sees("many is no whole number.")
        await who.sees("2 fields need another look.")

        await who.fill("Name", "taken")
        await who.fill("Size", "3")
        await who.clicks("button", "Create")
        # Only the orchestrator knows that.
        await expect(who.page.get_by_role("alert").filter(has_text="taken").first).to_be_visible()
        assert who.page.url.endswith("/create")


async def test_relations_are_found_by_name(orchestrator: Orchestrator, browser: Browser, world: World) -> None:
    client, places = Client(world.connection), places_of(world)
    core = await client.inventory.create(NETWORK, {"name": "core"})
    await client.inventory.create(NETWORK, {"name": "edge"})
    async with somebody(orchestrator, browser) as (who, look):
        await look(places.creation(PORT))
        await who.fill("Name", "uplink")
        await who.page.get_by_label("Network (Network)").press_sequentially("cor")
        await who.page.get_by_role("option", name="core").click()
        await expect(who.page.get_by_role("option", name="edge")).to_have_count(0)
        await who.clicks("button", "Create")
        await expect(who.page.get_by_role("link", name="core")).to_be_visible()

    port = await find(client, f"{PORT}/uplink")
    assert (port.candidate_attributes or port.active_attributes or {})["network"] == str(core.id)


async def test_the_inventory_is_filtered_sorted_and_turned_on_the_server_and_follows_it(
    orchestrator: Orchestrator, browser: Browser, world: World
) -> None:
    client, places = Client(world.connection), places_of(world)
    for number in range(23):
        await client.inventory.create(NETWORK, {"name": f"net-{number:02}"})
    async with somebody(orchestrator, browser) as (who, look):
        await look(places.inventory(NETWORK))
        await who.sees("1 to 20 of 23")
        await who.clicks("link", "name")
        await expect(who.page.locator("tbody th").first).to_have_text("net-00")
        await expect(who.page.get_by_role("columnheader", name="name")).to_have_attribute("aria-sort", "ascending")
        await who.clicks("link", "Next")
        await who.sees("21 to 23 of 23")
        await expect(who.page.locator("tbody th").first).to_have_text("net-20")

        await who.page.get_by_label("Identity or id").fill("net-1")
        await who.sees("1 to 10 of 10")
        assert "text=net-1" in who.page.url
        await client.inventory.create(NETWORK, {"name": "net-1x"})
        await who.sees("net-1x")
        await who.sees("1 to 11 of 11")


async def test_values_are_shown_and_never_run(orchestrator: Orchestrator, browser: Browser, world: World) -> None:
    evil = "<img src=x onerror=\"throw new Error('run')\">${1}`</script>"
    client, places = Client(world.connection), places_of(world)
    instance = await client.inventory.create(NETWORK, {"name": evil, "note": evil, "rules": [{"key": evil}]})
    async with somebody(orchestrator, browser) as (who, look):
        for path in (
            places.inventory(NETWORK),
            places.instance(NETWORK, instance.id),
            places.update(NETWORK, instance.id),
        ):
            await look(path)
            await expect(who.page.get_by_text(evil).first).to_be_visible()
            assert await who.page.locator("img[src=x]").count() == 0


async def test_an_order_is_drawn_with_its_dependencies(orchestrator: Orchestrator, browser: Browser, world: World) -> None:
    client, places = Client(world.connection), places_of(world)
    network, port = uuid.uuid4(), uuid.uuid4()
    order = await client.orders.create(
        [
            CreateWritableServiceOrderItem(instance_id=network, service_entity=NETWORK, attributes={"name": "core"}),
            CreateWritableServiceOrderItem(
                instance_id=port, service_entity=PORT, attributes={"name": "uplink", "network": str(network)}
            ),
        ],
        description="Both at once",
    )
    async with somebody(orchestrator, browser) as (who, look):
        await look(places.orders)
        await who.clicks("link", "Both at once")
        await expect(who.page.get_by_role("heading", name="Both at once")).to_be_visible()
        assert str(order.id) in who.page.url
        boxes = {name: await who.page.locator("svg.diagram a", has_text=name).bounding_box() for name in ("core", "uplink")}
        assert boxes["core"] is not None
        assert boxes["uplink"] is not None
        assert boxes["core"]["y"] < boxes["uplink"]["y"]
        await expect(who.page.locator("svg.diagram path.arrow")).to_have_count(1)
        await expect(who.page.locator("main")).to_contain_text("completed")


async def test_a_switch_of_the_lifecycle_is_only_there_where_there_is_one(
    orchestrator: Orchestrator, browser: Browser, world: World
) -> None:
    async with somebody(orchestrator, browser) as (who, look):
        await look(places_of(world).service(NETWORK))
        await expect(who.page.get_by_role("heading", name="Lifecycle")).to_be_visible()
        await expect(who.page.get_by_role("switch")).to_have_count(0)
        await expect(who.page.locator("svg.diagram")).to_contain_text("parked")


async def test_a_switch_is_turned_off_and_on(orchestrator: Orchestrator, browser: Browser, world: World) -> None:
    client, places = Client(world.connection), places_of(world)
    update, *others = QUIET.transfers
    lifecycle = QUIET.model_copy(update={"transfers": [update.model_copy(update={"config_name": "updates"}), *others]})
    await client.catalog.create(service("Switched", [NAME], lifecycle=lifecycle))
    async with somebody(orchestrator, browser) as (who, look):
        await look(places.service("Switched"))
        switch = who.page.get_by_role("switch", name="updates")
        await expect(switch).to_be_checked()
        await switch.click()
        await who.sees("updates is off.")
        assert await client.catalog.config("Switched") == {"updates": False}

        await look(places.service("Switched"))
        await expect(switch).not_to_be_checked()
        await switch.click()
        await who.sees("updates is on.")
        assert await client.catalog.config("Switched") == {"updates": True}


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_everybody_can_use_the_pages(
    orchestrator: Orchestrator, browser: Browser, world: World, size: ViewportSize
) -> None:
    client, places = Client(world.connection), places_of(world)
    core = await client.inventory.create(NETWORK, {"name": "core", "rules": [{"key": "web"}]})
    port = await client.inventory.create(PORT, {"name": "uplink", "network": str(core.id), "password": "hush"})
    item = CreateWritableServiceOrderItem(instance_id=uuid.uuid4(), service_entity=NETWORK, attributes={"name": "edge"})
    order = await client.orders.create([item])
    async with somebody(orchestrator, browser, size=size) as (who, look):
        for path in (
            "/?choose",
            places.overview,
            places.service(NETWORK),
            places.inventory(NETWORK),
            places.instance(NETWORK, core.id),
            places.instance(PORT, port.id),
            places.creation(NETWORK),
            places.update(PORT, port.id),
            places.orders,
            places.order(order.id),
            places.compiles,
            f"{places.overview}/services/Nonesuch",
        ):
            await look(path)
            await expect(who.page.get_by_role("heading", level=1)).to_be_visible()
            assert await who.is_as_wide_as_the_screen(), path
            assert await who.serious_findings_in_both_schemes() == [], path
        await look(places.instance(NETWORK, core.id))
        for tab in ("Lifecycle", "Resources", "History", "Diagnosis", "Compiles"):
            await who.page.get_by_role("tab", name=tab).click()
            await expect(who.page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
            assert await who.serious_findings_in_both_schemes() == [], tab
        await who.clicks("button", "Delete")
        await expect(who.page.get_by_role("dialog")).to_be_visible()
        # What is behind the dialog is dimmed. On a wide screen axe takes that for the ground of the white text of the button,
        # which has one of its own.
        findings = await who.serious_findings_in_both_schemes(".q-dialog .q-card")
        assert [one for one in findings if size == PHONE or one["id"] != "color-contrast"] == []


async def test_the_first_look_at_a_page_is_in_the_scheme_that_somebody_prefers(
    orchestrator: Orchestrator, browser: Browser, world: World
) -> None:
    for dark in (False, True):
        async with somebody(orchestrator, browser, dark=dark) as (who, look):
            await look(places_of(world).overview)
            assert await who.page.evaluate("document.body.classList.contains('body--dark')") is dark
            assert await who.serious_findings() == []


async def test_a_form_is_filled_in_by_the_keyboard_alone(orchestrator: Orchestrator, browser: Browser, world: World) -> None:
    async with somebody(orchestrator, browser) as (who, look):
        await look(places_of(world).creation(NETWORK))
        await who.page.keyboard.press("Tab")
        await expect(who.page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await who.page.keyboard.press("Enter")
        for _ in range(20):
            if await who.page.evaluate("document.activeElement?.getAttribute('aria-label')?.startsWith('Name')"):
                break
            await who.page.keyboard.press("Tab")
        await who.page.keyboard.type("typed")
        for _ in range(40):
            if await who.page.evaluate("document.activeElement?.textContent.trim() === 'Create'"):
                break
            await who.page.keyboard.press("Tab")
        await who.page.keyboard.press("Enter")
        await expect(who.page.get_by_role("tab", name="Attributes")).to_be_visible()
    assert (await find(Client(world.connection), f"{NETWORK}/typed")).service_entity == NETWORK


async def test_nothing_is_shown_before_a_login_and_after_a_logout(
    orchestrator: Orchestrator, browser: Browser, world: World
) -> None:
    await Client(world.connection).inventory.create(NETWORK, {"name": "backbone"})
    base, path = base_of(orchestrator), places_of(world).inventory(NETWORK)
    async with visitor(browser, f"{base}{path}") as who:
        await expect(who.page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
        assert "backbone" not in await who.page.content()
        assert await who.serious_findings() == []

        await who.page.get_by_label("User", exact=True).fill("admin")
        await who.page.get_by_label("Password", exact=True).fill("guess")
        await who.clicks("button", "Log in")
        await expect(who.page.get_by_role("alert")).to_contain_text("does not know this user")

        await who.page.get_by_label("Token", exact=True).fill(orchestrator.token())
        await who.clicks("button", "Log in by token")
        await who.sees("backbone")
        await who.clicks("button", "Log out")
        await expect(who.page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
        await who.page.goto(f"{base}{path}")
        assert "backbone" not in await who.page.content()
        # Of the guess.
        refused = f"Failed to load resource: the server responded with a status of 403 (Forbidden) ({base}/login)"
        assert (who.errors, who.elsewhere()) == ([refused], [])


async def test_a_token_of_one_environment_opens_its_pages_only(
    orchestrator: Orchestrator, browser: Browser, world: World
) -> None:
    client, places = Client(world.connection), places_of(world)
    other = uuid.uuid4()
    await make_environment(orchestrator, other)
    base = base_of(orchestrator)
    async with visitor(browser, f"{base}/login") as who:
        await who.page.get_by_label("Token", exact=True).fill(orchestrator.token(environment=str(world.connection.environment)))
        await who.clicks("button", "Log in by token")
        await expect(who.page.get_by_role("heading", name="Overview")).to_be_visible()
        assert who.page.url == f"{base}{places.overview}"
        await who.page.goto(f"{base}{Places(other).overview}")
        await expect(who.page.locator("main")).to_contain_text("There is no such environment")
    await client.environments.delete(other)


@pytest.mark.parametrize("path", ["/", "/_nicegui_ws/socket.io/?EIO=4&transport=polling", "/environment/x/orders"])
async def test_no_request_passes_without_a_login_or_from_elsewhere(orchestrator: Orchestrator, path: str) -> None:
    base = base_of(orchestrator)

    def ask(**headers: str) -> requests.Response:
        return requests.get(f"{base}{path}", headers=headers, allow_redirects=False, timeout=patient())

    assert ask().status_code in (303, 401)
    assert (ask(Host="evil.example").status_code, ask(Origin="http://evil.example").status_code) == (403, 403)


async def test_the_link_logs_in_once_and_another_one_follows(orchestrator: Orchestrator, world: World) -> None:
    link = orchestrator.pages_link()
    assert link is not None

    first, second = (requests.get(link, allow_redirects=False, timeout=patient()) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 403)
    assert re.search(r"HttpOnly.*SameSite=lax", first.headers["set-cookie"])
    assert "Log in" in second.text
    assert orchestrator.pages_link() != link


async def test_the_link_leads_to_the_only_environment_without_a_page_in_between(
    orchestrator: Orchestrator, world: World
) -> None:
    link = orchestrator.pages_link()
    assert link is not None

    answer = requests.get(link, timeout=patient())

    assert answer.url == f"{base_of(orchestrator)}{places_of(world).overview}"
    assert "Overview" in answer.text
