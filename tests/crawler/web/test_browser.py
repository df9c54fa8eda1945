"""The pages as a browser takes them, from a real port."""

from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Page

from crawler.pulse import Pulse
from crawler.service import Service, utc_now
from crawler.web.access import Scope
from crawler.web.server import serve_pages
from tests.crawler.web.conftest import enter
from tests.crawler.web.material import Archive
from tests.crawler.web.test_pages import PAGES, at

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

_WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass
class Seen:
    """What a browser met on all pages."""

    pages: int = 0
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    first_focus: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
async def seen(
    chromium: Browser,
    shown: tuple[Service, Archive],
) -> Seen:
    """All pages, opened on a small screen."""
    service, archive = shown
    noted = Seen()
    async with serve_pages(service, Pulse(ticked_at=utc_now())) as address:
        page = await chromium.new_page(
            viewport={"width": 360, "height": 740}, color_scheme="dark"
        )
        await enter(page, address, Scope.READ)
        _listen(page, address, noted)
        for path in PAGES:
            await page.goto(address + at(path, archive))
            noted.pages += 1
            if await page.evaluate(_WIDER):
                noted.too_wide.append(path)
            await page.keyboard.press("Tab")
            noted.first_focus.add(
                await page.evaluate("document.activeElement.getAttribute('href')")
            )
        await page.close()
    return noted


def _listen(page: Page, address: str, noted: Seen) -> None:
    page.on("console", lambda message: noted.complaints.append(message.text))
    page.on("pageerror", lambda error: noted.complaints.append(str(error)))
    page.on("dialog", lambda dialog: noted.complaints.append(dialog.message))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((f"{address}/", "data:"))
            else noted.elsewhere.append(asked.url)
        ),
    )


async def test_no_page_makes_the_browser_complain(seen: Seen) -> None:
    assert (seen.pages, seen.complaints) == (len(PAGES), [])


async def test_no_page_asks_another_origin_for_anything(seen: Seen) -> None:
    assert (seen.pages, seen.elsewhere) == (len(PAGES), [])


async def test_no_page_is_wider_than_a_small_screen(seen: Seen) -> None:
    assert (seen.pages, seen.too_wide) == (len(PAGES), [])


async def test_the_keyboard_meets_the_skip_link_first(seen: Seen) -> None:
    assert seen.first_focus == {"#content"}
