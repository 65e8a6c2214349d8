"""The pictures of the pages in the documentation: ``python -m demo.screenshots``."""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from inmanta_embedded import EmbeddedError, Orchestrator, Settings
from inmanta_embedded.patience import patient
from inmanta_services import Client, ServicesError
from inmanta_services.lookup import find
from inmanta_services.pages.places import Places
from playwright.async_api import Page, async_playwright

from demo.errors import DemoError
from demo.screen import Screen, output
from demo.story import CUSTOMER, Story

FOLDER = Path(__file__).parents[1] / "docs" / "images"


async def take(link: str, client: Client, folder: Path) -> None:
    """
    Take the pictures.

    :param link: logs in to the pages
    :param client: of the environment of the demo
    :param folder: where the pictures go
    :raises DemoError: when there is no browser
    """
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        raise DemoError("The pictures are taken with Chromium: install the package chromium.")
    places = Places(client.connection.environment)
    order = await find(client, f"{CUSTOMER}/order-1")
    base = "{0.scheme}://{0.netloc}".format(urlsplit(link))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        context = await browser.new_context(viewport={"width": 1000, "height": 760}, color_scheme="light")
        context.set_default_timeout(patient() * 1000)
        page = await context.new_page()
        await page.goto(link)
        await page.goto(f"{base}{places.instance(CUSTOMER, order.id)}")
        await page.get_by_role("tab", name="Lifecycle").click()
        await page.locator("svg.diagram").wait_for()
        await _picture(page, folder / "instance.png")
        await page.emulate_media(color_scheme="dark")
        await page.goto(f"{base}{places.creation(CUSTOMER)}")
        await page.get_by_label("Order id").fill("order-2")
        await page.get_by_label("Customer reference").fill("acme")
        await page.get_by_role("button", name="Add to items").click()
        await page.get_by_label("Name").fill("antenna")
        await page.get_by_label("Description").last.fill("With a mast")
        await _picture(page, folder / "form.png")
        await browser.close()


async def _picture(page: Page, file: Path) -> None:
    """
    Take a picture, without what moves.

    :param page: what to show
    :param file: where the picture goes
    """
    await page.screenshot(path=file, animations="disabled", caret="hide")


async def tell(screen: Screen, orchestrator: Orchestrator) -> None:
    """
    Take both services through their life, and take the pictures.

    :param screen: where it is shown
    :param orchestrator: runs, with its pages
    """
    tale = await Story.begin(screen, orchestrator, patient(180))
    _, order = await tale.create()
    await tale.update(order)
    link = orchestrator.pages_link()
    assert link is not None, "it was started with pages"
    FOLDER.mkdir(parents=True, exist_ok=True)
    await take(link, tale.client, FOLDER)
    screen.say(f"The pictures are in {FOLDER}.")


def main() -> int:
    """
    Make the pictures.

    :return: exit code
    """
    screen = Screen(output())
    with tempfile.TemporaryDirectory(prefix="inmanta-screenshots-") as folder:
        try:
            with Orchestrator(Path(folder) / "orchestrator", Settings(durable=False, pages=True)) as orchestrator:
                asyncio.run(tell(screen, orchestrator))
        except (DemoError, EmbeddedError, ServicesError) as error:
            screen.problem(str(error))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
