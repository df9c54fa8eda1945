"""The pages as a browser takes them, from a real port."""

from dataclasses import dataclass, field

import pytest
from axe_playwright_python.async_playwright import Axe
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
    barriers: list[str] = field(default_factory=list)


#: What a page is looked at with: a small dark screen, and a wide bright one.
SCREENS = {"small": (360, 740, "dark"), "wide": (1280, 900, "light")}


@pytest.fixture(scope="module", params=SCREENS)
async def seen(
    request: pytest.FixtureRequest, chromium: Browser, shown: tuple[Service, Archive]
) -> Seen:
    """All pages, opened by an operator on one screen."""
    service, archive = shown
    width, height, scheme = SCREENS[request.param]
    noted, axe = Seen(), Axe()
    async with serve_pages(service, Pulse(ticked_at=utc_now())) as address:
        page = await chromium.new_page(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        await enter(page, address, Scope.ADMIN)
        _listen(page, address, noted)
        for path in [*PAGES, "/settings"]:
            await page.goto(address + at(path, archive))
            noted.pages += 1
            found = await axe.run(page, options={"resultTypes": ["violations"]})
            noted.barriers += [
                f"{path} {one['id']} {one['impact']} {one['nodes'][0]['html'][:120]}"
                for one in found.response["violations"]
                if one["impact"] in {"serious", "critical"}
            ]
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
    assert (seen.pages, seen.complaints) == (len(PAGES) + 1, [])


async def test_no_page_asks_another_origin_for_anything(seen: Seen) -> None:
    assert (seen.pages, seen.elsewhere) == (len(PAGES) + 1, [])


async def test_no_page_is_wider_than_the_screen(seen: Seen) -> None:
    assert (seen.pages, seen.too_wide) == (len(PAGES) + 1, [])


async def test_no_page_has_a_barrier_that_axe_finds(seen: Seen) -> None:
    assert (seen.pages, seen.barriers) == (len(PAGES) + 1, [])


async def test_the_keyboard_meets_the_skip_link_first(seen: Seen) -> None:
    assert seen.first_focus == {"#content"}
