"""Pages on a screen of 360 px: all that they say is on it."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page

from crawler.clock import utc_now
from crawler.config.tree import Source
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.web.access import Scope
from crawler.web.server import serve_pages
from tests.crawler.web.conftest import GIVEN, config_for, enter, give
from tests.crawler.web.material import fill

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

LONG = "The Harbour, Mills and Upper Valleys Courier with its weekly supplement of 1924"
_WIDTH = 360
_WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
#: Cells whose end is beside the screen, by what they say.
_BESIDE = f"""selector => [...document.querySelectorAll(selector)]
    .filter(one => one.getBoundingClientRect().right > {_WIDTH})
    .map(one => one.textContent.trim())"""

#: What has more to show than its room, and would be scrolled.
_CUT = """[...document.querySelectorAll(".wide:has(.rows), pre")]
    .filter(one => one.scrollWidth > one.clientWidth)
    .map(one => one.getAttribute("aria-label"))"""


@pytest.fixture(scope="module")
async def narrow(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Page, str]]:
    """A small screen before a service with a source of a long name, and its address."""
    config = config_for(tmp_path_factory.mktemp("narrow"))
    long = Source(name=LONG.replace(",", ""), home="https://long.example/")
    config = config.model_copy(update={"sources": (*config.sources, long)})
    async with open_service(config) as service:
        await fill(service)
        await give(service, Scope.ADMIN, GIVEN[Scope.ADMIN])
        async with serve_pages(service, Pulse(ticked_at=utc_now())) as address:
            page = await chromium.new_page(viewport={"width": _WIDTH, "height": 740})
            await enter(page, address, Scope.ADMIN)
            yield page, address
            await page.close()


@pytest.mark.parametrize("path", ["/", "/ledger", "/jobs", "/sources"])
async def test_a_long_name_makes_no_page_wider(
    narrow: tuple[Page, str], path: str
) -> None:
    page, address = narrow
    await page.goto(address + path)
    await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = 1)")

    assert await page.evaluate(_WIDER) is False


@pytest.mark.parametrize(
    "path", ["/ledger", "/sources", "/settings", f"/sources/{quote('Harbour Post')}"]
)
async def test_no_cell_of_a_table_is_cut(narrow: tuple[Page, str], path: str) -> None:
    page, address = narrow
    await page.goto(address + path)

    assert await page.locator(".rows td").count() > 0
    assert await page.evaluate(_BESIDE, ".rows td, .rows tbody th") == []


@pytest.mark.parametrize("width", [768, 1024, 1100, 1280])
@pytest.mark.parametrize(
    "path", ["/ledger", "/sources", f"/sources/{quote('Harbour Post')}"]
)
async def test_no_table_goes_on_beside_the_screen(
    narrow: tuple[Page, str], path: str, width: int
) -> None:
    page, address = narrow
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(address + path)

    beside = await page.evaluate(_CUT)
    await page.set_viewport_size({"width": _WIDTH, "height": 740})
    assert beside == []


async def test_on_paper_a_page_is_light_and_has_no_menu_and_no_line_is_cut(
    narrow: tuple[Page, str],
) -> None:
    page, address = narrow
    await page.goto(f"{address}/ledger")
    await page.click("table a[href^='/explain']")
    await page.emulate_media(media="print", color_scheme="dark")

    menu = await page.locator(".top").is_visible()
    cut = await page.evaluate(_CUT)
    paper = await page.evaluate("getComputedStyle(document.documentElement).background")
    await page.emulate_media(media="screen", color_scheme="light")
    assert menu is False
    assert cut == []
    assert "rgb(251, 250, 247)" in paper


async def test_the_last_day_of_the_fields_is_on_the_screen(
    narrow: tuple[Page, str],
) -> None:
    page, address = narrow
    await page.goto(f"{address}/sources/{quote('Harbour Post')}")

    assert await page.locator(".heat tbody td").count() > 0
    assert await page.evaluate(_BESIDE, ".heat tbody td") == []


async def test_the_fields_say_of_which_days_they_are(narrow: tuple[Page, str]) -> None:
    page, address = narrow
    await page.goto(f"{address}/sources/{quote('Harbour Post')}")

    said = await page.locator("p.heat").inner_text()
    assert f"to {utc_now():%Y-%m-%d}, the last day at the end" in said
