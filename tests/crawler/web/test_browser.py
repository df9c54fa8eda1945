"""The pages as a browser takes them, from a real port: an operator's, and a reader's."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from crawler.clock import utc_now
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.access import Scope, scope_needed
from crawler.web.server import serve_pages
from tests.crawler.web.conftest import enter
from tests.crawler.web.material import Archive
from tests.crawler.web.test_pages import FOR_OPERATORS, PAGES, at

Scheme = Literal["dark", "light"]

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

WALK = [*PAGES, *FOR_OPERATORS]
#: What a page is looked at with: a small dark screen, and a wide bright one.
SCREENS: dict[str, tuple[int, int, Scheme]] = {
    "small": (360, 740, "dark"),
    "wide": (1280, 900, "light"),
}

_WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
#: Rules that see what a screen changes; all others judge the document alone, once.
_OF_SCREENS = ["color-contrast", "scrollable-region-focusable", "target-size"]
#: Only what is serious is handed over: all that axe finds is megabytes.
_BARRIERS = """async rules => (await axe.run({
        resultTypes: ["violations"], preload: false, ...(rules.length && {runOnly: rules})}))
    .violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id} ${one.impact} ${one.nodes[0].html.slice(0, 120)}`)"""
#: By which rules each screen is judged; an empty list stands for all. A reader's pages
#: have nothing that an operator's have not, so one screen will do.
LOOKS: dict[Scope, dict[str, list[str] | None]] = {
    Scope.ADMIN: {"small": [], "wide": _OF_SCREENS},
    Scope.READ: {"small": [], "wide": None},
}
#: Where a page's forms and links lead.
_WAYS = """() => [
    ...[...document.forms].flatMap(form => [form, ...form.elements]
        .map(one => one.getAttribute("formaction") ?? (one === form ? form.action : null))
        .filter(place => place !== null)
        .map(place => [form.method.toUpperCase(), new URL(place, document.URL).href])),
    ...[...document.links].filter(link => !link.getAttribute("href").startsWith("#"))
        .map(link => ["GET", link.href])]"""


@dataclass
class Seen:
    """What a browser met on all pages."""

    pages: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    first_focus: set[str] = field(default_factory=set)
    barriers: list[str] = field(default_factory=list)
    ways: set[tuple[str, str]] = field(default_factory=set)


@pytest.fixture(scope="module", params=[Scope.ADMIN, Scope.READ])
async def walker(request: pytest.FixtureRequest) -> Scope:
    """Whose token opens the pages."""
    return Scope(request.param)


@pytest.fixture(scope="module")
async def seen(
    walker: Scope, chromium: Browser, shown: tuple[Service, Archive]
) -> Seen:
    """All pages, each opened once and looked at on every screen."""
    service, archive = shown
    noted, script = Seen(), Axe().axe_script
    async with serve_pages(service, Pulse(ticked_at=utc_now())) as address:
        page = await chromium.new_page()
        await enter(page, address, walker)
        _listen(page, address, noted)
        for path in WALK:
            answer = await page.goto(address + at(path, archive))
            assert answer is not None
            noted.pages += 1
            noted.statuses[path] = answer.status
            noted.ways |= await _ways(page, address)
            await page.evaluate(script)
            for name, rules in LOOKS[walker].items():
                await _look(page, f"{path} {name}", SCREENS[name], rules, noted)
            await page.keyboard.press("Tab")
            noted.first_focus.add(
                await page.evaluate("document.activeElement.getAttribute('href')")
            )
        await page.close()
    return noted


async def _look(
    page: Page,
    name: str,
    screen: tuple[int, int, Scheme],
    rules: list[str] | None,
    noted: Seen,
) -> None:
    width, height, scheme = screen
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme=scheme)
    if rules is not None:
        found = await page.evaluate(_BARRIERS, rules)
        noted.barriers += [f"{name} {one}" for one in found]
    if await page.evaluate(_WIDER):
        noted.too_wide.append(name)


async def _ways(page: Page, address: str) -> set[tuple[str, str]]:
    """Return the methods and paths that a page leads to, of ours."""
    return {
        (method, urlsplit(url).path)
        for method, url in await page.evaluate(_WAYS)
        if url.startswith(f"{address}/")
    }


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


async def test_every_page_opens_to_whom_it_is_for(seen: Seen, walker: Scope) -> None:
    refused = {path for path, status in seen.statuses.items() if status != 200}

    assert refused == (set() if walker is Scope.ADMIN else set(FOR_OPERATORS))
    assert {seen.statuses[path] for path in refused} <= {403}


async def test_no_page_offers_what_is_not_open(seen: Seen, walker: Scope) -> None:
    closed = {
        (method, path)
        for method, path in seen.ways
        if not walker.opens(scope_needed(method, path) or Scope.READ)
    }

    assert ("POST", "/logout") in seen.ways
    assert closed == set()


async def test_no_page_makes_the_browser_complain(seen: Seen, walker: Scope) -> None:
    """A refusal that was walked into on purpose is the browser's only word."""
    refusals = 0 if walker is Scope.ADMIN else len(FOR_OPERATORS)
    word = (
        "Failed to load resource: the server responded with a status of 403 (Forbidden)"
    )

    assert (seen.pages, seen.complaints) == (len(WALK), [word] * refusals)


async def test_no_page_asks_another_origin_for_anything(seen: Seen) -> None:
    assert (seen.pages, seen.elsewhere) == (len(WALK), [])


async def test_no_page_is_wider_than_the_screen(seen: Seen) -> None:
    assert (seen.pages, seen.too_wide) == (len(WALK), [])


async def test_no_page_has_a_barrier_that_axe_finds(seen: Seen) -> None:
    assert (seen.pages, seen.barriers) == (len(WALK), [])


async def test_the_keyboard_meets_the_skip_link_first(seen: Seen) -> None:
    assert seen.first_focus == {"#content"}
