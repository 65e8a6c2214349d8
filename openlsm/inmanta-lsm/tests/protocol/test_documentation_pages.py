"""The pages that document the API, in a real browser where there is one: they work without internet."""

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from inmanta.config import Config
from inmanta.protocol import Client
from inmanta_lsm.protocol.documentation_pages import self_contained
from playwright.async_api import Browser
from tornado.httpclient import AsyncHTTPClient

from ..helpers.browser import chromium, visit
from ..helpers.catalog_client import CatalogClient, definition
from ..helpers.described_service import attribute
from ..helpers.http_request import request

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = ["/lsm/v1/service_catalog_docs?environment={environment}", "/api/v2/docs"]
FILES = ["/lsm/swagger-ui/swagger-ui-bundle.js", "/lsm/swagger-ui/swagger-ui.css"]

# It is text: nothing of it runs.
HOSTILE = "</script><script>window.hacked = true</script>"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A browser that the tests share, each with a context of its own."""
    async with chromium() as browser:
        yield browser


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_names_only_files_of_the_server_which_it_serves(environment: uuid.UUID, client: Client, path: str) -> None:
    await CatalogClient(client, environment).create(definition())

    _, page = await request(path.format(environment=environment))

    assert re.findall(r'(?:src|href)="([^"]+)"', page) == FILES
    for file in FILES:
        code, content = await request(file)
        assert code == 200
        assert len(content) > 100_000


@pytest.mark.parametrize("file", ["index.html", "swagger-ui.js", "", "..%2f__init__.py", "swagger-ui.css/../index.html"])
async def test_nothing_else_of_swagger_ui_is_served(environment: uuid.UUID, file: str) -> None:
    code, _ = await request(f"/lsm/swagger-ui/{file}")

    assert code == 404


async def test_the_documents_behind_the_pages_are_as_they_were(environment: uuid.UUID, client: Client) -> None:
    await CatalogClient(client, environment).create(definition())

    _, of_services = await request(f"{PAGES[0].format(environment=environment)}&format=openapi")
    _, of_all = await request(f"{PAGES[1]}?format=openapi")

    assert "/lsm/v1/service_inventory/vlan" in of_services["data"]["paths"]
    assert of_all["data"]["paths"]["/api/v2/docs"]["get"]["operationId"] == "get_api_docs"


@pytest.mark.parametrize("host", ["//unpkg.com/swagger-ui-dist@^5.31.1", "https://cdn.example/a/b"])
def test_the_address_of_swagger_ui_is_replaced_wherever_it_is(host: str) -> None:
    text = f'<a href="https://kept/"> "{host}/swagger-ui.css"'
    page = f'<script src="{host}/swagger-ui-bundle.js"></script><link href="{host}/swagger-ui.css"/>{text}'

    assert self_contained(page) == f'<script src="{FILES[0]}"></script><link href="{FILES[1]}"/>{text}'


@pytest.mark.parametrize(
    ("path", "documented"),
    [(PAGES[0], "/lsm/v1/service_inventory/vlan"), (PAGES[1], "/lsm/v1/service_catalog")],
)
@pytest.mark.xdist_group("browser")
async def test_a_browser_shows_a_page_without_asking_anybody_else(
    environment: uuid.UUID, client: Client, browser: Browser, path: str, documented: str
) -> None:
    await CatalogClient(client, environment).create(definition(description=HOSTILE))
    server = f"http://127.0.0.1:{Config.get('client_rest_transport', 'port')}"

    async with visit(browser, f"{server}{path.format(environment=environment)}") as visited:
        await visited.page.locator(f'[data-path="{documented}"]').first.wait_for()
        hacked = await visited.page.evaluate("window.hacked")

    assert visited.elsewhere == []
    assert visited.errors == []
    assert {f"{server}{file}" for file in FILES} <= set(visited.requests)
    assert hacked is None


@pytest.mark.parametrize(
    "text", ["</script><script>{}</script>", "<!--<script>{}", "</ScRiPt ><img src=x onerror={}>", "&lt;script&gt;{}"]
)
@pytest.mark.parametrize("part", ["description", "name", "attribute", "default", "enum"])
async def test_no_text_of_a_definition_leaves_the_script_that_it_is_in(
    environment: uuid.UUID, client: Client, part: str, text: str
) -> None:
    hostile = text.format("window.hacked=1")
    described = attribute("a", "string")
    fields: dict[str, Any] = {"attributes": [described], "service_identity": None, "embedded_entities": []}
    match part:
        case "description":
            fields["description"] = hostile
        case "name":
            # A path of the documentation holds the name.
            fields["name"] = hostile.replace("/", "")
        case "attribute":
            fields["attributes"] = [attribute(hostile, "string", description=hostile)]
        case "default":
            fields["attributes"] = [attribute("a", "string", default=hostile)]
        case "enum":
            described.validation_type = "enum"
            described.validation_parameters = {"names": {hostile: hostile}}
    await CatalogClient(client, environment).create(definition(**fields))

    _, page = await request(PAGES[0].format(environment=environment))

    assert len(re.findall("<script", page, re.IGNORECASE)) == 3
    assert len(re.findall("</script", page, re.IGNORECASE)) == 3
    assert "<img" not in page
    assert "<!--" not in page


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_tells_nobody_how_it_was_reached(environment: uuid.UUID, client: Client, path: str) -> None:
    await CatalogClient(client, environment).create(definition())
    server = f"http://127.0.0.1:{Config.get('client_rest_transport', 'port')}"

    answer = await AsyncHTTPClient().fetch(f"{server}{path.format(environment=environment)}")

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


@pytest.mark.xdist_group("browser")
async def test_a_browser_forgets_the_token_of_the_address(environment: uuid.UUID, client: Client, browser: Browser) -> None:
    await CatalogClient(client, environment).create(definition())
    server = f"http://127.0.0.1:{Config.get('client_rest_transport', 'port')}"
    address = f"{server}{PAGES[0].format(environment=environment)}"

    async with visit(browser, f"{address}&token=secret") as visited:
        await visited.page.locator('[data-path="/lsm/v1/service_inventory/vlan"]').first.wait_for()
        shown = await visited.page.evaluate("location.href")

    assert shown == address
    assert visited.errors == []
